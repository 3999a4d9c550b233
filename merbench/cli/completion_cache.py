"""The names that a shell completes, kept on disk: importing every entry to ask for them takes too long for a key."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from merbench._files.atomic import atomic_write
from merbench.errors import StoreError


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


def names() -> Names:
    """The names of what is installed, from the cache unless something was installed or changed since."""
    path, state = _path(), _state()
    with suppress(OSError, ValueError, KeyError, TypeError):  # no cache, or a damaged one, is made anew
        cached = json.loads(path.read_text("utf-8"))
        if cached["state"] == state:
            return _read(cached["names"])
    collected = _collected()
    with suppress(StoreError):  # completes all the same, more slowly
        atomic_write(path, json.dumps({"state": state, "names": asdict(collected)}).encode())
    return collected


def _path() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "merbench" / "completion.json"


def _state() -> str:
    """What changes when an entry is added, changed or removed, or a package is installed."""
    import merbench

    folders = [Path(home) / kind for home in merbench.__path__ for kind in ("methods", "datasets", "protocols")]
    files = [file for folder in folders if folder.is_dir() for file in folder.glob("*/*.py")]
    files += [file for folder in folders if folder.is_dir() for file in folder.glob("*.py")]
    places = [*files, *(Path(place) for place in sys.path if place.endswith("-packages"))]
    marks = sorted(f"{place} {place.stat().st_mtime_ns}" for place in places if place.exists())
    return hashlib.sha256("\n".join([merbench.__version__, *marks]).encode()).hexdigest()


def _read(cached: Any) -> Names:
    settings = {
        method: {name: Setting(rule=each["rule"], choices=tuple(each["choices"])) for name, each in own.items()}
        for method, own in cached["settings"].items()
    }
    return Names(**{**cached, "settings": settings})


def _collected() -> Names:
    from merbench.entries.recipe import Training
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
    )


def _settings(parameters: Any) -> dict[str, Setting]:
    return {
        each.name: Setting(rule=f"{each.default}: {each.rule}", choices=tuple(map(str, each.choices or ())))
        for each in parameters.declared()
    }
