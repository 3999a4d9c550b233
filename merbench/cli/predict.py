"""`merbench predict`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from merbench.cli.completion import complete_runs
from merbench.cli.options import Device, Plugins, load_plugins
from merbench.errors import UsageError
from merbench.kind_names import SINGLE, require_served
from merbench.plural import plural

if TYPE_CHECKING:
    from merbench.analysis.table import Table
    from merbench.annotations.clips import Clip
    from merbench.data.source import Source
    from merbench.inference.predict import Predictions, Predictor

Form = Literal["text", "csv", "json", "megc"]
Pictures = list[Path] | None


def predict(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="The folder of a run that kept weights, or one that merbench export wrote.",
            show_default=False,
            autocompletion=complete_runs,
        ),
    ],
    onset: Annotated[
        Pictures, typer.Option(metavar="FILE", help="An onset frame: a picture, or VIDEO#NUMBER; repeatable.")
    ] = None,
    apex: Annotated[Pictures, typer.Option(metavar="FILE", help="Its apex frame; as many as onsets.")] = None,
    offset: Annotated[Pictures, typer.Option(metavar="FILE", help="Its offset frame, if the network uses it.")] = None,
    manifest: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="A table of clips, as the dataset manifest reads it.")
    ] = None,
    fold: Annotated[
        str | None, typer.Option(metavar="NAME", help="Use this fold's network only, not the mean of all.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to print them; megc: the log of MEGC 2019.")] = "text",
    device: Device = "auto",
    plugin: Plugins = None,
) -> None:
    """Predict classes or action units of new clips with the networks of a run. Crop faces as in its dataset."""
    from merbench.inference.challenge import require_classes
    from merbench.inference.predict import Predictor

    load_plugins(plugin)
    predictor = Predictor(run, fold=fold, device=device)
    files = {"onset": onset or [], "apex": apex or [], "offset": offset or []}
    if form == "megc":
        require_served(predictor.description.kind, SINGLE, "--format megc", "choose --format csv")
        require_classes(predictor.classes)
    truth = _truths(manifest) if form == "megc" else []
    names, clips, sources = _clips(predictor, files, manifest)
    predictions = predictor.predict(clips, sources)
    for line in _notes(predictor):
        typer.echo(line, err=True)
    if form == "megc":
        _print_log(clips, predictions, truth)
    else:
        _print(names, predictions, form)


def _clips(
    predictor: Predictor, files: dict[str, list[Path]], manifest: Path | None
) -> tuple[list[str], list[Clip], dict[str, Source]]:
    from merbench.inference.new_clips import from_files, from_table
    from merbench.registry import datasets

    if bool(manifest) == any(files.values()):
        raise UsageError("Say which clips: either --onset FILE --apex FILE, repeatable, or --manifest FILE.csv.")
    if manifest is None:
        clips, sources = from_files(predictor.inputs, files)  # type: ignore[arg-type]
        shown = next(paths for moment in ("apex", "offset", "onset") if (paths := files[moment]))
        return [str(path) for path in shown], clips, sources
    clips, sources, notes = from_table(datasets.get("manifest")(), manifest, predictor.description.apex_policy)
    for note in notes:
        typer.echo(note, err=True)
    return [clip.key for clip in clips], clips, sources


def _notes(predictor: Predictor) -> list[str]:
    count = len(predictor.folds)
    of = f"fold {predictor.folds[0]}" if count == 1 else f"the mean over {plural(count, 'fold')}"
    data = " + ".join(predictor.description.datasets)
    caveat = (
        f"{predictor.method.name} on {data}, {of}. These networks were trained for evaluation, each without the clips "
        "that its fold held out; probabilities are not calibrated for other data."
    )
    lines = [caveat]
    if predictor.thresholds is not None:
        values = zip(predictor.classes, predictor.thresholds, strict=True)
        above = ", ".join(f"{name} {value:.3f}" for name, value in values)
        lines.append(f"A unit is predicted above the mean of the folds' thresholds: {above}.")
    if predictor.missing:
        lines.append(
            f"left out: {plural(len(predictor.missing), 'fold')} without weights: {', '.join(predictor.missing)}"
        )
    if predictor.header.synthetic:
        lines.append("They were trained on synthetic faces only: on photographs they mean nothing.")
    return lines


def _truths(manifest: Path | None) -> list[str]:
    """The classes of the table's clips in MEGC 2019; empty where the table does not have them."""
    from merbench.inference.challenge import truths
    from merbench.registry import datasets

    if manifest is None:
        raise UsageError("--format megc names clips, so it needs a table of them: --manifest FILE.csv.")
    return truths(datasets.get("manifest")(), manifest)


def _print_log(clips: Sequence[Clip], predictions: Predictions, truth: Sequence[str]) -> None:
    from merbench.inference.challenge import UNKNOWN, megc_log

    log = megc_log(clips, predictions.predicted, truth)
    if unknown := sum(not known for known in truth):
        typer.echo(
            f"The truth of {unknown} of {plural(len(truth), 'clip')} is not in the table: {UNKNOWN} in the log.",
            err=True,
        )
    typer.echo(log, nl=False)


def _print(names: Sequence[str], predictions: Predictions, form: Form) -> None:
    from merbench.analysis.render import render
    from merbench.cli.tables import print_table

    if form == "json":
        typer.echo(json.dumps(_plain(names, predictions), indent=1, ensure_ascii=False))
    elif form == "csv":
        typer.echo(render(_table(names, predictions), "csv"), nl=False)
    else:
        print_table(_table(names, predictions))


def _plain(names: Sequence[str], predictions: Predictions) -> dict[str, object]:
    clips = [
        {
            "clip": name,
            "predicted": predicted,
            "probabilities": {
                label: float(f"{value:.6g}") for label, value in zip(predictions.classes, row, strict=True)
            },
        }
        for name, predicted, row in zip(names, predictions.predicted, predictions.probabilities, strict=True)
    ]
    return {"folds": list(predictions.folds), "clips": clips}


def _table(names: Sequence[str], predictions: Predictions) -> Table:
    from merbench.analysis.table import Table

    return Table(
        title=f"Probabilities of {plural(len(names), 'clip')}, {len(predictions.folds)} of the run's networks",
        columns=("clip", "predicted", *predictions.classes),
        rows=tuple(
            (name, predicted, *(f"{value:.3f}" for value in row))
            for name, predicted, row in zip(names, predictions.predicted, predictions.probabilities, strict=True)
        ),
        text_columns=2,
        keys=2,
    )
