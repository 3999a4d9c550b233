"""`merbench run`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.cli.options import Plugins, load_plugins, read_data, read_settings
from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.experiment import Experiment
    from merbench.record import Run
    from merbench.running import Prepared


def run(
    method: Annotated[list[str], typer.Option("--method", "-m", help="A method; repeatable. See: merbench list.")],
    protocol: Annotated[str, typer.Option("--protocol", "-p", help="How clips are split.")] = "loso",
    dataset: Annotated[
        list[str] | None, typer.Option("--dataset", "-d", help="A dataset, repeatable; drawn ones without --data.")
    ] = None,
    data: Annotated[
        list[str] | None, typer.Option("--data", metavar="[NAME=]DIR", help="Where a dataset lies; repeatable.")
    ] = None,
    scheme: Annotated[
        str | None, typer.Option(help="The class set; else the protocol's, or the dataset's first.")
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="published or quick; quick on drawn data if not given, else published.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter of method or recipe, dataset.X or protocol.X."),
    ] = None,
    rules: Annotated[
        str | None, typer.Option(help="Which epoch counts: last, inner, oracle; several with commas.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The (first) seed.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="How many runs, with seeds one after the other.")] = 1,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:N or auto.")] = "auto",
    precision: Annotated[str, typer.Option(help="float32, bfloat16, float64 or auto.")] = "auto",
    apex: Annotated[str, typer.Option(help="Clips without a usable apex: middle, spot, drop or error.")] = "middle",
    mends: Annotated[str, typer.Option(help="Mend known bad rows: none or merbench-1; see data check.")] = "none",
    on_error: Annotated[str, typer.Option(help="Clips whose frames cannot be read: stop or skip.")] = "stop",
    alignment: Annotated[
        str, typer.Option(help="How faces are cut out: as distributed, dlib-68 or dlib-68-ststnet.")
    ] = "as distributed",
    alignment_fallback: Annotated[
        bool, typer.Option("--alignment-fallback", help="Clips that cannot be aligned stay as distributed.")
    ] = False,
    runs: Annotated[Path, typer.Option(help="The folder under which records are kept.")] = Path("runs"),
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
