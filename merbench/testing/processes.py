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
from merbench.testing.check import Failed
from merbench.testing.compare import require_equal
from merbench.testing.harness import Bench, Probabilities


def pickles(bench: Bench) -> None:
    """The method comes out of a pickle with the same parameters, and says the same."""
    again = _unpickled(_pickled(bench.method))
    if again.parameters != bench.method.parameters:
        raise Failed(f"parameters are {bench.method.parameters} before the pickle, {again.parameters} after it.")
    trial = bench.trials[0]
    require_equal(
        bench.run([trial], method=bench.fresh())[trial.fold],
        bench.run([trial], method=again)[trial.fold],
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
    found: Method = pickle.loads(content)
    return found


def runs_spawned(bench: Bench) -> None:
    """A fold alone in a spawned process gives what it gives here, where other folds were trained before it."""
    if type(bench.method).__module__ == "__main__":
        raise Failed(f"{type(bench.method).__qualname__} is defined in __main__, where no other process finds it.")
    own = bench.run(bench.trials[1:])  # first, so that what a fold leaves behind would show
    trial = bench.trials[-1]
    content = _pickled(bench.changed(trials=(trial,)))
    plugins = [place] if (place := plugin_of(type(bench.method))) else []
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(_in_worker, content, plugins, list(sys.path)).result(timeout=300)
    require_equal(own[trial.fold], found, "in a spawned process, a fold gives other probabilities")


def plugin_of(kind: type) -> str:
    """The file to load before an entry can be unpickled, if it is of a plugin file; else empty."""
    module = sys.modules.get(kind.__module__)
    return str(getattr(module, "__file__", "")) if kind.__module__.startswith("merbench_plugin_") else ""


def _in_worker(content: bytes, plugins: list[str], path: list[str]) -> Probabilities:
    sys.path[:] = path
    for plugin in plugins:
        load_plugin(Path(plugin))
    try:
        bench: Bench = pickle.loads(content)
    except Exception as fault:  # an import that fails there, for one
        raise EntryError(f"a spawned process cannot unpickle it: {type(fault).__name__}: {fault}") from fault
    [found] = bench.run().values()
    return found
