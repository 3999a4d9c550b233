"""The checks of methods on action units: of those that serve both kinds of task, one of them, or say so wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest

from merbench.inputs import Frames, Inputs
from merbench.kind_names import BOTH, MULTI, KindName
from merbench.method import FittedMethod, Method, Predictor, Samples, TrainInfo
from merbench.testing import METHOD_CHECKS
from merbench.testing.conformance import Verdict, verdict_of

Array = npt.NDArray[Any]


def verdicts(method: type[Method], *names: str) -> Iterator[tuple[str, Verdict, str]]:
    """What comes of checks, all if none is named, but for those that start processes."""
    for check in METHOD_CHECKS:
        if check.name in names or (not names and check.name not in ("process", "memory")):
            yield check.name, *verdict_of(check, lambda: method, method.check_exempt)


def motion(samples: Samples) -> npt.NDArray[np.float64]:
    """The change from onset to apex `(clip value)`."""
    assert samples.frames is not None
    frames = samples.frames.astype(np.float64)
    return (frames[:, 1] - frames[:, 0]).reshape(len(frames), -1)


class Nearer(Predictor):
    """A unit is the more probable, the nearer the mean of clips that have it is than that of the others."""

    def __init__(self, means: list[tuple[Array, Array]]) -> None:
        self.means = means

    def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
        seen = motion(held_out)
        apart = [[np.linalg.norm(seen - mean, axis=1) for mean in pair] for pair in self.means]
        columns = [1 / (1 + np.exp(np.clip((present - absent) / 20, -50, 50))) for absent, present in apart]
        return np.stack(columns, axis=1).astype(np.float32)


class Units(FittedMethod):
    """Action units alone, by the nearer mean of the motion."""

    name = "only-units"
    title = "Made for a test"
    family = "hand-crafted"
    kinds: ClassVar[frozenset[KindName]] = MULTI

    def inputs(self) -> Inputs:
        return Inputs(frames=Frames(at=("onset", "apex"), size=(16, 16)))

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        seen, labels = motion(samples), train.labels

        def mean(unit: int, value: int) -> Array:
            own = labels[:, unit] == value
            return seen[own].mean(axis=0) if own.any() else np.full(seen.shape[1], 1e3)

        return Nearer([(mean(unit, 0), mean(unit, 1)) for unit in range(len(train.classes))])


class TooLarge(Units):
    """Probabilities above 1."""

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        class Large(Predictor):
            def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
                return np.full((held_out.count, len(train.classes)), 1.5, dtype=np.float32)

        return Large()


class SaysBoth(Units):
    """Made for action units, and declares classes, too."""

    kinds = BOTH


def test_a_method_of_units_alone_passes_and_is_seen_to_learn() -> None:
    found = {name: (verdict, said) for name, verdict, said in verdicts(Units)}
    failed = {name: said for name, (verdict, said) in found.items() if verdict == "failed"}
    assert not failed
    assert {name for name, (verdict, _) in found.items() if verdict == "passed"} >= {
        "probabilities", "seed", "labels", "frames", "poor-folds", "units", "learns",
    }  # fmt: skip


def test_probabilities_of_units_beyond_one_fail() -> None:
    for _, verdict, said in verdicts(TooLarge, "probabilities", "units"):
        assert verdict == "failed"
        assert "1.5" in said


def test_a_method_that_reads_labels_of_units_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from merbench.experiments import evaluate

    class Reads(Units):
        """Has the labels of all clips, which no method is given."""

        def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
            class Peeks(Predictor):
                def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
                    labels = evaluator[-1].own_labels
                    share = np.average(labels, axis=0, weights=np.arange(1, len(labels) + 1))
                    return np.tile(share, (held_out.count, 1)).astype(np.float32)

            return Peeks()

    evaluator: list[Any] = []
    plain = evaluate.Evaluator.__init__

    def watched(self: Any, *given: Any, **named: Any) -> None:
        plain(self, *given, **named)
        evaluator.append(self)

    monkeypatch.setattr(evaluate.Evaluator, "__init__", watched)
    [(_, verdict, said)] = verdicts(Reads, "units")
    assert verdict == "failed"
    assert "of action units, with other labels of the held-out clips" in said


def test_a_kind_that_is_declared_and_not_served_fails() -> None:
    [(_, verdict, said)] = verdicts(SaysBoth, "probabilities")
    assert verdict == "failed"
    assert "too many indices" in said
