"""`merbench check`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merbench.cli.completion import complete_entries
from merbench.cli.options import Plugins, Settings, load_plugins, read_settings
from merbench.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from merbench.dataset import Dataset
    from merbench.testing import Result
    from merbench.testing.datasets import DatasetUnderTest


def check(
    name: Annotated[str, typer.Argument(help="A method, dataset or protocol.", autocompletion=complete_entries)],
    data: Annotated[Path | None, typer.Option(help="The folder of a dataset; if not given, a mock is written.")] = None,
    set_: Settings = None,
    plugin: Plugins = None,
) -> None:
    """Test that an entry conforms to its contract. Runs on synthetic data; exit code 1 if a check fails."""
    from merbench.registry import EVERY, not_taken_in

    load_plugins(plugin)
    entries = [(registry, registry.get(name)) for registry in EVERY if name in registry.names()]
    if not entries:
        for registry in EVERY:
            if any(broken.name == name for broken in registry.broken):
                registry.get(name)
        raise UnknownName("name", name, [known for each in EVERY for known in each.names()], not_taken_in(name))
    failed = 0
    for registry, kind in entries:
        with _results(registry.singular, kind, read_settings(set_), data) as results:
            failed += _print_results(f"{registry.singular} {name}", results)
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
def _held(dataset: Dataset, data: Path | None) -> Iterator[DatasetUnderTest]:
    from merbench.data.source import Source
    from merbench.dataset import Dataset as Base
    from merbench.testing.datasets import DatasetUnderTest, mock_dataset_under_test

    if dataset.synthetic or data is not None:
        source = Source(dataset=dataset, root=data)
        yield DatasetUnderTest(source=source, whole=source)
    elif type(dataset).mock is Base.mock:
        raise UsageError(f"{dataset.name} has no mock dataset to check it on; name a folder with --data.")
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield mock_dataset_under_test(dataset, Path(folder))


def _print_results(heading: str, results: Iterator[Result]) -> int:
    """Print the results, each as soon as it is there; how many failed."""
    from merbench.cli.tables import print_wrapped

    typer.echo(f"{heading}:")
    done = []
    for result in results:
        done.append(result)
        mark = {"passed": "passed", "failed": "FAILED", "exempt": "exempt"}[result.verdict]
        detail = f": {result.detail}" if result.detail else ""
        print_wrapped(f"  {mark}  {result.name:<13}  {result.seconds:5.1f} s  {result.says}{detail}", " " * 12)
    failed = sum(result.verdict == "failed" for result in done)
    exempt = sum(result.verdict == "exempt" for result in done)
    seconds = sum(result.seconds for result in done)
    typer.echo(f"{len(done) - failed - exempt} passed, {failed} failed, {exempt} exempt, in {seconds:.0f} s")
    return failed
