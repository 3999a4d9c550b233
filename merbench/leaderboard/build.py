"""The files of a leaderboard's folder, generated from its records; nothing is trained."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from merbench.errors import MissingData
from merbench.leaderboard.admission import require_agreement, require_fit
from merbench.leaderboard.cards import card
from merbench.leaderboard.html import html
from merbench.leaderboard.markdown import by_task, heading, leaderboard
from merbench.leaderboard.plots import forest
from merbench.leaderboard.published import page as published_page
from merbench.leaderboard.published import read_published
from merbench.leaderboard.ranking import ranking
from merbench.results.loading import load_records
from merbench.results.record import RunRecord


def pages(folder: Path) -> dict[str, str]:
    """The text of every generated file, by its name; the same bytes for the same records.

    Raises:
        MissingData: if the folder has no results.
        StoreError: for a record that is none, or that does not support what it claims.
        DataError: for published numbers that cannot be read.
    """
    records = admitted(folder)
    csv = folder / "published.csv"
    published = read_published(csv) if csv.is_file() else []
    cards = _cards(folder, records)
    contents = {"README.md": leaderboard(records, published, cards), "index.html": html(records, published, cards)}
    for task, groups in by_task(records).items():
        task_ranking = ranking(groups)
        contents[f"plots/{task.id}.svg"] = forest(task_ranking, heading(task, task_ranking.leaky))
    if published:
        contents["published.md"] = published_page(published)
    return contents


def left_over(folder: Path, contents: Mapping[str, str]) -> list[Path]:
    """Pictures of an earlier build whose tasks are gone; files of other names are somebody's own, and stay."""
    there = sorted((folder / "plots").glob("*.svg"))
    return [path for path in there if re.fullmatch(r"[0-9a-f]{8}", path.stem) and f"plots/{path.name}" not in contents]


def admitted(folder: Path) -> list[RunRecord]:
    """The records in a leaderboard's `results/`, each admitted.

    Raises:
        MissingData: if there is no such folder.
        StoreError: for a record that is none, or that does not support what it claims.
    """
    results = folder / "results"
    if not results.is_dir():
        place = shlex.quote(str(folder))
        raise MissingData(f"{results} does not exist; add a run first: merbench leaderboard add RUN --dir {place}")
    records = load_records(results)
    for record in records:
        require_fit(record)
    require_agreement(records)
    return records


def _cards(folder: Path, records: Sequence[RunRecord]) -> dict[str, str]:
    """The address of each method's card, seen from the folder; of those methods that have one beside it."""
    names = sorted({record.method for record in records})
    places = {name: card(folder.parent / "methods", name) for name in names}
    return {name: f"../methods/{place}" for name, place in places.items() if place is not None}
