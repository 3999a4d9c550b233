"""Calls in another process, which shares nothing with this one but what it is handed."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, TypeVar

from merbench.errors import EntryError
from merbench.plugins import load_plugin

_T = TypeVar("_T")

#: Imported once, in the process from which the others are forked: importing torch takes seconds.
_PRELOADED = ("torch", "merbench.testing")
_SECONDS = 300.0


def in_fresh_process(function: Callable[[Any], _T], argument: bytes, kind: type) -> _T:
    """What a function makes of a pickled argument in a process that has done nothing before.

    The plugin file that `kind` is of is loaded there before the argument is unpickled.

    Raises:
        EntryError: if the argument cannot be unpickled there.
        TimeoutError: if it takes more than five minutes.
        Exception: whatever the function raises there.
    """
    plugin = _plugin_of(kind)
    with ProcessPoolExecutor(max_workers=1, mp_context=_context()) as pool:
        return pool.submit(_call, function, argument, plugin, list(sys.path)).result(timeout=_SECONDS)


def _context() -> BaseContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():  # Windows
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


def _plugin_of(kind: type) -> str:
    """The file to load before an entry can be unpickled, if it is of a plugin file; else empty."""
    module = sys.modules.get(kind.__module__)
    return str(getattr(module, "__file__", "")) if kind.__module__.startswith("merbench_plugin_") else ""


def _call(function: Callable[[Any], _T], argument: bytes, plugin: str, path: list[str]) -> _T:
    sys.path[:] = path
    if plugin:
        load_plugin(Path(plugin))
    try:
        unpickled = pickle.loads(argument)
    except Exception as fault:  # an import that fails there, for one
        raise EntryError(f"another process cannot unpickle it: {type(fault).__name__}: {fault}") from fault
    return function(unpickled)
