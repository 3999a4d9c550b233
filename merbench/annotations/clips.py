"""A clip, and the table of clips that an annotation file holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from merbench.annotations.cells import cell_text
from merbench.errors import AnnotationError, UnknownMoment, UsageError

if TYPE_CHECKING:
    import pandas as pd

#: What every annotation table has: one row a clip. `apex` is missing where none was annotated, `onset` and `offset`
#: where they are unknown, as of flow that was computed elsewhere.
COLUMNS = ("subject", "clip", "onset", "apex", "offset", "emotion", "action_units", "fps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One micro-expression: frames `onset`..`offset` inclusive, numbered as annotated.

    The identity (`key`) is dataset, subject, name and onset: clip names repeat between subjects, and one recording can
    hold several expressions. An unknown onset is ``-`` there.

    >>> clip = Clip(dataset="casme2", subject="01", name="EP02_01f", onset=46, apex=59, offset=86)
    >>> clip.key, clip.qualified_subject
    ('casme2/01/EP02_01f/46', 'casme2/01')
    >>> Clip(dataset="casme2", subject="01", name="EP02_01f", onset=None, apex=None, offset=None).key
    'casme2/01/EP02_01f/-'
    """

    #: The name of the dataset that the clip belongs to.
    dataset: str
    #: The subject, as the dataset's table spells it.
    subject: str
    #: The clip's name, as the dataset's table spells it.
    name: str
    #: The first frame; None where it is unknown.
    onset: int | None
    #: The frame of the strongest expression; None where none was annotated.
    apex: int | None
    #: The last frame, inclusive; None where it is unknown.
    offset: int | None
    #: Frames by which a method sees onset and apex moved, on purpose; what is annotated, and so the key, stays.
    shifts: tuple[int, int] = (0, 0)

    @property
    def qualified_subject(self) -> str:
        """The subject's id with its dataset before it: ids such as ``01`` repeat between datasets."""
        return f"{self.dataset}/{self.subject}"

    @property
    def key(self) -> str:
        """The identity as text: ``casme2/01/EP02_01f/46``."""
        return f"{self.qualified_subject}/{self.name}/{moment_text(self.onset)}"

    @property
    def has_range(self) -> bool:
        """Whether both onset and offset are known."""
        return self.onset is not None and self.offset is not None

    @property
    def range(self) -> range:
        """The frame numbers from onset to offset; empty where the offset lies before the onset.

        Raises:
            UnknownMoment: if onset or offset is unknown.
        """
        return range(self._annotated("onset"), self._annotated("offset") + 1)

    @property
    def middle(self) -> int:
        """The number of the frame in the middle of what a method sees, rounded down.

        Raises:
            UnknownMoment: if onset or offset is unknown.
        """
        return (self.moment("onset") + self.moment("offset")) // 2

    @property
    def reversed(self) -> bool:
        """Whether the offset lies before the onset, both being known."""
        return self.onset is not None and self.offset is not None and self.onset > self.offset

    @property
    def apex_within(self) -> bool:
        """Whether an apex is annotated that does not lie outside what is known of onset and offset."""
        return (
            self.apex is not None
            and (self.onset is None or self.onset <= self.apex)
            and (self.offset is None or self.apex <= self.offset)
        )

    def moment(self, name: Literal["onset", "apex", "offset"]) -> int:
        """The frame number of a moment as a method sees it: as annotated, unless it is moved on purpose.

        Raises:
            UnknownMoment: if it is unknown.
        """
        return self._annotated(name) + {"onset": self.shifts[0], "apex": self.shifts[1], "offset": 0}[name]

    def _annotated(self, name: Literal["onset", "apex", "offset"]) -> int:
        number = {"onset": self.onset, "apex": self.apex, "offset": self.offset}[name]
        if number is None:
            if name == "apex" and self.has_range:
                raise UnknownMoment(f"{self}: it has no apex; choose --apex middle or --apex drop.")
            raise UnknownMoment(f"{self}: its {name} is unknown; give it in the table.")
        return number

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """The content of one annotation file: a table with one row a clip, and the state of the file.

    Raises:
        AnnotationError: if the table lacks one of `COLUMNS`.

    >>> import pandas as pd
    >>> row = {"subject": "s1", "clip": "a", "onset": 3, "apex": 5, "offset": 8, "emotion": "disgust",
    ...        "action_units": "4+7", "fps": 100.0}
    >>> annotations = Annotations(table=pd.DataFrame([row]), state="2026")
    >>> len(annotations.table), annotations.state, annotations.notes
    (1, '2026', ())
    """

    #: One row a clip, with `COLUMNS`: frame numbers as annotated, missing where they are unknown, `fps` in frames a
    #: second, `action_units` in the plain notation. Further columns: ``dataset`` where clips are of other datasets than
    #: the adapter's own, ``split`` for the part of a fixed split, and what the database adds.
    table: pd.DataFrame
    #: The published state of the file that the table is, such as ``2019``; ``unrecognised`` where it is none.
    state: str
    #: Sentences for the user, such as about cells that are odd and stay as they are.
    notes: tuple[str, ...] = ()
    #: Sentences about cells that were corrected, one each.
    corrected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lacking = [column for column in COLUMNS if column not in self.table.columns]
        if lacking:
            raise AnnotationError(
                f"The annotation table lacks the columns {', '.join(lacking)}; a table has {COLUMNS}."
            )


def require_cells(dataset: str, table: pd.DataFrame) -> None:
    """Refuse a table, such as of a plugin, with a clip that has no name, or a frame number that is none.

    Raises:
        AnnotationError: naming the first such row.
    """
    for column in ("subject", "clip"):
        for place, text in enumerate(map(cell_text, table[column]), start=1):
            if not text:
                raise AnnotationError(f"{dataset}: row {place} has no {column}; a clip must have a subject and a name.")
    for column in ("onset", "apex", "offset"):
        for place, text in enumerate(map(cell_text, table[column]), start=1):
            if text and not (text.isascii() and text.isdigit()):
                raise AnnotationError(
                    f"{dataset}: row {place} has the {column} {text!r}, but it must be a whole number of 0 or more, or "
                    "missing."
                )


def require_name(name: str, what: str) -> None:
    """Refuse a name that cannot be part of a clip's key.

    Raises:
        UsageError: for an empty name, a slash or a control character.
    """
    if not name.strip() or any(character in "/\\" or ord(character) < 32 for character in name):
        raise UsageError(f"{what} {name!r} is not possible: a name has no slashes and no line breaks; write another.")


def subject_of(key: str) -> str:
    """The qualified subject that a clip key begins with.

    >>> subject_of("casme2/01/EP02_01f/46"), subject_of("manifest/samm/006/006_1_2/562")
    ('casme2/01', 'manifest/samm/006')
    """
    return key.rsplit("/", 2)[0]


def clip_of(dataset: str, row: pd.Series) -> Clip:
    """The clip that one row of an annotation table describes, of `dataset` unless a column of the row names another."""
    return Clip(
        dataset=str(row.get("dataset", dataset)),
        subject=str(row["subject"]),
        name=str(row["clip"]),
        onset=known_moment(row["onset"]),
        apex=known_moment(row["apex"]),
        offset=known_moment(row["offset"]),
    )


def known_moment(cell: Any) -> int | None:
    """The frame number in a cell of a table; None where it is missing, and so unknown."""
    return int(cell) if cell_text(cell) else None


def moment_text(number: int | None) -> str:
    """A frame number as text; ``-`` where it is unknown."""
    return "-" if number is None else str(number)


def moment_column(numbers: Sequence[int | None]) -> Any:
    """Frame numbers as a table holds them: whole numbers, of pandas' nullable kind where some are unknown."""
    import pandas as pd

    return pd.array(list(numbers), dtype="Int64") if None in numbers else list(numbers)
