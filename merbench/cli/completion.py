"""What completes an option's value: names of entries, settings and runs, from a cache, so at once.

Each function takes the words before, and the one that is begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from merbench.cli.completion_cache import Names, names

Completions = list[tuple[str, str]]


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


def complete_methods(args: list[str], incomplete: str) -> Completions:
    """Methods; after a comma, the next one."""
    del args
    before, comma, last = incomplete.rpartition(",")
    choices = _entries(lambda known: known.methods.items(), last)
    return [(f"{before}{comma}{each[0]}", each[1]) for each in choices]


def complete_datasets(args: list[str], incomplete: str) -> Completions:
    """Datasets."""
    del args
    return _entries(lambda known: known.datasets.items(), incomplete)


def complete_protocols(args: list[str], incomplete: str) -> Completions:
    """Protocols."""
    del args
    return _entries(lambda known: known.protocols.items(), incomplete)


def complete_entries(args: list[str], incomplete: str) -> Completions:
    """Methods, datasets, protocols and class sets."""
    del args
    return _entries(
        lambda known: {**known.methods, **known.datasets, **known.protocols, **known.schemes}.items(), incomplete
    )


def complete_schemes(args: list[str], incomplete: str) -> Completions:
    """Class sets of all datasets."""
    del args
    return _entries(lambda known: known.schemes.items(), incomplete)


def complete_recipes(args: list[str], incomplete: str) -> Completions:
    """Recipes of the method that the command line names, or the usual two."""
    usual = {"published": "", "quick": ""}
    return _entries(lambda known: known.recipes.get(_named_method(args), usual).items(), incomplete)


def complete_settings(args: list[str], incomplete: str) -> Completions:
    """Settings of the method that the command line names, and of training; after the =, their choices."""

    def settings(text: str) -> Completions:
        known = names()
        declared = {**known.settings.get(_named_method(args), {}), **known.settings[""]}
        name, equals, value = text.partition("=")
        if equals:
            choices = declared[name].choices if name in declared else ()
            return [(f"{name}={choice}", "") for choice in choices if choice.startswith(value)]
        return _beginning(text, [(f"{name}=", each.rule) for name, each in declared.items()])

    return _silent(settings, incomplete)


def complete_trackers(args: list[str], incomplete: str) -> Completions:
    """Observers of the group `merbench.observers`."""
    del args
    return _entries(lambda known: ((name, "") for name in known.trackers), incomplete)


def complete_runs(args: list[str], incomplete: str) -> Completions:
    """Folders of runs, records, and folders on the way to them."""
    del args

    def runs(text: str) -> Completions:
        home = Path(text) if text.endswith("/") else Path(text).parent
        paths = sorted(path for path in home.iterdir() if str(path).startswith(text.removeprefix("./")))
        shown = [path for path in paths if (path.is_dir() or path.suffix == ".json") and not path.name.startswith(".")]
        return [(str(path), "a run" if (path / "run.json").is_file() else "") for path in shown]

    return _silent(runs, incomplete)


def _named_method(words: Sequence[str]) -> str:
    """The method that the words name last."""
    named = ""
    for option, value in pairwise(words):
        named = value if option in ("-m", "--method") else named
    for word in words:
        named = word.partition("=")[2] if word.startswith("--method=") else named
    return named.split(",")[-1]
