"""The runs of an ablation, and their table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from merbench.analysis.ablation import left_out, read_over, variants
from merbench.analysis.ablation_table import ablation_table
from merbench.analysis.table import Table
from merbench.experiments.events import Observer
from merbench.experiments.executors.request import request
from merbench.experiments.runs import Execution, run_all
from merbench.plural import plural
from merbench.results.run import Run
from merbench.spec import RunSettings, RunSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """The runs of an ablation, by what was changed, and their table."""

    table: Table
    runs: Mapping[str, tuple[Run, ...]]


def ablate_spec(
    spec: RunSpec,
    vary: str,
    *,
    grid: bool,
    seeds: int,
    execution: Execution,
    observers: Callable[[], Observer] = Observer,
    on_note: Callable[[str], None] = lambda note: None,
) -> Ablation:
    """The runs of a specification with components or parameters exchanged, as `vary` says, and their table.

    `on_note` is called with a line on what is ahead, run by run.

    Raises:
        MerbenchError: for names, settings, data or folders that cannot be used.
    """
    runs = run_variants(varied_specs(spec, vary, grid=grid, on_note=on_note), seeds, execution, observers, on_note)
    return Ablation(table=ablation_table(list(runs.items())), runs=runs)


def varied_specs(spec: RunSpec, vary: str, *, grid: bool, on_note: Callable[[str], None]) -> dict[str, RunSpec]:
    """The specification of each setting of an ablation, by its label.

    Raises:
        MerbenchError: for names, settings, data or folders that cannot be used.
    """
    own = request(spec).experiment()
    varied = read_over(vary, own)
    compared = variants(varied, own, grid=grid)
    if grid and (repeated := left_out(varied, compared)):
        on_note(f"{repeated} combinations left out: what they change has no effect there")
    settings = {each.label: spec.settings.updated(RunSettings.parse(each.changed)) for each in compared}
    return {label: dataclasses.replace(spec, settings=changed) for label, changed in settings.items()}


def run_variants(
    specs: Mapping[str, RunSpec],
    seeds: int,
    execution: Execution,
    observers: Callable[[], Observer],
    on_note: Callable[[str], None],
) -> dict[str, tuple[Run, ...]]:
    """The runs of every labelled specification, `seeds` of each from its own seed on, by label."""
    ahead = [
        (label, dataclasses.replace(spec, seed=seed))
        for label, spec in specs.items()
        for seed in range(spec.seed, spec.seed + seeds)
    ]
    on_note(f"{plural(len(specs), 'setting')}, {plural(len(ahead), 'run')}")
    runs: dict[str, list[Run]] = {label: [] for label in specs}
    names = iter(enumerate(ahead, start=1))

    def observer() -> Observer:
        number, (label, spec) = next(names)
        on_note(f"\nrun {number} of {len(ahead)}: {label}, seed {spec.seed}")
        return observers()

    for (label, _), finished in zip(ahead, run_all([spec for _, spec in ahead], execution, observer), strict=True):
        runs[label].append(finished.run)
    return {label: tuple(same) for label, same in runs.items()}
