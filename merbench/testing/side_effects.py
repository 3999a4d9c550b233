"""Checks that a method leaves the process as it found it: random state, threads, flags, memory."""

from __future__ import annotations

import gc
import os
import random
import sys
import tracemalloc
import warnings
from itertools import pairwise
from typing import Any

import numpy as np

from merbench.testing.conformance import Failed
from merbench.testing.harness import Harness

#: More than this of growth at each of the later folds is a leak; caches that fill once are below it, or do not repeat.
_GROWTH = 16_384


def state_untouched(harness: Harness) -> None:
    """Random state of random, NumPy and torch, threads, deterministic flags and the environment are as before."""
    fold_run = harness.fold_runs[0]
    harness.run([fold_run], method=harness.fresh())  # what is imported on the way is imported now
    _move()
    before = _state()
    harness.run([fold_run], method=harness.fresh())
    after = _state()
    changed = [name for name, value in before.items() if after[name] != value]
    if changed:
        raise Failed(
            f"it changes {', '.join(changed)} of the whole process; draw from the generator that is handed in, and put "
            "settings back."
        )


def _move() -> None:
    """Move every global generator on, so that one that is seeded again is found elsewhere."""
    random.random()
    np.random.random()  # noqa: NPY002 (the one that must not be touched)
    if "torch" in sys.modules:
        sys.modules["torch"].rand(1)


def _state() -> dict[str, Any]:
    state: dict[str, Any] = {
        "the state of random": random.getstate(),
        "NumPy's global random state": _numpy_state(),
        "NumPy's error handling": np.geterr(),
        "the environment": dict(os.environ),
        "the working folder": os.getcwd(),  # noqa: PTH109 (compared, not used)
        "the filters of warnings": list(warnings.filters),
    }
    if "torch" in sys.modules:
        state |= _torch_state(sys.modules["torch"])
    if "cv2" in sys.modules:
        state["OpenCV's threads"] = sys.modules["cv2"].getNumThreads()
    return state


def _numpy_state() -> tuple[Any, ...]:
    _, key, place, *rest = np.random.get_state(legacy=True)  # noqa: NPY002 (the one that must not be touched)
    return np.asarray(key).tobytes(), place, *rest


def _torch_state(torch: Any) -> dict[str, Any]:
    return {
        "torch's global random state": torch.get_rng_state().tolist(),
        "torch's threads": torch.get_num_threads(),
        "torch's default type": torch.get_default_dtype(),
        "torch's deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "cuDNN's flags": (torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark),
        "whether gradients are kept": torch.is_grad_enabled(),
    }


def memory_steady(harness: Harness) -> None:
    """Fold after fold, no more memory is held than before: nothing of a fold is kept."""
    method, fold_run = harness.method, harness.fold_runs[0]
    started = not tracemalloc.is_tracing()
    if started:
        tracemalloc.start()
    try:
        held = []
        for _ in range(4):
            harness.run([fold_run], method=method)
            held.append(_held())
    finally:
        if started:
            tracemalloc.stop()
    grown = [after - before for before, after in pairwise(held[1:])]
    if min(grown) > _GROWTH:
        raise Failed(
            f"memory grows with every fold, by {min(grown) // 1024} KiB or more each time; keep nothing "
            "of a fold in the method, its class or its module."
        )


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0] + (_tensors(sys.modules["torch"]) if "torch" in sys.modules else 0)


def _tensors(torch: Any) -> int:
    """Bytes of all tensors that Python knows, each storage once; NumPy's memory that tensors share is not meant."""
    sizes: dict[int, int] = {}
    for each in gc.get_objects():
        if type(each) is torch.Tensor or type(each) is torch.nn.Parameter:
            storage = each.untyped_storage()
            sizes[storage.data_ptr()] = storage.nbytes()
    return sum(sizes.values())
