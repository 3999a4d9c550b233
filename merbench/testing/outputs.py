"""Checks of what a method declares and says: a whole declaration, probabilities, refusals in a sentence."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np

from merbench.errors import EntryFault, MerbenchError
from merbench.method import declared_inputs
from merbench.testing.conformance import Failed
from merbench.testing.harness import Harness, Probabilities

_NAME = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*(?::.+)?")


def declared_whole(harness: Harness) -> None:
    """Name, title, docstring, recipes, inputs and the count of trained numbers are there and can be written down."""
    method, kind = harness.method, type(harness.method)
    if _NAME.fullmatch(kind.name) is None:
        raise Failed(f"name = {kind.name!r}: it must be lower-case letters and digits, with - between words.")
    if not str(kind.title).strip() or not (kind.__doc__ or "").strip():
        raise Failed(f"{kind.__qualname__} lacks a title or a docstring; both are shown by `merbench info`.")
    for name in ("published", "quick"):
        if not kind.recipe(name, 3).source:
            raise Failed(f"recipe {name} does not say its source.")
    json.dumps(declared_inputs(method).as_dict())
    method.parameter_count(len(harness.task.classes))


def probabilities_sound(harness: Harness) -> None:
    """Probabilities `(epoch clip class)` are finite, from 0 to 1, and sum to one, those of action units excepted."""
    fold_run = harness.fold_runs[0]
    require_probabilities(harness, harness.run([fold_run])[fold_run.fold], len(fold_run.watch))


def require_probabilities(harness: Harness, probabilities: Probabilities, clips: int) -> None:
    """Nothing, if these are probabilities of so many clips, of the kind of task of the harness.

    Raises:
        Failed: saying what they are instead.
    """
    kind, classes = harness.task.kind, len(harness.task.classes)
    fault = "there must be an epoch"
    if probabilities.ndim == 3:
        fault = kind.probability_fault(probabilities, clips, classes)
    if fault:
        raise Failed(f"{fault}.")


def poor_folds_handled(harness: Harness) -> None:
    """A fold that trains on one class, or on nothing, gives probabilities or a sentence, not an error of its own."""
    first, labels = harness.fold_runs[0], np.array(harness.task.labels())
    one_class = first.train[harness.task.kind.correct(labels[first.train], labels[first.train[0]])]
    for subset, train in (("one class", one_class), ("nothing", first.train[:0])):
        fold_run = dataclasses.replace(first, train=train)
        try:
            probabilities = harness.run([fold_run], method=harness.fresh())[fold_run.fold]
        except EntryFault as fault:
            raise Failed(f"a fold that trains on {subset} ends in an error, not a sentence: {fault}") from fault
        except MerbenchError:
            continue
        except Exception as fault:
            raise Failed(f"a fold that trains on {subset} ends in {type(fault).__name__}: {fault}") from fault
        require_probabilities(harness, probabilities, len(fold_run.watch))
