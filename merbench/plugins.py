"""Entries of plugin files."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from merbench.entries.attribution import same_folder, sentence_of
from merbench.entries.components import FAMILIES
from merbench.errors import DuplicateName, EntryError
from merbench.registry import EVERY

#: The attribute of a plugin's module that holds the digest of its file.
_DIGEST = "__merbench_digest__"


def load_plugin(path: Path) -> tuple[str, ...]:
    """The names that a plugin file registered, each as ``method mynet`` or ``attention mine of mmnet``.

    Raises:
        EntryError: if the file is missing, cannot be imported, or defines no entry and no part.
        DuplicateName: if a name is taken.
    """
    if not path.is_file():
        raise EntryError(f"Plugin {path}: there is no such file.")
    entries, components = [each.snapshot() for each in EVERY], [(family, family.snapshot()) for family in FAMILIES]
    module = None
    try:
        with same_folder():
            module = _import_file(path)
        names = [name for each in EVERY for name in each.take_file(module, path)]
        names += [name for family in FAMILIES for name in family.take_module(module)]
    except BaseException as fault:
        for each, snapshot in zip(EVERY, entries, strict=True):
            each.restore(snapshot)
        for family, before in components:
            family.restore(before)
        if isinstance(fault, DuplicateName | KeyboardInterrupt | GeneratorExit):
            raise
        if module is None and isinstance(fault, EntryError):
            raise
        raise EntryError(f"Plugin {path}: {sentence_of(fault, file=str(module and module.__file__))}") from fault
    if not names:
        raise EntryError(
            f"Plugin {path}: it defines no Method, Dataset or Protocol with a name, and registers no part."
        )
    return tuple(names)


def _import_file(path: Path) -> ModuleType:
    name = f"merbench_plugin_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if name in sys.modules:
        if getattr(sys.modules[name], _DIGEST, digest) != digest:
            raise EntryError(
                f"Plugin {path}: it changed since this process loaded it, and the old code would run under its name; "
                "start Python anew."
            )
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise EntryError(f"Plugin {path}: it is no Python file.")
    module = importlib.util.module_from_spec(spec)
    setattr(module, _DIGEST, digest)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as fault:
        del sys.modules[name]
        if isinstance(fault, DuplicateName | KeyboardInterrupt | GeneratorExit):
            raise
        why = sentence_of(fault, file=str(module.__file__))
        raise EntryError(f"Plugin {path}: it cannot be imported: {why}") from fault
    return module
