"""Corrections: known bad cells of an annotation table, and what each should be; applied only by a named revision."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from merbench.annotations.cells import cell_text
from merbench.errors import UsageError
from merbench.spec import Corrections

if TYPE_CHECKING:
    import pandas as pd

Field = Literal["onset", "apex", "offset", "emotion"]
#: A later revision holds the corrections of those before it.
Revision: TypeAlias = Corrections
REVISIONS: tuple[Revision, ...] = get_args(Revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A known error in one cell of a dataset's annotation, and its correction.

    A cell that is not `old` is left alone: copies circulate that are corrected already.

    >>> str(Correction(clip="028/028_4_1", field="apex", old="1143", new="1113", why="after the offset",
    ...                source="public code"))
    '028/028_4_1: apex 1143 -> 1113 (after the offset; public code)'
    """

    #: The clip, as ``subject/clip``.
    clip: str
    #: The column of the cell.
    field: Field
    #: The wrong cell as text, empty where nothing is annotated; None where no file was at hand to read it in: whatever
    #: the cell holds is then replaced, if the table has the clip once.
    old: str | None
    #: The right cell as text: a frame number, or an emotion.
    new: str
    #: What is wrong, in a few words.
    why: str
    #: The publication or code that says so.
    source: str
    #: The annotated onset, which tells apart the expressions of one recording; None where there is one.
    onset: int | None = None
    #: The first revision that has the correction; later ones have it too.
    since: Revision = "merbench-1"

    def __str__(self) -> str:
        old = "(any)" if self.old is None else self.old or "missing"
        return f"{self.clip}: {self.field} {old} -> {self.new} ({self.why}; {self.source})"


def read_revision(text: str) -> Revision:
    """The revision of that name.

    Raises:
        UsageError: if there is none.
    """
    for revision in REVISIONS:
        if revision == text:
            return revision
    raise UsageError(f"corrections={text} is not possible: it must be one of {', '.join(REVISIONS)}.")


def apply_corrections(
    table: pd.DataFrame, known: Sequence[Correction], revision: Revision
) -> tuple[pd.DataFrame, tuple[Correction, ...]]:
    """The table with the corrections of a revision, and those that applied; the table itself where none does.

    In the corrections that come back, `old` is what was there.
    """
    chosen = [correction for correction in known if REVISIONS.index(correction.since) <= REVISIONS.index(revision)]
    places = [(correction, place) for correction in chosen for place in _places(table, correction)]
    if not places:
        return table, ()
    done = dict.fromkeys(
        dataclasses.replace(correction, old=cell_text(table.loc[at, correction.field])) for correction, at in places
    )
    table = table.copy()
    for correction, place in places:
        table.loc[place, correction.field] = correction.new if correction.field == "emotion" else int(correction.new)
    return table, tuple(done)


def _places(table: pd.DataFrame, correction: Correction) -> list[int]:
    subject, _, clip = correction.clip.rpartition("/")
    rows = (table["subject"].astype(str) == subject) & (table["clip"].astype(str) == clip)
    if correction.onset is not None:
        rows &= table["onset"] == correction.onset
    cells = {place: cell_text(table.loc[place, correction.field]) for place in table.index[rows]}
    if correction.old is None:
        return [place for place, cell in cells.items() if len(cells) == 1 and cell != correction.new]
    return [place for place, cell in cells.items() if cell == correction.old]
