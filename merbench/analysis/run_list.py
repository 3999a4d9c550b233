"""A folder of runs: what each one is, how many folds it has, and its UF1."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from merbench.analysis.table import Table
from merbench.errors import MerbenchError, Unfinished
from merbench.results.header import RunHeader
from merbench.results.labels import label
from merbench.results.run import Run, by_group
from merbench.results.store import Store


def is_run_list(folder: Path) -> bool:
    """Whether a folder holds runs and is none itself."""
    return folder.is_dir() and not Store(folder).exists and any(Store(path).exists for path in folder.iterdir())


def run_list_table(folder: Path) -> Table:
    """A row for each run in a folder, by name, the finished ones with their UF1 under the rule last."""
    return Table(
        title=f"Runs in {folder}",
        columns=("run", "method", "recipe", "task", "seed", "folds", "UF1"),
        rows=tuple(_row(path) for path in sorted(folder.iterdir()) if Store(path).exists),
        text_columns=4,
        minor=("recipe", "seed"),
        notes=("UF1 under the rule last. A run that lacks folds goes on by the command that began it.",),
    )


def overview(runs: Sequence[Run]) -> Table:
    """A row for each group of runs that differ in their seed alone, with the mean of their UF1 under the rule last."""
    rows = []
    for group in by_group(runs).values():
        first = group[0]
        scores = [run.scores().uf1 for run in group]
        seeds = ", ".join(str(run.seed) for run in group)
        rows.append((label(first.header), _task(first.header), seeds, f"{sum(scores) / len(scores):.3f}"))
    return Table(
        title="All runs",
        columns=("method", "task", "seeds", "UF1"),
        rows=tuple(rows),
        text_columns=3,
        notes=("UF1 under the rule last, the mean over seeds. Scores of different tasks are not to be compared.",),
    )


def _row(path: Path) -> tuple[str, ...]:
    try:
        run = Run.load(path)
    except Unfinished:
        header = Store(path).read_header()
        missing, folds = len(Store(path).missing("outer", header.folds)), len(header.folds)
        return (*_facts(path, header), f"{folds - missing} of {folds}", "–")
    except MerbenchError as fault:
        return (path.name, f"cannot be read: {fault}", "–", "–", "–", "–", "–")
    return (*_facts(path, run.header), str(len(run.outer)), f"{run.scores().uf1:.3f}")


def _facts(path: Path, header: RunHeader) -> tuple[str, ...]:
    return path.name, label(header), header.recipe.name, _task(header), str(header.seed)


def _task(header: RunHeader) -> str:
    return f"{header.description.protocol_label} on {header.data}, {header.description.scheme}"
