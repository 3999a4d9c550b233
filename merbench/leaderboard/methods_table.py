"""The table of methods with their scores on a leaderboard's tasks, kept inside a guide between two marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from merbench.analysis.markdown_block import placed
from merbench.analysis.method_table import methods_table
from merbench.analysis.render import markdown_rows, markdown_text
from merbench.leaderboard.cards import card
from merbench.leaderboard.columns import Row, rows_of
from merbench.leaderboard.markdown import by_task, heading
from merbench.leaderboard.ranking import ranking
from merbench.results.record import Record

_COLUMNS = ("method", "UF1", "95 % interval", "± seeds", "seeds", "optimism", "minutes", "device")


def with_table(path: Path, records: Sequence[Record]) -> str:
    """The text of a markdown file with the table between its marks made anew; the rest stays as it is.

    Raises:
        UsageError: for a file without such marks.
    """
    overview = methods_table()
    rows = [[_linked(path, row[0]), *map(markdown_text, row[1:])] for row in overview.rows]
    notes = " ".join(overview.notes)
    table = f"{markdown_rows(overview.columns, rows, overview.text_columns)}\n{notes}\n{_scores(path, records)}"
    return placed(table, path, "methods")


def _linked(path: Path, name: str) -> str:
    place = card(path.parent, name)
    return markdown_text(name) if place is None else f"[{markdown_text(name)}]({place})"


def _scores(path: Path, records: Sequence[Record]) -> str:
    sections = []
    for task, groups in by_task(records).items():
        found = ranking(groups)
        content: Mapping[str, object] = groups[0].content
        rows = [_cells(path, row) for row in rows_of(found)]
        drawn = "The faces are drawn by code. " if content["drawn"] else ""
        sections.append(
            f"\n### {markdown_text(heading(task, found.leaky))}\n\n{drawn}{content['clips']} clips, "
            f"{content['subjects']} subjects; under the rule last; the quick recipes unless said.\n\n"
            f"{markdown_rows(_COLUMNS, rows, 1)}"
        )
    return "".join(sections)


def _cells(path: Path, row: Row) -> list[str]:
    name = _linked(path, row.name) if row.method == row.name else markdown_text(row.name)
    return [
        f"{name} {row.mark}".strip(),
        row.uf1,
        row.interval,
        row.spread,
        row.seeds,
        row.optimism,
        row.minutes,
        markdown_text(row.device),
    ]
