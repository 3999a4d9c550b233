"""Checks that a method survives the way to another process: pickled, and in a worker that was spawned."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from merbench.errors import EntryError
from merbench.method import Method
from merbench.plugins import load_plugin
from merbench.testing.conformance import Failed
from merbench.testing.harness import Harness, Probabilities, require_equal


def pickles(harness: Harness) -> None:
    """The method comes out of a pickle with the same parameters, and says the same."""
    again = _unpickled(_pickled(harness.method))
    if again.parameters != harness.method.parameters:
        raise Failed(f"parameters are {harness.method.parameters} before the pickle, {again.parameters} after it.")
    fold_run = harness.fold_runs[0]
    require_equal(
        harness.run([fold_run], method=harness.fresh())[fold_run.fold],
        harness.run([fold_run], method=again)[fold_run.fold],
        "out of a pickle, it gives other probabilities",
    )


def _pickled(method: object) -> bytes:
    try:
        return pickle.dumps(method)
    except Exception as fault:
        raise Failed(
            f"it cannot be pickled ({type(fault).__name__}: {fault}); define the class at the top of a module, and "
            "keep nothing in it but its parameters."
        ) from fault


def _unpickled(content: bytes) -> Method:
    method: Method = pickle.loads(content)
    return method


def runs_spawned(harness: Harness) -> None:
    """A fold alone in a spawned process gives what it gives here, where other folds were trained before it."""
    if type(harness.method).__module__ == "__main__":
        raise Failed(f"{type(harness.method).__qualname__} is defined in __main__, where no other process finds it.")
    own = harness.run(harness.fold_runs[1:])  # first, so that what a fold leaves behind would show
    fold_run = harness.fold_runs[-1]
    content = _pickled(harness.changed(fold_runs=(fold_run,)))
    plugins = [place] if (place := plugin_of(type(harness.method))) else []
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        spawned = pool.submit(_in_worker, content, plugins, list(sys.path)).result(timeout=300)
    require_equal(own[fold_run.fold], spawned, "in a spawned process, a fold gives other probabilities")


def plugin_of(kind: type) -> str:
    """The file to load before an entry can be unpickled, if it is of a plugin file; else empty."""
    module = sys.modules.get(kind.__module__)
    return str(getattr(module, "__file__", "")) if kind.__module__.startswith("merbench_plugin_") else ""


def _in_worker(content: bytes, plugins: list[str], path: list[str]) -> Probabilities:
    sys.path[:] = path
    for plugin in plugins:
        load_plugin(Path(plugin))
    try:
        harness: Harness = pickle.loads(content)
    except Exception as fault:  # an import that fails there, for one
        raise EntryError(f"a spawned process cannot unpickle it: {type(fault).__name__}: {fault}") from fault
    [probabilities] = harness.run().values()
    return probabilities
