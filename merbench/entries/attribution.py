"""Whose code it was: an error out of an entry's own source ends as one sentence that names entry, file and line."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, TracebackType

from merbench.errors import EntryFault, MerbenchError


@contextmanager
def blamed(entry: object, doing: str = "") -> Iterator[None]:
    """A block in which an error that comes out of the source of `entry` becomes an `EntryFault`; others pass.

    Raises:
        EntryFault: naming the entry, the error, and the innermost line of the entry's own.
    """
    try:
        yield
    except MerbenchError:
        raise
    except Exception as fault:
        found = _innermost(type(entry), fault.__traceback__)
        if found is None:
            raise
        raise EntryFault(
            f"{described(type(entry))} failed{f' {doing}' if doing else ''}: {type(fault).__name__}: "
            f"{' '.join(str(fault).split()) or 'no message'} (at {found})"
        ) from fault


def described(kind: type) -> str:
    """An entry as messages name it: its kind and name, and what it comes from where merbench does not ship it."""
    from merbench.registry import EVERY

    name = str(getattr(kind, "name", kind.__qualname__))
    for registry in EVERY:
        if issubclass(kind, registry.base):
            origin = registry.origins.get(name)
            foreign = origin is not None and origin.package != "merbench"
            package = f" of {origin.package} {origin.version}".rstrip() if origin is not None and foreign else ""
            return f"The {registry.singular} {name}{package}"
    return name


def _innermost(kind: type, trace: TracebackType | None) -> str | None:
    files, folders = _sources(kind)
    for frame in reversed(traceback.extract_tb(trace)):
        if frame.filename in files or any(Path(frame.filename).is_relative_to(folder) for folder in folders):
            return f"{frame.filename}, line {frame.lineno}, in {frame.name}"
    return None


def _sources(kind: type) -> tuple[set[str], set[Path]]:
    """The files that an entry and its bases were compiled from, and the folders of its packages."""
    files: set[str] = set()
    folders: set[Path] = set()
    for base in kind.__mro__:
        if not _is_core(base.__module__):
            files |= {code.__code__.co_filename for code in vars(base).values() if isinstance(code, FunctionType)}
            folders |= _package(base)
    return files, folders


def _package(kind: type) -> set[Path]:
    """The folder of the package that a class lies in: of one that merbench ships, the entry's own."""
    parts = kind.__module__.split(".")
    own = ".".join(parts[:3]) if parts[0] == "merbench" else parts[0]
    module = sys.modules.get(own)
    file = getattr(module, "__file__", None) if hasattr(module, "__path__") else None  # a bare folder has none
    return set() if file is None else {Path(file).parent}


def _is_core(module: str) -> bool:
    parts = module.split(".")
    shipped = parts[0] == "merbench" and len(parts) > 2 and parts[1] in ("methods", "datasets", "protocols")
    return module in sys.builtin_module_names or module in ("abc", "typing") or (parts[0] == "merbench" and not shipped)
