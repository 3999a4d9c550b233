"""`merbench check`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merbench.cli.options import Plugins, Settings, load_plugins, read_settings
from merbench.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from merbench.dataset import Dataset
    from merbench.testing import Result
    from merbench.testing.datasets import Holdings


def check(
    name: Annotated[str, typer.Argument(help="A method, dataset or protocol.")],
    data: Annotated[Path | None, typer.Option(help="Of a dataset: where it lies; else a stand-in is drawn.")] = None,
    set_: Settings = None,
    plugin: Plugins = None,
) -> None:
    """Hold an entry to what every one must keep, on drawn data: honest, repeatable, learning; exit 1 if it fails."""
    from merbench.registry import EVERY

    load_plugins(plugin)
    found = [(registry, registry.get(name)) for registry in EVERY if name in registry.names()]
    if not found:
        for registry in EVERY:
            if any(broken.name == name for broken in registry.broken):
                registry.get(name)
        raise UnknownName("name", name, [known for each in EVERY for known in each.names()])
    failed = 0
    for registry, kind in found:
        with _results(registry.singular, kind, read_settings(set_), data) as results:
            failed += _told(f"{registry.singular} {name}", results)
    if failed:
        raise typer.Exit(1)


@contextmanager
def _results(kind: str, entry: Any, settings: dict[str, object], data: Path | None) -> Iterator[Iterator[Result]]:
    from merbench import testing

    own = {key.removeprefix(f"{kind}."): value for key, value in settings.items()}
    if kind == "method":
        yield testing.check_method(_with(entry, own) if own else entry)
    elif kind == "protocol":
        yield testing.check_protocol(entry(entry.Parameters().changed(own)))
    else:
        with _held(entry(entry.Parameters().changed(own)), data) as held:
            yield testing.check_dataset(held.source, held.whole)


def _with(entry: Any, settings: dict[str, object]) -> Any:
    quick = entry.Parameters().changed(entry.recipe("quick", 3).parameters)
    return entry(quick.changed(settings))


@contextmanager
def _held(dataset: Dataset, data: Path | None) -> Iterator[Holdings]:
    from merbench.data.source import Source
    from merbench.dataset import Dataset as Base
    from merbench.testing.datasets import Holdings, stand_in_holdings

    if dataset.drawn or data is not None:
        source = Source(dataset=dataset, root=data)
        yield Holdings(source=source, whole=source)
    elif type(dataset).mock is Base.mock:
        raise UsageError(f"{dataset.name} has no stand-in to check it on; say where data lies with --data.")
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield stand_in_holdings(dataset, Path(folder))


def _told(heading: str, results: Iterator[Result]) -> int:
    """Print the results, each as soon as it is there; how many failed."""
    typer.echo(f"{heading}:")
    done = []
    for result in results:
        done.append(result)
        mark = {"passed": "passed", "failed": "FAILED", "exempt": "exempt"}[result.verdict]
        detail = f": {result.detail}" if result.detail else ""
        typer.echo(f"  {mark}  {result.name:<13}  {result.seconds:5.1f} s  {result.says}{detail}")
    failed = sum(result.verdict == "failed" for result in done)
    exempt = sum(result.verdict == "exempt" for result in done)
    seconds = sum(result.seconds for result in done)
    typer.echo(f"{len(done) - failed - exempt} passed, {failed} failed, {exempt} exempt, in {seconds:.0f} s")
    return failed
