"""Attribution: an error raised by an entry's own source becomes one sentence that names entry, file and line."""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, TracebackType

from merbench.entries.origins import origin_of
from merbench.errors import EntryFault, MerbenchError


@contextmanager
def attributed(entry: object, doing: str = "") -> Iterator[None]:
    """A block in which an error raised by the source of `entry`, a class or an instance, becomes an `EntryFault`.

    An error that surfaces elsewhere while the entry's objects are in use (a wrong signature, a tensor without gradient)
    counts as the entry's where merbench does not ship it, unless memory ran out; other errors pass.

    Raises:
        EntryFault: naming the entry, the error, and the innermost line of the entry's own.
    """
    try:
        with same_folder():
            yield
    except (MerbenchError, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as fault:
        kind = entry if isinstance(entry, type) else type(entry)
        place = _innermost(kind, fault.__traceback__)
        if place is None and isinstance(fault, Exception) and _is_foreign(kind) and not _is_memory(fault):
            place = _definition(kind)
        if place is None:
            raise
        raise EntryFault(
            f"{described(kind)} failed{f' {doing}' if doing else ''}: {type(fault).__name__}: "
            f"{' '.join(str(fault).split()) or 'no message'} (at {place})"
        ) from fault


@contextmanager
def same_folder() -> Iterator[None]:
    """A block at whose end the working folder is the one of its start, whatever an entry changed it to."""
    before = Path.cwd()
    try:
        yield
    finally:
        if not _is_here(before):
            os.chdir(before)


def _is_here(folder: Path) -> bool:
    try:
        return Path.cwd() == folder
    except FileNotFoundError:  # the entry removed the folder that it changed to
        return False


def sentence_of(fault: BaseException, kind: type | None = None, file: str = "") -> str:
    """An error as a phrase: that of merbench as it is, any other by type, message and line of `kind` or `file`."""
    if isinstance(fault, MerbenchError):
        return str(fault)
    place = _innermost(kind, fault.__traceback__) if kind is not None else None
    lines = [frame.lineno for frame in traceback.extract_tb(fault.__traceback__) if file and frame.filename == file]
    where = f" (at {place})" if place else f" (at {file}, line {lines[-1]})" if lines else ""
    return f"{type(fault).__name__}: {' '.join(str(fault).split()) or 'no message'}{where}"


def described(kind: type) -> str:
    """An entry as messages name it: kind, name, and its package where merbench does not ship it."""
    name = str(getattr(kind, "name", kind.__qualname__))
    entry_kind = getattr(kind, "entry_kind", "")
    if not entry_kind:
        return name
    origin = origin_of(kind)
    package = "" if origin is None or origin.package == "merbench" else f" of {origin.package} {origin.version}"
    return f"The {entry_kind} {name}{package}".rstrip()


def _is_foreign(kind: type) -> bool:
    return bool(getattr(kind, "entry_kind", "")) and not kind.__module__.startswith("merbench.")


def _is_memory(fault: Exception) -> bool:
    return isinstance(fault, MemoryError) or "out of memory" in str(fault).lower() or "allocate memory" in str(fault)


def _definition(kind: type) -> str | None:
    """The file and line of a class; None where its source is not in a file."""
    try:
        return f"{inspect.getsourcefile(kind)}, line {inspect.getsourcelines(kind)[1]}, class {kind.__name__}"
    except (OSError, TypeError):
        return f"class {kind.__qualname__}"


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
