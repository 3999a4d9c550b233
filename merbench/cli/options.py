"""Options that several commands share, and how their text is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.errors import MerbenchError, UnknownName, UsageError

if TYPE_CHECKING:
    from merbench.dataset import Dataset

Plugins = Annotated[
    list[Path] | None, typer.Option("--plugin", help="A Python file with further entries; repeatable.", metavar="FILE")
]
ProtocolName = Annotated[str, typer.Option("--protocol", "-p", metavar="NAME", help="How clips are split.")]
DatasetNames = Annotated[
    list[str] | None,
    typer.Option("--dataset", "-d", metavar="NAME", help="A dataset, repeatable; drawn ones without --data."),
]
DataFolders = Annotated[
    list[str] | None, typer.Option("--data", metavar="[NAME=]DIR", help="Where a dataset lies; repeatable.")
]
SchemeName = Annotated[str | None, typer.Option(help="The class set; else the protocol's, or the dataset's first.")]
RecipeName = Annotated[
    str | None, typer.Option(help="published or quick; quick on drawn data if not given, else published.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Of method or recipe; dataset.X, protocol.X; METHOD.X of one of several.",
    ),
]
Seed = Annotated[int, typer.Option(help="The (first) seed.")]
Seeds = Annotated[int, typer.Option(min=1, help="How many runs of each, with seeds one after the other.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:N or auto.")]
Precision = Annotated[str, typer.Option(help="float32, bfloat16, float64 or auto.")]
Packing = Annotated[
    str, typer.Option(metavar="auto|N", help="Folds trained at once; auto measures what is fastest here.")
]
Compiled = Annotated[
    str,
    typer.Option(
        metavar="no|yes|auto", help="Compile steps of training by torch; auto does in runs that are long enough for it."
    ),
]
Apex = Annotated[str, typer.Option(help="Clips without a usable apex: middle, spot, drop or error.")]
MendsRevision = Annotated[str, typer.Option(help="Mend known bad rows: none or merbench-1; see data check.")]
OnError = Annotated[str, typer.Option(help="Clips whose frames cannot be read: stop or skip.")]
AlignmentName = Annotated[str, typer.Option(help="How faces are cut out: as distributed, dlib-68 or dlib-68-ststnet.")]
AlignmentFallback = Annotated[
    bool, typer.Option("--alignment-fallback", help="Clips that cannot be aligned stay as distributed.")
]
ExecutorName = Annotated[
    str, typer.Option("--executor", help="Who trains: local (this process), processes, or ray (a cluster).")
]
Workers = Annotated[int | None, typer.Option(help="How many work at once; one a processor if not given.")]
RunsFolder = Annotated[Path, typer.Option(help="The folder under which records are kept.")]


def load_plugins(paths: Sequence[Path] | None) -> None:
    """Take in the entries of plugin files, and say what they are."""
    from merbench.plugins import load_plugin

    for path in paths or ():
        typer.echo(f"plugin {path}: {', '.join(load_plugin(path))}", err=True)


def load_plugins_that_work(paths: Sequence[Path] | None) -> list[str]:
    """Take in the entries of plugin files, and give the sentences about those that are broken."""
    broken = []
    for path in paths or ():
        try:
            load_plugins([path])
        except MerbenchError as fault:
            broken.append(str(fault))
    return broken


def read_settings(pairs: Sequence[str] | None) -> dict[str, object]:
    """Settings by name from ``name=value`` texts.

    Raises:
        UsageError: for a text without ``=``, or a name given twice.
    """
    found: dict[str, object] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set {pair}: write --set NAME=VALUE, such as --set epochs=20.")
        if name.strip() in found:
            raise UsageError(f"--set {name.strip()} is given twice; give it once.")
        found[name.strip()] = value.strip()
    return found


def read_data(texts: Sequence[str] | None) -> dict[str, Path] | Path | None:
    """Data folders by dataset from ``NAME=DIR`` texts; the bare folder from a single ``DIR``.

    Raises:
        UsageError: for several folders of which one has no name, or a name given twice.
    """
    if not texts:
        return None
    found: dict[str, Path] = {}
    for text in texts:
        name, equals, folder = text.partition("=")
        if not equals and len(texts) == 1:
            return Path(text).expanduser()
        if not equals or not folder:
            raise UsageError(f"--data {text}: with several folders, write --data NAME=DIR for each.")
        if name in found:
            raise UsageError(f"--data {name} is given twice; give it once.")
        found[name] = Path(folder).expanduser()
    return found


def made_dataset(name: str, set_: list[str] | None) -> Dataset:
    """The dataset of that name with its parameters set, `set_` as ``dataset.NAME=VALUE`` texts.

    Raises:
        UnknownName: for a dataset or a parameter that does not exist.
    """
    from merbench.registry import datasets

    kind = datasets.get(name)
    given = {key.removeprefix("dataset."): value for key, value in read_settings(set_).items()}
    for key in given:
        if key not in kind.Parameters.names():
            raise UnknownName(
                f"parameter of {name}", f"dataset.{key}", [f"dataset.{k}" for k in kind.Parameters.names()]
            )
    return kind(kind.Parameters().changed(given))
