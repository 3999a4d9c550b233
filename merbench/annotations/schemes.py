"""A label scheme: which raw emotion belongs to which class, what falls out, and the counts that must come out."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from merbench.errors import AnnotationError, EntryError
from merbench.kind_names import SINGLE_NAME, KindName

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
    >>> two = LabelScheme(name="2-class", classes=("negative", "positive"), mapping=moods, source="chosen here")
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
    kind: ClassVar[KindName] = SINGLE_NAME
    #: The fewest classes, of schemes that have some.
    least: ClassVar[int] = 2

    def __post_init__(self) -> None:
        stray = sorted(set(self.mapping.values()) - set(self.classes))
        if stray or len(set(self.classes)) != len(self.classes) or 0 < len(self.classes) < self.least:
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
        values = table[self.column] if self.column in table.columns else ()
        classes = tuple(sorted({str(value).strip().lower() for value in values} - {""}))
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

    def left_out(self, value: str) -> str:
        """Why a clip with that `value` in its column falls out."""
        return value or f"no {self.column}"


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
            label: sum(clips for emotion, clips in by_value.items() if mapping.get(emotion) == label)
            for label in classes
        }
        for state, by_value in states.items()
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


#: The objective classes sort clips by action units, not by the emotion reported. MEGC 2018 evaluates these five;
#: VI and VII fall out.
EVALUATED_OBJECTIVE_CLASSES = ("I", "II", "III", "IV", "V")
#: By class, its sets of action units. Written down from memory of Davison et al., Objective classes for
#: micro-facial expression recognition, 2018: unverified against the paper.
OBJECTIVE_CLASSES: Mapping[str, tuple[str, ...]] = {
    "I": ("6", "12", "6+12", "6+7+12", "7+12"),
    "II": ("1+2", "5", "25", "1+2+25", "25+26", "5+24"),
    "III": ("23", "4", "4+7", "4+5", "4+5+7", "17+24", "4+6+7", "4+38"),
    "IV": ("10", "9", "4+9", "4+40", "4+5+40", "4+7+9", "4+9+17", "4+7+10", "4+5+7+9", "7+10"),
    "V": ("1", "15", "1+4", "6+15", "15+17"),
    "VI": ("1+2+4", "20"),
}
_OBJECTIVE_CLASS_OF = {
    frozenset(map(int, units.split("+"))): name for name, every in OBJECTIVE_CLASSES.items() for units in every
}


def objective_class(numbers: Collection[int]) -> str:
    """The objective class of a set of action units: ``I`` to ``VI`` by `OBJECTIVE_CLASSES`, else ``VII``.

    Sides and intensities do not count. This is for synthetic clips: a real database comes with a column of classes,
    which departs from the rules.

    >>> objective_class([12, 6]), objective_class([14])
    ('I', 'VII')
    """
    return _OBJECTIVE_CLASS_OF.get(frozenset(numbers), "VII")
