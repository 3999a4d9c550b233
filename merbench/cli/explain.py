"""`merbench explain`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from merbench.cli.options import DataFolders, Device, Plugins, load_plugins, read_data
from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.analysis.tables import Table
    from merbench.inference.explain import Explained, Explanation
    from merbench.inputs.optical_flow import Algorithm
    from merbench.results.run import Run


def explain(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.", show_default=False)],
    clip: Annotated[
        list[str] | None, typer.Option("--clip", metavar="KEY", help="dataset/subject/clip/onset; repeatable.")
    ] = None,
    worst: Annotated[int, typer.Option(min=0, help="So many clips whose true class is least probable.")] = 0,
    every: Annotated[
        bool, typer.Option("--all", help="The table over all held-out clips; pictures of --clip and --worst alone.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where pictures go; must be named for photographs.")
    ] = None,
    flow: Annotated[str, typer.Option(help="The flow that attention is compared to: farneback, tvl1 or dis.")] = (
        "farneback"
    ),
    form: Annotated[str, typer.Option("--format", help="text, markdown, latex or csv.")] = "text",
    data: DataFolders = None,
    device: Device = "auto",
    plugin: Plugins = None,
) -> None:
    """Show what a run's networks attend to in held-out clips; on drawn faces, how much of it lies where motion is."""
    from merbench.inference.clip_selection import chosen, held_out
    from merbench.inference.explain import Explanation
    from merbench.results.run import Run

    load_plugins(plugin)
    if not clip and not worst and not every:
        raise UsageError("Nothing to explain: name clips with --clip KEY, ask for --worst 5, or for --all.")
    algorithm = _algorithm(flow)
    loaded = Run.load(run)
    pictured = chosen(loaded, clip or (), worst)
    folder = _folder(loaded, out) if pictured else run
    wanted = held_out(loaded) if every else pictured
    folds = tuple(dict.fromkeys(each.fold for each in wanted))
    explanation = Explanation(loaded, data=read_data(data), device=device, folds=folds, say=_say)
    explained = explanation.explained(wanted)
    shown = [each for place in pictured for each in explained if each.held_out == place]
    for path in explanation.written(shown, folder):
        typer.echo(f"picture: {path}", err=form != "text")
    for table in _tables(explanation, shown, explained, algorithm, every):
        _print(table, form)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _algorithm(flow: str) -> Algorithm:
    from merbench.inputs.optical_flow import Algorithm

    if flow not in get_args(Algorithm):
        raise UsageError(f"flow={flow} is not possible: it must be one of {', '.join(get_args(Algorithm))}.")
    return cast("Algorithm", flow)


def _folder(run: Run, out: Path | None) -> Path:
    assert run.path is not None
    if out is None and not run.manifest["drawn"]:
        raise UsageError(
            f"{run.path} is of photographs: say with --out DIR where pictures of these faces may lie, "
            "as your licence of the data allows."
        )
    return run.path / "explained" if out is None else out


def _tables(
    explanation: Explanation, shown: Sequence[Explained], explained: Sequence[Explained], flow: Algorithm, every: bool
) -> list[Table]:
    found = [explanation.table(shown)] if shown else []
    maps = any(block is not None for each in explained for block in each.maps)
    if every or (explanation.can_localise and maps):
        found.append(explanation.localised(explained, flow))
    return found


def _print(table: Table, form: str) -> None:
    from merbench.analysis.render import render
    from merbench.cli.tables import print_table

    if form == "text":
        print_table(table)
    else:
        typer.echo(render(table, form))
