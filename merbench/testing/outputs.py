"""Checks of what a method declares and says: a whole declaration, probabilities, refusals in a sentence."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np

from merbench.errors import EntryFault, MerbenchError
from merbench.method import declared_inputs
from merbench.testing.check import Failed
from merbench.testing.harness import Bench, Probabilities

_NAME = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*(?::.+)?")


def declared_whole(bench: Bench) -> None:
    """Name, title, docstring, recipes, inputs and the count of trained numbers are there and can be written down."""
    method, kind = bench.method, type(bench.method)
    if _NAME.fullmatch(kind.name) is None:
        raise Failed(f"name = {kind.name!r}: it must be lower-case letters and digits, with - between words.")
    if not str(kind.title).strip() or not (kind.__doc__ or "").strip():
        raise Failed(f"{kind.__qualname__} lacks a title or a docstring; both are shown by `merbench info`.")
    for name in ("published", "quick"):
        if not kind.recipe(name, 3).source:
            raise Failed(f"recipe {name} does not say its source.")
    json.dumps(declared_inputs(method).as_dict())
    method.parameter_count(len(bench.task.classes))


def probabilities_sound(bench: Bench) -> None:
    """Probabilities `(epoch clip class)` are finite, from 0 to 1, and sum to one."""
    trial = bench.trials[0]
    found = bench.run([trial])[trial.fold]
    require_probabilities(found, len(trial.watch), len(bench.task.classes))


def require_probabilities(found: Probabilities, clips: int, classes: int) -> None:
    """Nothing, if these are probabilities of so many clips and classes.

    Raises:
        Failed: saying what they are instead.
    """
    if found.ndim != 3 or found.shape[1:] != (clips, classes):
        raise Failed(f"probabilities are {found.shape}, but must be (epoch clip class) = (…, {clips}, {classes}).")
    if not np.isfinite(found).all() or found.min() < 0 or found.max() > 1 + 1e-4:
        raise Failed(f"probabilities must be finite and from 0 to 1; they reach from {found.min()} to {found.max()}.")
    apart = float(np.abs(found.sum(axis=2) - 1).max())
    if apart > 1e-3:
        raise Failed(f"the probabilities of a clip must sum to 1; they are off by up to {apart:.2g}.")


def poor_folds_told(bench: Bench) -> None:
    """A fold that trains on one class, or on nothing, gives probabilities or a sentence, not an error of its own."""
    first, labels = bench.trials[0], np.array(bench.task.labels())
    one_class = first.train[labels[first.train] == labels[first.train[0]]]
    for told, train in (("one class", one_class), ("nothing", first.train[:0])):
        trial = dataclasses.replace(first, train=train)
        try:
            found = bench.run([trial], method=bench.fresh())[trial.fold]
        except EntryFault as fault:
            raise Failed(f"a fold that trains on {told} ends in an error, not a sentence: {fault}") from fault
        except MerbenchError:
            continue
        except Exception as fault:
            raise Failed(f"a fold that trains on {told} ends in {type(fault).__name__}: {fault}") from fault
        require_probabilities(found, len(trial.watch), len(bench.task.classes))
