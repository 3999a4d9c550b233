"""Mends: known bad cells of an annotation table, and what each should be; applied only by a named revision."""

from __future__ import annotations

import dataclasses
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
    `old` is None where no file was at hand to read it in; then whatever is there becomes `new`, of a clip that is in
    the table once.
    """

    clip: str
    field: Field
    old: str | None
    new: str
    why: str
    source: str
    onset: int | None = None
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
    raise UsageError(f"mends={text} is not possible: it must be one of {', '.join(REVISIONS)}.")


def mended(table: pd.DataFrame, ledger: Sequence[Mend], revision: Revision) -> tuple[pd.DataFrame, tuple[Mend, ...]]:
    """The table with what a revision mends of it, and those mends; the table itself where there are none.

    In the mends that come back, `old` is what was there.
    """
    chosen = [mend for mend in ledger if REVISIONS.index(mend.since) <= REVISIONS.index(revision)]
    places = [(mend, place) for mend in chosen for place in _places(table, mend)]
    if not places:
        return table, ()
    done = dict.fromkeys(dataclasses.replace(mend, old=_text(table.loc[at, mend.field])) for mend, at in places)
    table = table.copy()
    for mend, place in places:
        table.loc[place, mend.field] = mend.new if mend.field == "emotion" else int(mend.new)
    return table, tuple(done)


def _places(table: pd.DataFrame, mend: Mend) -> list[int]:
    subject, _, clip = mend.clip.rpartition("/")
    rows = (table["subject"].astype(str) == subject) & (table["clip"].astype(str) == clip)
    if mend.onset is not None:
        rows &= table["onset"] == mend.onset
    cells = {place: _text(table.loc[place, mend.field]) for place in table.index[rows]}
    if mend.old is None:
        return [place for place, cell in cells.items() if len(cells) == 1 and cell != mend.new]
    return [place for place, cell in cells.items() if cell == mend.old]


def _text(cell: object) -> str:
    return "" if str(cell) in ("<NA>", "nan", "None") else str(cell)
