"""`merbench run`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.cli.options import (
    AlignmentFallback,
    AlignmentName,
    Apex,
    DataFolders,
    DatasetNames,
    Device,
    MendsRevision,
    OnError,
    Packing,
    Plugins,
    Precision,
    ProtocolName,
    RecipeName,
    RunsFolder,
    SchemeName,
    Seed,
    Seeds,
    Settings,
    load_plugins,
    read_data,
    read_settings,
)
from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.experiment import Experiment
    from merbench.record import Run
    from merbench.running import Prepared


def run(
    method: Annotated[
        list[str], typer.Option("--method", "-m", metavar="NAME", help="A method; repeatable. See: merbench list.")
    ],
    protocol: ProtocolName = "loso",
    dataset: DatasetNames = None,
    data: DataFolders = None,
    scheme: SchemeName = None,
    recipe: RecipeName = None,
    set_: Settings = None,
    rules: Annotated[
        str | None, typer.Option(help="Which epoch counts: last, inner, oracle; several with commas.")
    ] = None,
    seed: Seed = 0,
    seeds: Seeds = 1,
    device: Device = "auto",
    precision: Precision = "auto",
    packing: Packing = "auto",
    apex: Apex = "middle",
    mends: MendsRevision = "none",
    on_error: OnError = "stop",
    alignment: AlignmentName = "as distributed",
    alignment_fallback: AlignmentFallback = False,
    runs: RunsFolder = Path("runs"),
    out: Annotated[Path | None, typer.Option(help="The record's own folder, for a single run.")] = None,
    plugin: Plugins = None,
) -> None:
    """Train and test methods under a protocol; run the same command again to go on where it stopped."""
    from merbench.experiment import resolve

    load_plugins(plugin)
    if out is not None and len(method) * seeds > 1:
        raise UsageError("--out names the folder of one run; with several methods or seeds use --runs DIR.")
    experiments = [
        resolve(
            name,
            protocol=protocol,
            dataset=dataset,
            data=read_data(data),
            recipe=recipe,
            settings=read_settings(set_),
            scheme=scheme,
            apex=apex,
            mends=mends,
            on_error=on_error,
            seed=seed + turn,
            rules=rules,
            device=device,
            precision=precision,
            packing=packing,
            alignment=alignment,
            alignment_fallback=alignment_fallback,
        )
        for name in method
        for turn in range(seeds)
    ]
    _carry_out(experiments, runs, out)


def _carry_out(experiments: Sequence[Experiment], runs: Path, out: Path | None) -> None:
    from merbench.cli.progress import observer
    from merbench.running import carry_out, controls, prepare

    done = []
    prepared: Prepared | None = None
    for experiment in experiments:
        display = observer()
        try:
            prepared = prepare(experiment, display)
            done.append(carry_out(prepared, out=out, runs=runs, observer=display))
        finally:
            display.close()
    if prepared is not None:
        longest = max(len(run.curve) for run in done)
        named = {run.method for run in done}
        beside = [control for control in controls(prepared, longest) if control.method not in named]
        report(done, beside)


def report(done: Sequence[Run], beside: Sequence[Run]) -> None:
    """Print the tables of finished runs, with controls beside them, and where the records lie."""
    from merbench.cli.tables import print_table
    from merbench.record import by_group
    from merbench.summary import class_table, part_table, score_table

    print_table(score_table([*done, *beside]))
    if done[0].parts:
        print_table(part_table([*done, *beside]))
    for group in by_group(done).values():
        if group[0].method not in {run.method for run in beside}:
            print_table(class_table(group))
    for run in done:
        typer.echo(f"record: {run.path}")
