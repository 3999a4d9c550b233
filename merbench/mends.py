"""Mends: known bad cells of an annotation table, and what each should be; applied only by a named revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from merbench.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

Field = Literal["onset", "apex", "offset", "emotion"]
#: A later revision holds the mends of those before it.
Revision = Literal["none", "merbench-1"]
REVISIONS: tuple[Revision, ...] = get_args(Revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """One line of a dataset's ledger: a cell of `clip` (``subject/clip``) that should be `new` where it is `old`.

    Both are text as the table has it, empty where nothing is annotated. `onset`, as the table has it, tells apart the
    expressions of one recording. A cell that is not `old` is left alone: copies circulate that are mended already.
    """

    clip: str
    field: Field
    old: str
    new: str
    why: str
    source: str
    onset: int | None = None
    since: Revision = "merbench-1"

    def __str__(self) -> str:
        return f"{self.clip}: {self.field} {self.old or 'missing'} -> {self.new} ({self.why}; {self.source})"


def read_revision(text: str) -> Revision:
    """The revision of that name.

    Raises:
        UsageError: if there is none.
    """
    for revision in REVISIONS:
        if revision == text:
            return revision
    raise UsageError(f"mends={text} is not possible: it must be one of {', '.join(REVISIONS)}.")


def mended(table: pd.DataFrame, ledger: Sequence[Mend], revision: Revision) -> tuple[pd.DataFrame, tuple[Mend, ...]]:
    """The table with what a revision mends of it, and those mends; the table itself where there are none."""
    chosen = [mend for mend in ledger if REVISIONS.index(mend.since) <= REVISIONS.index(revision)]
    places = [(mend, place) for mend in chosen for place in _places(table, mend)]
    if not places:
        return table, ()
    table = table.copy()
    for mend, place in places:
        table.loc[place, mend.field] = mend.new if mend.field == "emotion" else int(mend.new)
    return table, tuple(dict.fromkeys(mend for mend, _ in places))


def _places(table: pd.DataFrame, mend: Mend) -> list[int]:
    subject, _, clip = mend.clip.rpartition("/")
    rows = (table["subject"].astype(str) == subject) & (table["clip"].astype(str) == clip)
    if mend.onset is not None:
        rows &= table["onset"] == mend.onset
    return [place for place in table.index[rows] if _text(table.loc[place, mend.field]) == mend.old]


def _text(cell: object) -> str:
    return "" if str(cell) in ("<NA>", "nan", "None") else str(cell)
