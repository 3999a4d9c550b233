"""A folder of runs: what each one is, how far it is, and its UF1."""

from __future__ import annotations

from pathlib import Path

from merbench.analysis.tables import Table, label
from merbench.errors import MerbenchError, Unfinished
from merbench.results.run import Run, data_of, protocol_of
from merbench.results.store import Store


def is_shelf(folder: Path) -> bool:
    """Whether a folder holds runs and is none itself."""
    return folder.is_dir() and not Store(folder).exists and any(Store(path).exists for path in folder.iterdir())


def shelf_table(folder: Path) -> Table:
    """A row for each run in a folder, by name, the finished ones with their UF1 under the rule last."""
    return Table(
        title=f"Runs in {folder}",
        columns=("run", "method", "recipe", "task", "seed", "folds", "UF1"),
        rows=tuple(_row(path) for path in sorted(folder.iterdir()) if Store(path).exists),
        text_columns=4,
        notes=("UF1 under the rule last. A run that lacks folds goes on by the command that began it.",),
    )


def _row(path: Path) -> tuple[str, ...]:
    try:
        run = Run.load(path)
    except Unfinished:
        manifest = Store(path).read_manifest()
        lacking, folds = len(Store(path).missing("outer", manifest["folds"])), len(manifest["folds"])
        return (*_facts(path, Run(manifest=manifest, outer=(), inner=())), f"{folds - lacking} of {folds}", "–")
    except MerbenchError as fault:
        return (path.name, f"cannot be read: {fault}", "–", "–", "–", "–", "–")
    return (*_facts(path, run), str(len(run.outer)), f"{run.scores().uf1:.3f}")


def _facts(path: Path, run: Run) -> tuple[str, ...]:
    description = run.manifest["description"]
    task = f"{protocol_of(description)} on {data_of(run.manifest)}, {description['scheme']}"
    return path.name, label(run), run.manifest["recipe"]["name"], task, str(run.seed)
