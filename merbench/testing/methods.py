"""What is checked of a method."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from merbench.method import Method
from merbench.testing import determinism as repetition
from merbench.testing import leakage as honesty
from merbench.testing import learning, processes
from merbench.testing import outputs as answers
from merbench.testing import parallel_folds as packing
from merbench.testing import side_effects as surroundings
from merbench.testing.check import Check, Result, require_known, results
from merbench.testing.harness import Bench, tiny_bench

Subject: TypeAlias = Method | type[Method]


def _on_bench(check: Callable[[Bench], None]) -> Callable[[Subject], None]:
    return lambda method: check(tiny_bench(method))


def _exemptions_known(method: Subject) -> None:
    require_known(method.check_exempt, METHOD_CHECKS)


METHOD_CHECKS: tuple[Check[Subject], ...] = (
    Check(name="exemptions", says="what it is exempt from is a check", run=_exemptions_known),
    Check(name="declaration", says="name, recipes and inputs are whole", run=_on_bench(answers.declared_whole)),
    Check(name="probabilities", says="they are finite and sum to one", run=_on_bench(answers.probabilities_sound)),
    Check(name="seed", says="the same seed gives the same predictions", run=_on_bench(repetition.same_by_seed)),
    Check(name="labels", says="held-out labels are never read", run=_on_bench(honesty.labels_unread)),
    Check(name="frames", says="held-out frames change no weights", run=_on_bench(honesty.frames_unlearned)),
    Check(name="folds", says="the order of folds does not matter", run=_on_bench(repetition.folds_in_any_order)),
    Check(
        name="clips",
        says="the order of held-out clips does not matter",
        run=_on_bench(repetition.clips_in_any_order),
        may_be_exempt=True,
    ),
    Check(name="pickle", says="it can be pickled", run=_on_bench(processes.pickles)),
    Check(name="process", says="a spawned process gives the same", run=_on_bench(processes.runs_spawned)),
    Check(name="state", says="random state and flags are left alone", run=_on_bench(surroundings.state_untouched)),
    Check(name="memory", says="memory does not grow over folds", run=_on_bench(surroundings.memory_steady)),
    Check(name="poor-folds", says="one class to train on is told clearly", run=_on_bench(answers.poor_folds_told)),
    Check(
        name="packing",
        says="folds trained together agree with one at a time",
        run=_on_bench(packing.packed_alike),
        may_be_exempt=True,
    ),
    Check(name="learns", says="planted motion of unseen people is learnt", run=learning.learns, may_be_exempt=True),
)


def check_method(method: Subject) -> Iterator[Result]:
    """What comes of every check of a method: a class, by its quick recipe, or an instance with its parameters."""
    return results(METHOD_CHECKS, lambda: method, method.check_exempt)
