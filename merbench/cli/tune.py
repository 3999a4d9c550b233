"""`merbench tune`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from merbench._files.shown import shown
from merbench.cli.execution_options import ExecutionOptions
from merbench.cli.option_groups import with_option_groups
from merbench.cli.options import MethodName
from merbench.cli.training_options import TrainingOptions
from merbench.plural import plural
from merbench.spec import PrunerName, SamplerName


@with_option_groups
def tune(
    method: MethodName,
    options: TrainingOptions,
    execution: ExecutionOptions,
    trials: Annotated[int, typer.Option(help="Trials of each study.")] = 40,
    nested: Annotated[
        bool,
        typer.Option(
            "--nested/--flat",
            help="One study per outer fold, on its training subjects; or one for all, which is cheap and never ranked.",
        ),
    ] = True,
    time: Annotated[
        float | None, typer.Option(metavar="MINUTES", help="Limit of each study, in minutes of training.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Limit of each study, in epochs over all its trials.")] = None,
    space: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="A file that changes the search space, parameter by parameter."),
    ] = None,
    sampler: Annotated[SamplerName, typer.Option(help="What proposes the parameters of a trial.")] = "tpe",
    pruner: Annotated[PrunerName, typer.Option(help="What stops a trial early.")] = "none",
    inner: Annotated[int, typer.Option(help="How many inner folds, of whole subjects.")] = 3,
    final_study: Annotated[
        bool, typer.Option("--final-study/--no-final-study", help="Add a study on all subjects, for use on other data.")
    ] = True,
    storage: Annotated[
        str, typer.Option(help="Where studies are kept: sqlite, journal (network file systems) or a database URL.")
    ] = "sqlite",
    heartbeat: Annotated[
        int, typer.Option(help="Seconds between heartbeats; after four missed ones a trial is run again.")
    ] = 15,
    out: Annotated[Path | None, typer.Option(help="The folder of the run.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Check everything but frames, say what would be done, and stop.")
    ] = False,
) -> None:
    """Tune parameters on training subjects, then test. Run it again to resume where it stopped."""
    from merbench.cli.progress import Plain
    from merbench.cli.run import report_with_controls
    from merbench.cli.tuning_progress import Display, TuningObservers
    from merbench.experiments.observers import tracker_classes
    from merbench.experiments.runs import Execution
    from merbench.experiments.specify import specification
    from merbench.tuning.config import TuningConfig
    from merbench.tuning.problem import FOLDER
    from merbench.tuning.tuned_runs import check_tune, tune_spec

    config = TuningConfig(
        kind="nested" if nested else "flat",
        trials=trials,
        seconds=None if time is None else 60 * time,
        epochs=epochs,
        sampler=sampler,
        pruner=pruner,
        inner=inner,
        all_subjects=final_study,
        storage=storage,
        heartbeat=heartbeat,
    )
    spec = specification(method, **options.keywords())
    where = Execution(executor=execution.executor, workers=execution.workers, out=out, runs=execution.runs_dir)
    trackers = tracker_classes(execution.track or ())
    if check:
        studies, duration = check_tune(spec, config, space, where, Plain())
        if duration is not None:
            typer.echo(f"{duration.sentence}; searched epochs and batches as in the recipe", err=True)
        typer.echo(
            f"check: sound so far; {plural(len(studies), 'study')} of {plural(trials, 'trial')} each on "
            f"{plural(inner, 'inner fold')}; frames are read when it is run, and nothing was trained or written"
        )
        return
    display = Display(quiet=execution.quiet, verbose=execution.verbose)
    observer = TuningObservers(display, *(tracker() for tracker in trackers))
    finished = tune_spec(spec, config, space, where, observer)
    report_with_controls([finished])
    typer.echo(f"parameters: {shown(finished.run.path)}/{FOLDER}/tuned.toml")
    typer.echo(f"report: {shown(finished.run.path)}/{FOLDER}/report.html")
