"""Tuned parameters, and the file `tuned.toml` that holds them: a table for each outer fold, and one for other data."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tomli_w
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from merbench._files.atomic import atomic_write
from merbench._files.toml import read_toml
from merbench.entries.parameters import Value
from merbench.errors import UsageError
from merbench.results.provenance import digest

TUNED_FORMAT = 1
_HEAD = """\
# Parameters chosen by merbench tune. `merbench run --tuned THIS-FILE` uses the table of a fold for that fold alone,
# and [all] for clips of subjects that nothing here was tuned on. `epoch`: which epoch of the training counts.
# `inner_score`: UF1 on clips that were held back in tuning, or mean F1 of action units.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TunedParameters:
    """The values of what was searched, the epoch that counts, counted from 1, and how it did on the inner folds.

    `inner_score` is that of the score that ranks: UF1, or mean F1 of a multi-label task.
    """

    values: Mapping[str, Value]
    epoch: int
    inner_score: float
    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TunedTable:
    """What was chosen with the clips of `subjects`, to be used where the clips of `held_out`, a digest, are tested."""

    chosen: TunedParameters
    subjects: tuple[str, ...]
    held_out: str = ""

    @property
    def checksum(self) -> str:
        """What changes if somebody edits the table."""
        chosen = self.chosen
        return digest([dict(chosen.values), chosen.epoch, chosen.trial, sorted(self.subjects), self.held_out])


@dataclass(frozen=True, slots=True, kw_only=True)
class TunedFile:
    """The content of a `tuned.toml`: `recipe` and `settings` are what the values stand on."""

    method: str
    kind: str
    trials: int
    recipe: str
    settings: Mapping[str, str] = field(default_factory=dict)
    folds: Mapping[str, TunedTable] = field(default_factory=dict)
    all_subjects: TunedTable | None = None

    @property
    def checksum(self) -> str:
        """What changes if somebody edits anything."""
        tables = {**{f"fold {name}": table for name, table in self.folds.items()}, "all": self.all_subjects}
        chosen = {name: [each.checksum, each.chosen.inner_score] for name, each in tables.items() if each is not None}
        return digest([self.method, self.kind, self.trials, self.recipe, dict(self.settings), chosen])


def held_out_digest(keys: Collection[str]) -> str:
    """What distinguishes the held-out clips of a fold from others."""
    return digest(sorted(keys))


class _Table(BaseModel):
    """A table of the file as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    epoch: int
    #: Files of earlier releases call it `inner_uf1`.
    inner_score: float = Field(validation_alias=AliasChoices("inner_score", "inner_uf1"))
    trial: int
    held_out: str
    checksum: str
    subjects: tuple[str, ...]
    values: dict[str, str | bool | int | float]


class _File(BaseModel):
    """The file as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    method: str
    kind: str
    trials: int
    recipe: str
    #: Of everything else; files of before have none.
    checksum: str = ""
    settings: dict[str, str] = Field(default_factory=dict)
    fold: dict[str, _Table] = Field(default_factory=dict)
    all: _Table | None = None


def write_tuned(path: Path, tuned: TunedFile) -> None:
    """Keep what was chosen.

    Raises:
        StoreError: if it cannot be written.
    """
    file = _File(
        format=TUNED_FORMAT,
        method=tuned.method,
        kind=tuned.kind,
        trials=tuned.trials,
        recipe=tuned.recipe,
        checksum=tuned.checksum,
        settings=dict(tuned.settings),
        fold={name: _written(table) for name, table in tuned.folds.items()},
        all=None if tuned.all_subjects is None else _written(tuned.all_subjects),
    )
    text = _HEAD + tomli_w.dumps(file.model_dump(exclude_none=True))
    atomic_write(path, text.encode(), "Free space there, and run the same command again.")


def _written(table: TunedTable) -> _Table:
    chosen = table.chosen
    return _Table(
        epoch=chosen.epoch,
        inner_score=chosen.inner_score,
        trial=chosen.trial,
        held_out=table.held_out,
        checksum=table.checksum,
        subjects=table.subjects,
        values=dict(chosen.values),
    )


def read_tuned(path: Path) -> TunedFile:
    """What a `tuned.toml` says.

    Raises:
        UsageError: if it is none, or was edited.
    """
    if path.is_dir():
        written = path / "tuning" / "tuned.toml"
        remedy = f"its file is --tuned {shlex.quote(str(written))}" if written.is_file() else "name the file tuned.toml"
        raise UsageError(f"--tuned {path} is a folder; {remedy}.")
    try:
        file = _File.model_validate(read_toml(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UsageError(f"--tuned {path}: there is no such file; merbench tune writes one.") from None
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise UsageError(f"--tuned {path} is no tuned.toml of merbench ({place}: {first['msg']}).") from fault
    except (OSError, ValueError) as fault:
        raise UsageError(f"--tuned {path} is no tuned.toml of merbench ({type(fault).__name__}: {fault}).") from fault
    if file.format != TUNED_FORMAT:
        raise UsageError(f"--tuned {path} has the format {file.format}, this merbench reads {TUNED_FORMAT}.")
    tuned = TunedFile(
        method=file.method,
        kind=file.kind,
        trials=file.trials,
        recipe=file.recipe,
        settings=file.settings,
        folds={name: _read(path, name, table) for name, table in file.fold.items()},
        all_subjects=None if file.all is None else _read(path, "all", file.all),
    )
    if file.checksum and tuned.checksum != file.checksum:
        raise _edited(path, "it")
    return tuned


def _edited(path: Path, what: str) -> UsageError:
    return UsageError(
        f"--tuned {path}: {what} was edited since it was tuned, and would be recorded as what it is not; give such "
        "values with --set NAME=VALUE."
    )


def _read(path: Path, name: str, written: _Table) -> TunedTable:
    chosen = TunedParameters(
        values=written.values, epoch=written.epoch, inner_score=written.inner_score, trial=written.trial
    )
    table = TunedTable(chosen=chosen, subjects=written.subjects, held_out=written.held_out)
    if table.checksum != written.checksum:
        raise _edited(path, f"the table of {name}")
    return table
