"""A label scheme: which raw emotion belongs to which class, what falls out, and the counts that must come out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from merbench.errors import AnnotationError, EntryError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScheme:
    """A class set under one name.

    `mapping` takes the raw emotion, compared in lower case, to a class; an emotion that it lacks falls out.
    `excluded` names clips that fall out although their emotion is mapped, as ``subject/clip``. `counts` holds, by
    annotation state, the number of clips that literature or the file itself gives for each class, and `subjects` the
    number of subjects that have them. `column` is the column of the table that is mapped, if not the emotion, and
    `column_from` says where it comes from if a table may lack it. `users` says who uses the scheme. A scheme without
    classes is open: `closed` gives it those that a table holds.

    >>> moods = {"happiness": "positive", "disgust": "negative"}
    >>> two = LabelScheme(name="2-class", classes=("negative", "positive"), mapping=moods, source="a choice")
    >>> two.label("01", "EP02_01f", "Happiness"), two.label("01", "EP03_02", "others")
    ('positive', None)
    """

    name: str
    classes: tuple[str, ...]
    mapping: Mapping[str, str]
    source: str
    excluded: frozenset[str] = frozenset()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    column: str = "emotion"
    subjects: Mapping[str, int] = field(default_factory=dict)
    users: str = ""
    column_from: str = ""

    def __post_init__(self) -> None:
        stray = sorted(set(self.mapping.values()) - set(self.classes))
        if stray or len(set(self.classes)) != len(self.classes) or len(self.classes) == 1:
            raise EntryError(
                f"Label scheme {self.name!r}: classes {self.classes} must be at least two or none, differ, "
                f"and hold every mapped class (stray: {', '.join(stray) or 'none'})."
            )

    def closed(self, table: pd.DataFrame) -> LabelScheme:
        """The scheme with the values of its column in a table as classes, sorted; itself if it has classes.

        Raises:
            AnnotationError: if the table lacks the column, or has fewer than two values there.
        """
        if self.classes:
            return self
        found = table[self.column] if self.column in table.columns else ()
        classes = tuple(sorted({str(value).strip().lower() for value in found} - {""}))
        if len(classes) < 2:
            raise AnnotationError(
                f"Label scheme {self.name!r} takes its classes from the column {self.column!r} of the table, which has "
                f"{', '.join(classes) or 'none'} there, but must have two or more; fill it, or choose another --scheme."
            )
        return dataclasses.replace(self, classes=classes, mapping={name: name for name in classes})

    def require_column(self, dataset: str, table: pd.DataFrame) -> None:
        """Refuse a dataset's table that has no such column.

        Raises:
            AnnotationError: saying where the column comes from.
        """
        if self.column not in table.columns:
            origin = self.column_from or "the annotation as distributed"
            raise AnnotationError(
                f"{dataset}: scheme {self.name!r} takes its classes from the column {self.column}, which this "
                f"annotation does not have; it comes from {origin}. Provide that, or choose another --scheme."
            )

    def label(self, subject: str, clip: str, value: str) -> str | None:
        """The class of a clip by the `value` in its column, or None where it falls out of the scheme."""
        if f"{subject}/{clip}" in self.excluded:
            return None
        return self.mapping.get(value.strip().lower())


def counted(
    name: str,
    mapping: Mapping[str, str],
    states: Mapping[str, Mapping[str, int]],
    source: str,
    *,
    subjects: Mapping[str, int] | None = None,
    users: str = "",
    column: str = "emotion",
    column_from: str = "",
) -> LabelScheme:
    """The scheme of a mapping, in its order of classes; `states` has the clips an emotion by annotation state.

    Where `column` is not the emotion, `states` has the clips by what stands there.
    """
    classes = tuple(dict.fromkeys(mapping.values()))
    counts = {
        state: {
            label: sum(clips for emotion, clips in found.items() if mapping.get(emotion) == label) for label in classes
        }
        for state, found in states.items()
    }
    return LabelScheme(
        name=name,
        classes=classes,
        mapping=mapping,
        source=source,
        counts=counts,
        subjects=subjects or {},
        users=users,
        column=column,
        column_from=column_from,
    )
