"""The checks of a method."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from merbench.method import Method
from merbench.testing import determinism, leakage, learning, outputs, parallel_folds, processes, side_effects, units
from merbench.testing.conformance import Check, Result, require_known, results
from merbench.testing.harness import Harness, tiny_harness

Subject: TypeAlias = Method | type[Method]


def _in_harness(check: Callable[[Harness], None]) -> Callable[[Subject], None]:
    return lambda method: check(tiny_harness(method))


def _exemptions_known(method: Subject) -> None:
    require_known(method.check_exempt, METHOD_CHECKS)


METHOD_CHECKS: tuple[Check[Subject], ...] = (
    Check(name="exemptions", says="what it is exempt from is a check", run=_exemptions_known),
    Check(name="declaration", says="name, recipes and inputs are whole", run=_in_harness(outputs.declared_whole)),
    Check(name="probabilities", says="they are finite and sum to one", run=_in_harness(outputs.probabilities_sound)),
    Check(name="seed", says="the same seed gives the same predictions", run=_in_harness(determinism.same_by_seed)),
    Check(name="labels", says="held-out labels are never read", run=_in_harness(leakage.labels_unread)),
    Check(name="frames", says="held-out frames change no weights", run=_in_harness(leakage.frames_unlearned)),
    Check(name="folds", says="the order of folds does not matter", run=_in_harness(determinism.folds_in_any_order)),
    Check(
        name="clips",
        says="the order of held-out clips does not matter",
        run=_in_harness(determinism.clips_in_any_order),
        may_be_exempt=True,
    ),
    Check(name="pickle", says="it can be pickled", run=_in_harness(processes.pickles)),
    Check(name="process", says="another process gives the same", run=_in_harness(processes.runs_spawned)),
    Check(name="state", says="random state and flags are left alone", run=_in_harness(side_effects.state_untouched)),
    Check(name="memory", says="memory does not grow over folds", run=_in_harness(side_effects.memory_steady)),
    Check(
        name="poor-folds",
        says="one class to train on is handled",
        run=_in_harness(outputs.poor_folds_handled),
    ),
    Check(
        name="packing",
        says="folds trained together agree with one at a time",
        run=_in_harness(parallel_folds.agree_with_single_folds),
        may_be_exempt=True,
    ),
    Check(name="units", says="action units are served, or refused by declaration", run=units.serves_units),
    Check(name="learns", says="synthetic motion of unseen people is learnt", run=learning.learns, may_be_exempt=True),
)


def check_method(method: Subject) -> Iterator[Result]:
    """The result of every check of a method: of a class by its quick recipe, of an instance with its parameters."""
    return results(METHOD_CHECKS, lambda: method, method.check_exempt)
