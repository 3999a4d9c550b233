"""`merbench tune`."""

from __future__ import annotations

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
    ExecutorName,
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
    Settings,
    Workers,
    load_plugins,
    read_data,
    read_settings,
)

if TYPE_CHECKING:
    from merbench.experiments.executors.request import Request
    from merbench.tuning.plan import Plan


def tune(
    method: Annotated[str, typer.Option("--method", "-m", metavar="NAME", help="A method. See: merbench list.")],
    trials: Annotated[int, typer.Option(help="Trials of each study.")] = 40,
    nested: Annotated[
        bool,
        typer.Option(
            "--nested/--flat",
            help="A study for each outer fold on its training subjects, or one for all: cheap, never ranked.",
        ),
    ] = True,
    time: Annotated[float | None, typer.Option(metavar="MINUTES", help="Most minutes of training a study.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Most epochs of training a study, over all trials.")] = None,
    space: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="What is searched, where it is not the default.")
    ] = None,
    sampler: Annotated[str, typer.Option(help="tpe, random, gp or cmaes.")] = "tpe",
    pruner: Annotated[str, typer.Option(help="none, wilcoxon, hyperband or median.")] = "none",
    inner: Annotated[int, typer.Option(help="Inner folds, subjects apart.")] = 3,
    everyone: Annotated[
        bool, typer.Option("--all/--no-all", help="One more study of all subjects, for other data.")
    ] = True,
    storage: Annotated[
        str, typer.Option(help="Where studies are kept: sqlite, journal (network file systems) or a database URL.")
    ] = "sqlite",
    heartbeat: Annotated[
        int, typer.Option(help="Seconds between signs of life; four missed, and a trial is done again.")
    ] = 15,
    executor: ExecutorName = "local",
    workers: Workers = None,
    protocol: ProtocolName = "loso",
    dataset: DatasetNames = None,
    data: DataFolders = None,
    scheme: SchemeName = None,
    recipe: RecipeName = None,
    set_: Settings = None,
    seed: Seed = 0,
    device: Device = "auto",
    precision: Precision = "auto",
    packing: Packing = "auto",
    apex: Apex = "middle",
    mends: MendsRevision = "none",
    on_error: OnError = "stop",
    alignment: AlignmentName = "as distributed",
    alignment_fallback: AlignmentFallback = False,
    runs: RunsFolder = Path("runs"),
    out: Annotated[Path | None, typer.Option(help="The record's own folder.")] = None,
    plugin: Plugins = None,
) -> None:
    """Choose parameters without the held-out subjects, then train and test with them; run it again to go on."""
    from merbench.experiments.executors.request import request
    from merbench.tuning.plan import Plan

    load_plugins(plugin)
    plan = Plan(
        kind="nested" if nested else "flat",
        trials=trials,
        seconds=None if time is None else 60 * time,
        epochs=epochs,
        sampler=sampler,
        pruner=pruner,
        inner=inner,
        all_subjects=everyone,
        storage=storage,
        heartbeat=heartbeat,
    )
    asked = request(
        plugin or (),
        method=method,
        protocol=protocol,
        dataset=dataset,
        data=read_data(data),
        recipe=recipe,
        settings=read_settings(set_),
        scheme=scheme,
        apex=apex,
        mends=mends,
        on_error=on_error,
        seed=seed,
        device=device,
        precision=precision,
        packing=packing,
        alignment=alignment,
        alignment_fallback=alignment_fallback,
    )
    _carry_out(asked, plan, space, executor, workers, runs, out)


def _carry_out(
    asked: Request, plan: Plan, space: Path | None, executor: str, workers: int | None, runs: Path, out: Path | None
) -> None:
    from merbench.cli.run import report
    from merbench.cli.tuning_progress import Display
    from merbench.experiments.baselines import controls
    from merbench.experiments.executors import executor_of
    from merbench.experiments.executors.threads import divided
    from merbench.tuning.distributed import Served
    from merbench.tuning.nested import FOLDER, tune, tuning_of

    chosen = executor_of(executor, workers)
    experiment = divided(asked.experiment(), chosen)
    display = Display()
    tuning = tuning_of(experiment, plan, space, display)
    spread = None if chosen is None else Served(chosen, asked)
    run = tune(tuning, out=out, runs=runs, observer=display, spread=spread)
    report([run], controls(tuning.prepared, len(run.curve)))
    typer.echo(f"parameters: {run.path}/{FOLDER}/tuned.toml")
    typer.echo(f"report: {run.path}/{FOLDER}/report.html")
