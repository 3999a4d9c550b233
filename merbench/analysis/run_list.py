"""A folder of runs: what each one is, how many folds it has, and its score."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from merbench.analysis.table import Table
from merbench.errors import MerbenchError, Unfinished
from merbench.kind_names import MULTI_NAME, SINGLE_NAME, KindName
from merbench.results.header import RunHeader
from merbench.results.labels import label
from merbench.results.run import Run, by_group
from merbench.results.store import Store
from merbench.task_kinds import MULTI_LABEL, SINGLE_LABEL


def is_run_list(folder: Path) -> bool:
    """Whether a folder holds runs and is none itself."""
    return folder.is_dir() and not Store(folder).exists and any(Store(path).exists for path in folder.iterdir())


def run_list_table(folder: Path) -> Table:
    """A row for each run in a folder, by name, the finished ones with the score that ranks, under the rule last."""
    kinds: set[KindName] = set()
    rows = tuple(_row(path, kinds) for path in sorted(folder.iterdir()) if Store(path).exists)
    column, score = _score_column(kinds)
    return Table(
        title=f"Runs in {folder}",
        columns=("run", "method", "recipe", "task", "seed", "folds", column),
        rows=rows,
        text_columns=4,
        minor=("recipe", "seed"),
        notes=(f"{score} under the rule last. A run that lacks folds goes on by the command that began it.",),
    )


def overview(runs: Sequence[Run]) -> Table:
    """A row for each group of runs that differ in their seed alone, with the mean score under the rule last."""
    rows = []
    for group in by_group(runs).values():
        first = group[0]
        scores = [run.scores().headline for run in group]
        seeds = ", ".join(str(run.seed) for run in group)
        rows.append((label(first.header), _task(first.header), seeds, f"{sum(scores) / len(scores):.3f}"))
    column, score = _score_column({run.kind.name for run in runs})
    return Table(
        title="All runs",
        columns=("method", "task", "seeds", column),
        rows=tuple(rows),
        text_columns=3,
        notes=(f"{score} under the rule last, the mean over seeds. Scores of different tasks are not to be compared.",),
    )


def _score_column(kinds: Collection[KindName]) -> tuple[str, str]:
    """The column of the score that ranks runs of those kinds of task, and what it holds."""
    if MULTI_NAME not in kinds:
        return SINGLE_LABEL.headline_shown, SINGLE_LABEL.headline_shown
    if SINGLE_NAME not in kinds:
        return MULTI_LABEL.headline_shown, MULTI_LABEL.headline_shown
    return "score", f"UF1, or {MULTI_LABEL.headline_shown} of multi-label tasks,"


def _row(path: Path, kinds: set[KindName]) -> tuple[str, ...]:
    try:
        run = Run.load(path)
    except Unfinished:
        header = Store(path).read_header()
        missing, folds = len(Store(path).missing("outer", header.folds)), len(header.folds)
        return (*_facts(path, header), f"{folds - missing} of {folds}", "–")
    except MerbenchError as fault:
        return (path.name, f"cannot be read: {fault}", "–", "–", "–", "–", "–")
    kinds.add(run.kind.name)
    return (*_facts(path, run.header), str(len(run.outer)), f"{run.scores().headline:.3f}")


def _facts(path: Path, header: RunHeader) -> tuple[str, ...]:
    return path.name, label(header), header.recipe.name, _task(header), str(header.seed)


def _task(header: RunHeader) -> str:
    return f"{header.description.protocol_label} on {header.data}, {header.description.scheme}"
