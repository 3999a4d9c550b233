"""Where data lies when the command does not say: the environment variable MERBENCH_DATA, and ``merbench.toml``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from merbench._files.atomic import cause
from merbench._files.toml import read_toml
from merbench.errors import UsageError

#: The name of the dataset that a text spells, as the registry knows it; other texts as they are.
Canonical: TypeAlias = Callable[[str], str]

VARIABLE = "MERBENCH_DATA"
FILE = "merbench.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A dataset's folder or file, and what says so."""

    path: Path
    by: str

    @property
    def exists(self) -> bool:
        """Whether it is there."""
        return self.path.exists()


def configured(name: str, canonical: Canonical = str) -> Root | None:
    """Where a dataset lies by the configuration; None where nothing is said.

    The folder of that name in `VARIABLE` comes first, if it is there; then the line of `FILE` in the working folder.
    Other spellings of the name count where `canonical` gives the name that they spell.

    Raises:
        UsageError: if the file cannot be read, or two folders or lines are of the dataset.
    """
    return _by_variable(name, canonical) or configured_roots(canonical).get(name)


def configured_roots(canonical: Canonical = str) -> Mapping[str, Root]:
    """The lines of the table ``[data]`` in the working folder's `FILE`; paths in it are seen from the file.

    Raises:
        UsageError: if the file cannot be read, a line is no path, or two lines are of one dataset.
    """
    file = Path.cwd() / FILE
    if not file.is_file():
        return {}
    try:
        table = read_toml(file.read_text(encoding="utf-8")).get("data", {})
    except (OSError, ValueError) as fault:
        raise UsageError(
            f"{file} cannot be read ({_reason(fault)}); write TOML: a line [data], and below it casme2 = 'DIR'."
        ) from fault
    if not isinstance(table, dict):
        raise UsageError(f"{file}: data is {table!r}, but must be a table: a line [data], and below it casme2 = 'DIR'.")
    roots: dict[str, Root] = {}
    for spelled, value in table.items():
        if canonical(spelled) in roots:
            raise UsageError(f"{file}: two lines of [data] are {canonical(spelled)}, {spelled} among them; leave one.")
        roots[canonical(spelled)] = Root(path=_path(file, spelled, value), by=FILE)
    return roots


def home() -> Path | None:
    """The folder that `VARIABLE` names, with one folder a dataset in it; None where it is not set."""
    folder = os.environ.get(VARIABLE)
    return Path(folder).expanduser() if folder else None


def _by_variable(name: str, canonical: Canonical) -> Root | None:
    folder = home()
    if folder is None or not folder.is_dir():
        return None
    if (folder / name).exists():
        return Root(path=folder / name, by=VARIABLE)
    spelled = sorted(path for path in folder.iterdir() if canonical(path.name) == name)
    if len(spelled) > 1:
        names = ", ".join(path.name for path in spelled)
        raise UsageError(f"{VARIABLE}: {folder} has several folders for {name}: {names}; call the one to read {name}.")
    return Root(path=spelled[0], by=VARIABLE) if spelled else None


def _path(file: Path, name: str, value: object) -> Path:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise UsageError(f"{file}: data.{name} is {value!r}, but must be a path in quotes.")
    return (file.parent / Path(value).expanduser()).resolve()


def _reason(fault: Exception) -> str:
    return cause(fault) if isinstance(fault, OSError) else str(fault)
