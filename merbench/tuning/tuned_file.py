"""Chosen parameters, and the file `tuned.toml` that keeps them: a table for each outer fold, and one for other data."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from merbench._atomic import write_whole
from merbench.entries.parameters import Value
from merbench.errors import UsageError
from merbench.results.provenance import digest

TUNED_FORMAT = 1
_HEAD = """\
# Parameters chosen by merbench tune. `merbench run --params THIS-FILE` uses the table of a fold for that fold alone,
# and [all] for clips of subjects that nothing here was tuned on. `epoch`: which epoch of the training counts.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The values of what was searched, the epoch that counts, counted from 1, and how it did on the inner folds."""

    values: Mapping[str, Value]
    epoch: int
    inner_uf1: float
    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What was chosen with the clips of `subjects`, to be used where the clips of `held_out`, a digest, are tested."""

    chosen: Chosen
    subjects: tuple[str, ...]
    held_out: str = ""

    @property
    def checksum(self) -> str:
        """What changes if somebody edits the table."""
        chosen = self.chosen
        return digest([dict(chosen.values), chosen.epoch, chosen.trial, sorted(self.subjects), self.held_out])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """The content of a `tuned.toml`: `recipe` and `settings` are what the values stand on."""

    method: str
    kind: str
    trials: int
    recipe: str
    settings: Mapping[str, str] = field(default_factory=dict)
    folds: Mapping[str, Table] = field(default_factory=dict)
    everyone: Table | None = None


def held_out_digest(keys: Collection[str]) -> str:
    """What tells the held-out clips of a fold from others."""
    return digest(sorted(keys))


def write_tuned(path: Path, tuned: Tuned) -> None:
    """Keep what was chosen.

    Raises:
        StoreError: if it cannot be written.
    """
    lines = [
        _HEAD,
        f"format = {TUNED_FORMAT}",
        *(f"{name} = {_toml(getattr(tuned, name))}" for name in ("method", "kind", "trials", "recipe")),
        *_section("settings", tuned.settings),
    ]
    for name, table in tuned.folds.items():
        lines += _table(f"fold.{json.dumps(name, ensure_ascii=False)}", table)
    if tuned.everyone is not None:
        lines += _table("all", tuned.everyone)
    write_whole(path, ("\n".join(lines) + "\n").encode(), "Free space there, and run the same command again.")


def _table(heading: str, table: Table) -> Iterator[str]:
    chosen = table.chosen
    facts = {"epoch": chosen.epoch, "inner_uf1": chosen.inner_uf1, "trial": chosen.trial, "held_out": table.held_out}
    yield from _section(heading, {**facts, "checksum": table.checksum, "subjects": list(table.subjects)})
    yield from _section(f"{heading}.values", chosen.values)


def _section(heading: str, content: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", f"[{heading}]")
    yield from (f"{name} = {_toml(value)}" for name, value in content.items())


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def read_tuned(path: Path) -> Tuned:
    """What a `tuned.toml` says.

    Raises:
        UsageError: if it is none, or was edited.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        if content["format"] != TUNED_FORMAT:
            raise UsageError(f"--params {path} has the format {content['format']}, this merbench reads {TUNED_FORMAT}.")
        folds = {name: _read_table(path, name, given) for name, given in content.get("fold", {}).items()}
        return Tuned(
            method=str(content["method"]),
            kind=str(content["kind"]),
            trials=int(content["trials"]),
            recipe=str(content["recipe"]),
            settings=dict(content.get("settings", {})),
            folds=folds,
            everyone=_read_table(path, "all", content["all"]) if "all" in content else None,
        )
    except UsageError:
        raise
    except FileNotFoundError:
        raise UsageError(f"--params {path}: there is no such file; merbench tune writes one.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise UsageError(f"--params {path} is no tuned.toml of merbench ({type(fault).__name__}: {fault}).") from fault


def _read_table(path: Path, name: str, given: Mapping[str, Any]) -> Table:
    chosen = Chosen(
        values=dict(given["values"]),
        epoch=int(given["epoch"]),
        inner_uf1=float(given["inner_uf1"]),
        trial=int(given["trial"]),
    )
    table = Table(chosen=chosen, subjects=tuple(given["subjects"]), held_out=str(given["held_out"]))
    if table.checksum != given["checksum"]:
        raise UsageError(
            f"--params {path}: the table of {name} was edited since it was tuned, and would be recorded as what it is "
            "not; give such values with --set NAME=VALUE."
        )
    return table
