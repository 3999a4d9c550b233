"""`merbench ablate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench._atomic import write_whole
from merbench.analysis import markdown_block as marked_block
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
    from merbench.analysis.tables import Table
    from merbench.experiments.experiment import Experiment
    from merbench.results.run import Run

_FORMS = {".md": "markdown", ".csv": "csv"}
#: Names the marks in a markdown file between which the table is placed.
_TABLE = "ablation"


def ablate(
    method: Annotated[str, typer.Option("--method", "-m", metavar="NAME", help="A method. See: merbench list.")],
    over: Annotated[
        str,
        typer.Option(
            metavar="NAME,NAME=VALUE,VALUE,…",
            help="What to vary: parameters with all their choices, or with values; all parts if not given.",
        ),
    ] = "",
    grid: Annotated[bool, typer.Option("--grid", help="Every combination, not one change at a time.")] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="TABLE.md|TABLE.csv",
            help="Where the table is kept; repeatable. In a file with a block of a table, the block alone is replaced.",
        ),
    ] = None,
    protocol: ProtocolName = "loso",
    dataset: DatasetNames = None,
    data: DataFolders = None,
    scheme: SchemeName = None,
    recipe: RecipeName = None,
    set_: Settings = None,
    rules: Annotated[str, typer.Option(help="Which epoch counts; the table shows last, and oracle as optimism.")] = (
        "last,oracle"
    ),
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
    plugin: Plugins = None,
) -> None:
    """Run a method with its parts exchanged, and print what each is worth; run it again to go on where it stopped."""
    from merbench.analysis.ablation import left_out, read_over, variants
    from merbench.experiments.resolve import resolve

    load_plugins(plugin)
    tables = _tables(out)
    settings = read_settings(set_)

    def resolved(changed: dict[str, object], turn: int) -> Experiment:
        return resolve(
            method,
            protocol=protocol,
            dataset=dataset,
            data=read_data(data),
            recipe=recipe,
            settings={**settings, **changed},
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

    own = resolved({}, 0)
    gone_through = read_over(over, own)
    compared = variants(gone_through, own, grid=grid)
    if grid and (repeated := left_out(gone_through, compared)):
        typer.echo(f"{repeated} combinations left out: what they change has no effect there", err=True)
    ahead = [(each.label, [resolved(dict(each.changed), turn) for turn in range(seeds)]) for each in compared]
    table = _carried_out(ahead, runs)
    for path, form in tables:
        _keep(table, path, form)


def _tables(out: Sequence[Path] | None) -> list[tuple[Path, str]]:
    for path in out or ():
        if path.suffix == ".md":
            marked_block.require_place(path, _TABLE)
        if path.suffix not in _FORMS:
            raise UsageError(f"--out {path} is not possible: its name must end in {' or '.join(_FORMS)}.")
        if not path.parent.is_dir():
            raise UsageError(f"--out {path} is not possible: there is no folder {path.parent}; make it first.")
    return [(path, _FORMS[path.suffix]) for path in out or ()]


def _carried_out(ahead: Sequence[tuple[str, Sequence[Experiment]]], runs: Path) -> Table:
    from merbench.analysis.ablation import ablation_table
    from merbench.cli.tables import print_table

    total = sum(len(experiments) for _, experiments in ahead)
    typer.echo(f"{len(ahead)} settings, {total} runs", err=True)
    done: list[tuple[str, list[Run]]] = []
    number = 0
    for label, experiments in ahead:
        found = []
        for experiment in experiments:
            number += 1
            typer.echo(f"\nrun {number} of {total}: {label}, seed {experiment.seed}", err=True)
            found.append(_run(experiment, runs))
        done.append((label, found))
    table = ablation_table(done)
    print_table(table)
    for label, found in done:
        typer.echo(f"records, {label}: {' '.join(str(run.path) for run in found)}")
    return table


def _run(experiment: Experiment, runs: Path) -> Run:
    from merbench.cli.progress import observer
    from merbench.experiments.execute import carry_out
    from merbench.experiments.prepare import prepare

    display = observer()
    try:
        return carry_out(prepare(experiment, display), out=None, runs=runs, observer=display)
    finally:
        display.close()


def _keep(table: Table, path: Path, form: str) -> None:
    from merbench.analysis.render import render

    mend = "Free space or allow writing there, and run the command again."
    rendered = render(table, form)
    write_whole(path, (marked_block.placed(rendered, path, _TABLE) if form == "markdown" else rendered).encode(), mend)
    typer.echo(f"table: {path}")
