"""`merbench run`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merbench._files.shown import shown
from merbench.cli.completion import complete_methods, complete_runs
from merbench.cli.dry_run import check_specs
from merbench.cli.execution_options import ExecutionOptions
from merbench.cli.option_groups import with_option_groups
from merbench.cli.option_headings import OUTPUT
from merbench.cli.options import RunOptions, Seeds, Tuned
from merbench.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from merbench.experiments.runs import Finished
    from merbench.results.run import Run
    from merbench.spec import RunSpec

Weights = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        metavar="DIR|FILE",
        autocompletion=complete_runs,
        help="Start folds from networks of this run or export that saw none of the subjects they test, or from a file.",
    ),
]
AllowOverlap = Annotated[
    bool,
    typer.Option(
        "--allow-overlap", help="Start from weights that may have seen tested subjects; recorded, never ranked."
    ),
]


@with_option_groups
def run(
    context: typer.Context,
    *,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE.toml]", help="An experiment file, of one run or several; options override it."),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            "-m",
            metavar="NAME",
            help="A method, or several with commas; repeatable. See: merbench list.",
            autocompletion=complete_methods,
        ),
    ] = None,
    options: RunOptions,
    execution: ExecutionOptions,
    rules: Annotated[
        str | None,
        typer.Option(
            "--select-epoch", metavar="RULE,RULE", help="Selection rules, separated by commas: last, inner, oracle."
        ),
    ] = None,
    seeds: Seeds = 1,
    tuned: Tuned = None,
    weights: Weights = None,
    allow_overlap: AllowOverlap = False,
    out: Annotated[
        Path | None, typer.Option(help="The folder of the run, if there is only one.", rich_help_panel=OUTPUT)
    ] = None,
    keep_weights: Annotated[
        bool,
        typer.Option(
            "--keep-weights",
            help="Keep each fold's final network, for explain, predict and export.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Say what would be run and how long it takes, and stop.", rich_help_panel=OUTPUT),
    ] = False,
) -> None:
    """Train and test methods under a protocol. Run it again to resume where it stopped."""
    names = [each.strip() for text in method or () for each in text.split(",") if each.strip()]
    if file is None and not names:
        raise UsageError("Name a method with --method NAME (see: merbench list), or give a file of runs.")
    from merbench.experiments.runs import Execution, run_all
    from merbench.tuning.tuned_runs import TunedFileParameters

    keywords: dict[str, Any] = {**options.keywords(), "rules": rules, "tuned": tuned}
    keywords |= {"weights": weights, "allow_overlap": allow_overlap}
    refusals: AbstractContextManager[None] = nullcontext()
    if file is not None:
        _refuse_method(file)
    if file is None:
        specs = _specs(names, range(options.seed, options.seed + seeds), keywords)
    else:
        from merbench.experiments.suite import located, read_suite

        overrides = {name: value for name, value in keywords.items() if _is_given(context, name)}
        overrides.pop("seed", None)
        first = options.seed if _is_given(context, "seed") else 0
        turns = range(first, first + seeds) if _is_given(context, "seed") or _is_given(context, "seeds") else None
        specs = read_suite(file, overrides, methods=names, seeds=turns)
        refusals = located(file)
    where = Execution(
        executor=execution.executor,
        workers=execution.workers,
        keep_weights=keep_weights,
        out=out,
        runs=execution.runs_dir,
    )
    with refusals, _settings_by_method(specs):
        observers = execution.observers()
        if check:
            check_specs(specs, where)
            return
        finished = list(run_all(specs, where, observers, None, TunedFileParameters))
    report_with_controls(finished)


def _refuse_method(file: Path) -> None:
    """Refuse the name of a method where the name of a file belongs."""
    from merbench.registry import methods

    if not file.exists() and all(name in methods for name in str(file).split(",")):
        named = f"--method {shlex.quote(str(file))}"
        raise UsageError(f"{file}: there is no such file; a method is named with --method, as in: merbench run {named}")


@contextmanager
def _settings_by_method(specs: Sequence[RunSpec]) -> Iterator[None]:
    """Where several methods run, a setting that one of them lacks is refused with how to give it to another alone."""
    try:
        yield
    except UnknownName as fault:
        names = list(dict.fromkeys(spec.method for spec in specs))
        if not fault.kind.startswith("setting of ") or len(names) < 2:
            raise
        other = next(name for name in names if fault.kind != f"setting of {name}")
        values = [value for spec in specs for name, value in spec.settings.method.items() if name == fault.name]
        raise UsageError(
            f"{fault} To set it for one of the methods alone: --set {other}.{fault.name}="
            f"{values[0] if values else 'VALUE'}."
        ) from fault


def _specs(methods: Sequence[str], seeds: Sequence[int], keywords: dict[str, Any]) -> list[RunSpec]:
    from merbench.experiments.specify import specification

    if repeated := sorted({name for name in methods if methods.count(name) > 1}):
        raise UsageError(f"--method {', '.join(repeated)} is given twice; give it once, and --seeds for further runs.")
    return [specification(name, methods=methods, **{**keywords, "seed": seed}) for name in methods for seed in seeds]


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def report_with_controls(finished: Sequence[Finished]) -> None:
    """Print the tables of finished runs, those of one task together and with its controls, and where records are."""
    from merbench.experiments.baselines import controls

    tasks: dict[str, list[Finished]] = {}
    for each in finished:
        tasks.setdefault(each.task, []).append(each)
    for together in tasks.values():
        names = {each.run.method for each in together}
        longest = max(len(each.run.curve) for each in together)
        beside = [run for run in controls(together[-1].prepared, longest) if run.method not in names]
        report([each.run for each in together], beside)
    if len(tasks) > 1:
        _print_overview([each.run for each in finished])


def report(done: Sequence[Run], beside: Sequence[Run]) -> None:
    """Print the tables of finished runs of one task, with controls beside them, and where the records are."""
    from merbench.analysis.tables import class_table, score_table, subset_table
    from merbench.cli.tables import print_table
    from merbench.results.run import by_group

    print_table(score_table([*done, *beside]))
    if done[0].subsets:
        print_table(subset_table([*done, *beside]))
    for group in by_group(done).values():
        if group[0].method not in {run.method for run in beside}:
            print_table(class_table(group))
    for run in done:
        typer.echo(f"record: {shown(run.path)}")


def _print_overview(runs: Sequence[Run]) -> None:
    from merbench.analysis.run_list import overview
    from merbench.cli.tables import print_table

    print_table(overview(runs))
