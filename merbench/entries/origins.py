"""Where entries come from: file, distribution, and the hash of their source."""

from __future__ import annotations

import hashlib
import inspect
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from weakref import WeakKeyDictionary

import merbench

_ORIGINS: WeakKeyDictionary[type, Origin] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an entry comes from: `place` is a file, `package` and `version` those of its distribution.

    `digest` is the SHA-256 of the entry's source; empty for what merbench ships, whose version says it.
    """

    place: str
    package: str
    version: str
    digest: str = ""


def record_origin(entry: type, origin: Origin) -> None:
    """Remember where an entry comes from, for `origin_of`."""
    _ORIGINS[entry] = origin


def origin_of(entry: type) -> Origin | None:
    """Where an entry comes from; None for a class that no registry has taken in."""
    return _ORIGINS.get(entry)


def of_module(module: ModuleType) -> Origin:
    """The origin of what merbench ships in a module."""
    return Origin(place=str(module.__file__), package="merbench", version=merbench.__version__)


def of_point(point: EntryPoint, entry: type) -> Origin:
    """The origin of an entry of another distribution."""
    place = inspect.getsourcefile(entry) or point.value
    return Origin(
        place=place,
        package=point.dist.name if point.dist else "",
        version=point.dist.version if point.dist else "",
        digest=_package_digest(entry),
    )


def _package_digest(entry: type) -> str:
    """The SHA-256 of the source of the whole package that an entry lies in, of its file where it is a module."""
    package = sys.modules.get(entry.__module__.partition(".")[0])
    own = inspect.getsourcefile(entry) or ""
    if not getattr(package, "__file__", None) or not hasattr(package, "__path__"):
        return _digest(Path(own))
    folder = Path(str(package.__file__)).parent  # type: ignore[union-attr]
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        whole.update(f"{path.relative_to(folder).as_posix()}\0{_digest(path)}\n".encode())
    return whole.hexdigest()


def of_file(path: Path) -> Origin:
    """The origin of the entries of a plugin file."""
    return Origin(place=str(path), package=path.name, version="", digest=_digest(path))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
