"""The files of a leaderboard's folder, made from what lies in it; nothing is trained."""

from __future__ import annotations

import re
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
from merbench.results.record import Record, read_records


def pages(folder: Path) -> dict[str, str]:
    """The text of every file that is made, by its name; the same bytes for the same records.

    Raises:
        MissingData: if the folder has no results.
        StoreError: for a record that is none, or that does not bear out what it claims.
        DataError: for published numbers that cannot be read.
    """
    records = admitted(folder)
    csv = folder / "published.csv"
    published = read_published(csv) if csv.is_file() else []
    cards = _cards(folder, records)
    made = {"README.md": leaderboard(records, published, cards), "index.html": html(records, published, cards)}
    for task, groups in by_task(records).items():
        found = ranking(groups)
        made[f"plots/{task.id}.svg"] = forest(found, heading(task, found.leaky))
    if published:
        made["published.md"] = published_page(published)
    return made


def left_over(folder: Path, made: Mapping[str, str]) -> list[Path]:
    """Pictures of an earlier making whose tasks are gone; files of other names are somebody's own, and stay."""
    there = sorted((folder / "plots").glob("*.svg"))
    return [path for path in there if re.fullmatch(r"[0-9a-f]{8}", path.stem) and f"plots/{path.name}" not in made]


def admitted(folder: Path) -> list[Record]:
    """The records in a leaderboard's `results/`, each found fit.

    Raises:
        MissingData: if there is no such folder.
        StoreError: for a record that is none, or that does not bear out what it claims.
    """
    results = folder / "results"
    if not results.is_dir():
        raise MissingData(f"{results} does not exist; add a run first: merbench leaderboard add RUN --dir {folder}.")
    records = read_records(results)
    for record in records:
        require_fit(record)
    require_agreement(records)
    return records


def _cards(folder: Path, records: Sequence[Record]) -> dict[str, str]:
    """The address of each method's card, seen from the folder; of those methods that have one beside it."""
    names = sorted({str(record.content["description"]["method"]) for record in records})
    places = {name: card(folder.parent / "methods", name) for name in names}
    return {name: f"../methods/{place}" for name, place in places.items() if place is not None}
