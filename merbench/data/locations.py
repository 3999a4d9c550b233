"""Where data lies when the command does not say: the environment variable MERBENCH_DATA, and ``merbench.toml``."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from merbench._atomic import cause
from merbench.errors import UsageError

VARIABLE = "MERBENCH_DATA"
FILE = "merbench.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A dataset's folder or file, and what says so."""

    path: Path
    by: str

    @property
    def found(self) -> bool:
        """Whether it is there."""
        return self.path.exists()


def configured(name: str) -> Root | None:
    """Where a dataset lies by the configuration; None where nothing is said.

    The folder of that name in `VARIABLE` comes first, if it is there; then the line of `FILE` in the working folder.
    """
    return _by_variable(name) or configured_roots().get(name)


def configured_roots() -> Mapping[str, Root]:
    """The lines of the table ``[data]`` in the working folder's `FILE`; paths in it are seen from the file.

    Raises:
        UsageError: if the file cannot be read, or a line is no path.
    """
    file = Path.cwd() / FILE
    if not file.is_file():
        return {}
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("data", {})
    except (OSError, ValueError) as fault:
        raise UsageError(
            f"{file} cannot be read ({_told(fault)}); write TOML: a line [data], and below it casme2 = 'DIR'."
        ) from fault
    if not isinstance(table, dict):
        raise UsageError(f"{file}: data is {table!r}, but must be a table: a line [data], and below it casme2 = 'DIR'.")
    return {name: Root(path=_path(file, name, value), by=FILE) for name, value in table.items()}


def home() -> Path | None:
    """The folder that `VARIABLE` names, with one folder a dataset in it; None where it is not set."""
    given = os.environ.get(VARIABLE)
    return Path(given).expanduser() if given else None


def _by_variable(name: str) -> Root | None:
    folder = home()
    if folder is None or not (folder / name).exists():
        return None
    return Root(path=folder / name, by=VARIABLE)


def _path(file: Path, name: str, value: object) -> Path:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{file}: data.{name} is {value!r}, but must be a path in quotes.")
    return (file.parent / Path(value).expanduser()).resolve()


def _told(fault: Exception) -> str:
    return cause(fault) if isinstance(fault, OSError) else str(fault)
