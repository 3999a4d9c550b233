"""Checks that a method survives the way to another process: pickled, and in a process of its own."""

from __future__ import annotations

import pickle

from merbench.method import Method
from merbench.testing.conformance import Failed
from merbench.testing.fresh_process import in_fresh_process
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
    """A fold alone in a fresh process gives what it gives here, where other folds were trained before it."""
    if type(harness.method).__module__ == "__main__":
        raise Failed(f"{type(harness.method).__qualname__} is defined in __main__, where no other process finds it.")
    own = harness.run(harness.fold_runs[1:])  # first, so that what a fold leaves behind would show
    fold_run = harness.fold_runs[-1]
    content = _pickled(harness.changed(fold_runs=(fold_run,)))
    spawned = in_fresh_process(_probabilities, content, type(harness.method))
    require_equal(own[fold_run.fold], spawned, "in another process, a fold gives other probabilities")


def _probabilities(harness: Harness) -> Probabilities:
    [probabilities] = harness.run().values()
    return probabilities
