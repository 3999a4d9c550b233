"""The table of methods with their scores on a leaderboard's tasks, inside a guide between two markers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from merbench.analysis.markdown_block import placed
from merbench.analysis.method_table import methods_table
from merbench.analysis.render import markdown_rows, markdown_text
from merbench.leaderboard.cards import card
from merbench.leaderboard.columns import Row, rows_of
from merbench.leaderboard.markdown import by_task, heading
from merbench.leaderboard.network_sizes import network_sizes
from merbench.leaderboard.ranking import ranking
from merbench.plural import plural
from merbench.results.record import RunRecord

_COLUMNS = ("95 % interval", "± seeds", "seeds", "optimism", "minutes", "device")


def with_table(path: Path, records: Sequence[RunRecord]) -> str:
    """The text of a markdown file with the table between its markers generated anew; the rest is unchanged.

    Raises:
        UsageError: for a file without such markers.
    """
    overview = methods_table()
    rows = [[_linked(path, row[0]), *map(markdown_text, row[1:])] for row in overview.rows]
    notes = " ".join(overview.notes)
    table = f"{markdown_rows(overview.columns, rows, overview.text_columns)}\n{notes}\n{_scores(path, records)}"
    return placed(table, path, "methods")


def _linked(path: Path, name: str) -> str:
    place = card(path.parent, name)
    return markdown_text(name) if place is None else f"[{markdown_text(name)}]({place})"


def _scores(path: Path, records: Sequence[RunRecord]) -> str:
    sections = []
    for task, groups in by_task(records).items():
        task_ranking = ranking(groups)
        first = groups[0].first
        rows = [_cells(path, row) for row in rows_of(task_ranking)]
        sized = network_sizes([row.group for row in task_ranking.rows])
        synthetic_note = "The faces are synthetic. " if first.synthetic else ""
        sections.append(
            "\n### "
            f"{markdown_text(heading(task, task_ranking.leaky))}\n\n{synthetic_note}{plural(first.clips, 'clip')}, "
            f"{plural(first.subjects, 'subject')}; under the rule last.\n\n"
            f"{markdown_rows(('method', task_ranking.kind.headline_shown, *_COLUMNS), rows, 1)}"
            + (f"\n{markdown_text(sized)}\n" if sized else "")
        )
    return "".join(sections)


def _cells(path: Path, row: Row) -> list[str]:
    unchanged = row.name in (row.method, f"{row.method} ({row.recipe})")
    place = card(path.parent, row.method) if unchanged else None
    name = markdown_text(row.name) if place is None else f"[{markdown_text(row.name)}]({place})"
    return [
        f"{name} {row.mark}".strip(),
        row.headline,
        row.interval,
        row.spread,
        row.seeds,
        row.optimism,
        row.minutes,
        markdown_text(row.device),
    ]
