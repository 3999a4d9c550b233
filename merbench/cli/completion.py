"""What the shell completes: names of entries, settings and runs, from a cache, so at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from merbench.cli.completion_cache import Names, names

Completions = list[tuple[str, str] | str]


def _beginning(with_text: str, choices: Iterable[tuple[str, str]]) -> Completions:
    return [choice for choice in choices if choice[0].startswith(with_text)]


def _silent(complete: Callable[[str], Completions], incomplete: str) -> Completions:
    """What is completed; nothing where that fails, as a shell has no place for a sentence."""
    try:
        return complete(incomplete)
    except Exception:  # noqa: BLE001 - a broken plugin, an unreadable folder
        return []


def _entries(pick: Callable[[Names], Iterable[tuple[str, str]]], incomplete: str) -> Completions:
    return _silent(lambda text: _beginning(text, pick(names())), incomplete)


def complete_methods(incomplete: str) -> Completions:
    """Methods; after a comma, the next one."""
    before, comma, last = incomplete.rpartition(",")
    choices = _entries(lambda known: known.methods.items(), last)
    return [(f"{before}{comma}{each[0]}", each[1]) for each in choices]


def complete_datasets(incomplete: str) -> Completions:
    """Datasets."""
    return _entries(lambda known: known.datasets.items(), incomplete)


def complete_protocols(incomplete: str) -> Completions:
    """Protocols."""
    return _entries(lambda known: known.protocols.items(), incomplete)


def complete_entries(incomplete: str) -> Completions:
    """Methods, datasets, protocols and class sets."""
    return _entries(
        lambda known: {**known.methods, **known.datasets, **known.protocols, **known.schemes}.items(), incomplete
    )


def complete_schemes(incomplete: str) -> Completions:
    """Class sets of all datasets."""
    return _entries(lambda known: known.schemes.items(), incomplete)


def complete_recipes(context: typer.Context, incomplete: str) -> Completions:
    """Recipes of the method that the command line names, or the usual two."""
    usual = {"published": "", "quick": ""}
    return _entries(lambda known: known.recipes.get(_named_method(context), usual).items(), incomplete)


def complete_settings(context: typer.Context, incomplete: str) -> Completions:
    """Settings of the method that the command line names, and of training; after the =, their choices."""

    def settings(text: str) -> Completions:
        known = names()
        declared = {**known.settings.get(_named_method(context), {}), **known.settings[""]}
        name, equals, value = text.partition("=")
        if equals:
            choices = declared[name].choices if name in declared else ()
            return [f"{name}={choice}" for choice in choices if choice.startswith(value)]
        return _beginning(text, [(f"{name}=", each.rule) for name, each in declared.items()])

    return _silent(settings, incomplete)


def complete_trackers(incomplete: str) -> Completions:
    """Observers of the group `merbench.observers`."""
    from merbench.experiments.observers import tracker_names

    return _silent(lambda text: [name for name in tracker_names() if name.startswith(text)], incomplete)


def complete_runs(incomplete: str) -> Completions:
    """Folders of runs, records, and folders on the way to them."""

    def runs(text: str) -> Completions:
        home = Path(text) if text.endswith("/") else Path(text).parent
        paths = sorted(path for path in home.iterdir() if str(path).startswith(text.removeprefix("./")))
        shown = [path for path in paths if (path.is_dir() or path.suffix == ".json") and not path.name.startswith(".")]
        return [(str(path), "a run" if (path / "run.json").is_file() else "") for path in shown]

    return _silent(runs, incomplete)


def _named_method(context: typer.Context) -> str:
    named = context.params.get("method")
    last = named[-1] if isinstance(named, list | tuple) and named else named
    return str(last or "").split(",")[-1]
