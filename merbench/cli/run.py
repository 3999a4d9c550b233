"""`merbench run`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.cli.options import (
    AlignmentFallback,
    AlignmentName,
    Apex,
    Compiled,
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
    Seeds,
    Settings,
    Workers,
    load_plugins,
    read_data,
    read_settings,
)
from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.experiments.executors.request import Request
    from merbench.experiments.experiment import Experiment
    from merbench.experiments.prepare import Prepared
    from merbench.results.run import Run
    from merbench.tuning.tuned_file import Tuned


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
    compiled: Compiled = "no",
    apex: Apex = "middle",
    mends: MendsRevision = "none",
    on_error: OnError = "stop",
    alignment: AlignmentName = "as distributed",
    alignment_fallback: AlignmentFallback = False,
    params: Annotated[
        Path | None, typer.Option(metavar="tuned.toml", help="Parameters that merbench tune chose, fold by fold.")
    ] = None,
    executor: ExecutorName = "local",
    workers: Workers = None,
    runs: RunsFolder = Path("runs"),
    out: Annotated[Path | None, typer.Option(help="The record's own folder, for a single run.")] = None,
    keep_weights: Annotated[
        bool, typer.Option("--keep-weights", help="Keep each fold's final network; for explain and predict.")
    ] = False,
    plugin: Plugins = None,
) -> None:
    """Train and test methods under a protocol; run the same command again to go on where it stopped."""
    from merbench.experiments.executors.request import request

    load_plugins(plugin)
    if out is not None and len(method) * seeds > 1:
        raise UsageError("--out names the folder of one run; with several methods or seeds use --runs DIR.")
    settings = read_settings(set_)
    tuned = None
    if params is not None:
        from merbench.tuning.params_file import arguments_with

        tuned, recipe, settings = arguments_with(params, recipe, settings, rules)
    requests = [
        request(
            plugin or (),
            method=name,
            protocol=protocol,
            dataset=dataset,
            data=read_data(data),
            recipe=recipe,
            settings=_settings_of(name, method, settings),
            scheme=scheme,
            apex=apex,
            mends=mends,
            on_error=on_error,
            seed=seed + turn,
            rules=rules,
            device=device,
            precision=precision,
            packing=packing,
            compiled=compiled,
            alignment=alignment,
            alignment_fallback=alignment_fallback,
        )
        for name in method
        for turn in range(seeds)
    ]
    networks = _with_weights([asked.experiment() for asked in requests]) if keep_weights else ()
    if networks and (executor != "local" or tuned is not None):
        raise UsageError("--keep-weights keeps networks of this process; leave out --executor and --params with it.")
    _carry_out(requests, tuned, executor, workers, runs, out, networks)


def _settings_of(name: str, methods: Sequence[str], settings: Mapping[str, object]) -> dict[str, object]:
    """The settings for one of several methods: ``ststnet.epochs`` is of that method alone."""
    own = {key.removeprefix(f"{name}."): value for key, value in settings.items() if key.startswith(f"{name}.")}
    others = tuple(f"{other}." for other in methods if other != name)
    shared = {k: v for k, v in settings.items() if not k.startswith((f"{name}.", *others))}
    return {**shared, **own}


def _with_weights(experiments: Sequence[Experiment]) -> list[str]:
    from merbench.experiments.checkpoints import require_weights
    from merbench.method import NetworkMethod

    named = {each.method.name: each.method for each in experiments}
    networks = [name for name, method in named.items() if isinstance(method, NetworkMethod)]
    if not networks:
        require_weights(experiments[0].method)
    for name in named:
        if name not in networks:
            typer.echo(f"--keep-weights: {name} is no network and has none to keep", err=True)
    return networks


def _carry_out(
    requests: Sequence[Request],
    tuned: Tuned | None,
    executor: str,
    workers: int | None,
    runs: Path,
    out: Path | None,
    networks: Sequence[str],
) -> None:
    from merbench.cli.progress import observer
    from merbench.experiments.baselines import controls
    from merbench.experiments.execute import carry_out
    from merbench.experiments.executors import executor_of
    from merbench.experiments.executors.threads import divided
    from merbench.experiments.prepare import prepare
    from merbench.trainers import trainer_of

    chosen = executor_of(executor, workers)
    experiments = [divided(asked.experiment(), chosen) for asked in requests]
    done = []
    prepared: Prepared | None = None
    for asked, experiment in zip(requests, experiments, strict=True):
        display = observer()
        try:
            prepared, trainer = trainer_of(asked, prepare(experiment, display), tuned, chosen)
            if tuned is not None:
                typer.echo(f"parameters: {prepared.experiment.tuned}", err=True)
            keep = experiment.method.name in networks
            done.append(carry_out(prepared, out=out, runs=runs, observer=display, trainer=trainer, keep_weights=keep))
        finally:
            display.close()
    if prepared is not None:
        longest = max(len(run.curve) for run in done)
        named = {run.method for run in done}
        beside = [control for control in controls(prepared, longest) if control.method not in named]
        report(done, beside)


def report(done: Sequence[Run], beside: Sequence[Run]) -> None:
    """Print the tables of finished runs, with controls beside them, and where the records lie."""
    from merbench.analysis.tables import class_table, part_table, score_table
    from merbench.cli.tables import print_table
    from merbench.results.run import by_group

    print_table(score_table([*done, *beside]))
    if done[0].parts:
        print_table(part_table([*done, *beside]))
    for group in by_group(done).values():
        if group[0].method not in {run.method for run in beside}:
            print_table(class_table(group))
    for run in done:
        typer.echo(f"record: {run.path}")
