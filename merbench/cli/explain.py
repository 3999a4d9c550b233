"""`merbench explain`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from merbench.cli.completion import complete_runs
from merbench.cli.options import DataFolders, Device, Format, Plugins, load_plugins, read_data
from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.analysis.table import Table
    from merbench.inference.explain import Explained, Explanation
    from merbench.results.run import Run

Algorithm = Literal["farneback", "tvl1", "dis"]


def explain(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="The folder of a run.", show_default=False, autocompletion=complete_runs),
    ],
    clip: Annotated[
        list[str] | None,
        typer.Option("--clip", metavar="KEY", help="A clip to show: dataset/subject/clip/onset; repeatable."),
    ] = None,
    worst: Annotated[
        int, typer.Option(min=0, help="Show this many clips, those whose truth got the lowest probability.")
    ] = 0,
    unit: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Of action units, the one to show, as AU4 or 4; if not given, the most probable."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Measure all held-out clips; pictures show --clip and --worst only.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write pictures; required for photographs.")
    ] = None,
    flow: Annotated[Algorithm, typer.Option(help="Optical flow to compare attention with.")] = "farneback",
    form: Format = "text",
    data: DataFolders = None,
    device: Device = "auto",
    plugin: Plugins = None,
) -> None:
    """Show what the networks of a run attend to. On synthetic faces, also how much of it lies on the motion.

    Of the methods that merbench ships, mmnet can be explained; merbench list methods says which installed ones can.
    Networks that merbench run --keep-weights did not keep are trained again.
    """
    from merbench.cli.tables import print_tables
    from merbench.inference.clip_selection import chosen, held_out, unit_of
    from merbench.inference.explain import Explanation
    from merbench.results.run import Run

    load_plugins(plugin)
    loaded = Run.load(run)
    if not clip and not worst and not every:
        raise UsageError("Nothing to explain: name clips with --clip KEY, ask for --worst 5, or for --all.")
    place = unit_of(loaded, unit)
    pictured = chosen(loaded, clip or (), worst, place)
    folder = _folder(loaded, out) if pictured else run
    wanted = held_out(loaded, place) if every else pictured
    folds = tuple(dict.fromkeys(each.fold for each in wanted))
    explanation = Explanation(loaded, data=read_data(data), device=device, folds=folds, unit=place, say=_say)
    explained = explanation.explained(wanted)
    shown = [each for wanted in pictured for each in explained if each.held_out == wanted]
    for path in explanation.written(shown, folder):
        typer.echo(f"picture: {path}", err=form != "text")
    print_tables(_tables(explanation, shown, explained, flow, every), form)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _folder(run: Run, out: Path | None) -> Path:
    assert run.path is not None
    if out is None and not run.header.synthetic:
        raise UsageError(
            f"{run.path} is of photographs: say with --out DIR where pictures of these faces may lie, "
            "as your licence of the data allows."
        )
    return run.path / "explained" if out is None else out


def _tables(
    explanation: Explanation, shown: Sequence[Explained], explained: Sequence[Explained], flow: Algorithm, every: bool
) -> list[Table]:
    tables = [explanation.table(shown)] if shown else []
    maps = any(block is not None for each in explained for block in each.maps)
    if every or (explanation.can_localise and maps):
        tables.append(explanation.localised(explained, flow))
    return tables
