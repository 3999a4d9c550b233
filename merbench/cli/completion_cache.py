"""The names that a shell completes, from a cache on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from merbench.cli.disk_cache import kept, state_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A parameter: its default and rule as words, and its choices where the set is closed."""

    rule: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What is installed: titles by name; settings and recipes by method, those of training under an empty name."""

    methods: Mapping[str, str]
    datasets: Mapping[str, str]
    protocols: Mapping[str, str]
    schemes: Mapping[str, str]
    recipes: Mapping[str, Mapping[str, str]]
    settings: Mapping[str, Mapping[str, Setting]]
    trackers: tuple[str, ...] = ()


def names() -> Names:
    """The names of what is installed, from the cache unless something was installed or changed since."""
    return _read(kept("completion.json", _state(), lambda: asdict(_collected())))


def _state() -> str:
    kinds = ("methods", "datasets", "protocols")
    return state_of(kinds, "*.py") + state_of(kinds, "*/*.py") + state_of(["cli"], "completion*.py")


def _read(cached: Any) -> Names:
    settings = {
        method: {name: Setting(rule=each["rule"], choices=tuple(each["choices"])) for name, each in own.items()}
        for method, own in cached["settings"].items()
    }
    return Names(**{**cached, "settings": settings, "trackers": tuple(cached["trackers"])})


def _collected() -> Names:
    from merbench.entries.recipe import Training
    from merbench.experiments.observers import tracker_names
    from merbench.method import recipes_of
    from merbench.registry import datasets, methods, protocols

    return Names(
        methods={entry.name: entry.title for entry in methods.entries()},
        datasets={entry.name: entry.title for entry in datasets.entries()},
        protocols={entry.name: entry.title for entry in protocols.entries()},
        schemes={scheme.name: f"classes of {kind.name}" for kind in datasets.entries() for scheme in kind.schemes},
        recipes={
            entry.name: {name: recipe.source for name, recipe in recipes_of(entry).items()}
            for entry in methods.entries()
        },
        settings={
            "": _settings(Training),
            **{entry.name: _settings(entry.Parameters) for entry in methods.entries()},
        },
        trackers=tuple(tracker_names()),
    )


def _settings(parameters: Any) -> dict[str, Setting]:
    return {
        each.name: Setting(rule=f"{each.default}: {each.rule}", choices=tuple(map(str, each.choices or ())))
        for each in parameters.declared()
    }
