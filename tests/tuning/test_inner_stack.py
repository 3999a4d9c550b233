"""How many inner folds of a trial are stacked: what a step of one takes is measured, and a halving is remembered."""

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest

from merbench.registry import methods
from merbench.training import autotune, memory
from merbench.training.numerics import Numerics, choose
from merbench.tuning.inner_stack import InnerStack


def evaluator(parallel_folds: int, parallelism: str = "vmapped") -> Any:
    numerics = choose("cpu", "float32", threads=1, parallel_folds=parallel_folds)
    numerics = dataclasses.replace(numerics, parallelism=parallelism)
    method = methods.get("ststnet")
    return SimpleNamespace(
        numerics=numerics,
        method=method(),
        seed=0,
        engine=lambda method: (None, numerics, None),
        fold_job=lambda fold_run: None,
    )


def folds_of(stack: InnerStack, evaluator: Any, inner: int = 4) -> int:
    stack.fit(evaluator, [SimpleNamespace()] * inner)
    return evaluator.numerics.parallel_folds


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Bytes that a step of one fold takes and that there are, which tests set."""
    sizes = {"one": 10, "free": 1000}
    monkeypatch.setattr(autotune, "fitting", lambda *given, **named: (sizes["one"], sizes["free"] // sizes["one"]))
    return sizes


def test_no_more_inner_folds_are_stacked_than_fit(taken: dict[str, int]) -> None:
    stack = InnerStack()
    assert folds_of(stack, evaluator(4)) == 4
    assert folds_of(stack, evaluator(8)) == 4  # there are no more
    taken["one"] = 300
    assert folds_of(stack, evaluator(4)) == 3
    taken["one"] = 700
    assert folds_of(stack, evaluator(4)) == 1


def test_what_did_not_fit_is_not_tried_again(taken: dict[str, int]) -> None:
    stack, tried = InnerStack(), evaluator(4)
    taken["one"] = 100
    assert folds_of(stack, tried) == 4
    tried.numerics = dataclasses.replace(tried.numerics, parallel_folds=2)  # as training halved them
    stack.remember(tried)
    assert folds_of(stack, evaluator(4)) == 2
    taken["one"] = 90  # 360 bytes were not yet tried
    assert folds_of(stack, evaluator(4)) == 4
    taken["one"] = 250
    assert folds_of(stack, evaluator(4)) == 1


def test_a_stack_that_fitted_changes_nothing(taken: dict[str, int]) -> None:
    stack, tried = InnerStack(), evaluator(4)
    folds_of(stack, tried)
    stack.remember(tried)
    assert folds_of(stack, evaluator(4)) == 4


@pytest.mark.parametrize(("folds", "parallelism"), [(1, "vmapped"), (4, "threaded")])
def test_where_nothing_is_stacked_nothing_is_measured(
    monkeypatch: pytest.MonkeyPatch, folds: int, parallelism: str
) -> None:
    monkeypatch.setattr(autotune, "fitting", lambda *given, **named: pytest.fail("measured"))
    assert folds_of(InnerStack(), evaluator(folds, parallelism)) == folds


def test_trials_of_a_study_stack_what_fits(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from merbench.experiments.evaluate import Evaluator
    from merbench.tuning.config import TuningConfig
    from tests.tuning.test_study import of_network, studied

    asked: list[int] = []
    outcomes = Evaluator.outcomes

    def seen(self: Evaluator, *given: Any, **named: Any) -> Any:
        assert self.numerics is not None
        asked.append(self.numerics.parallel_folds)
        return outcomes(self, *given, **named)

    def fitting(*given: Any, numerics: Numerics, **named: Any) -> tuple[int, int]:
        assert numerics.parallel_folds == 3
        return 1, 2

    monkeypatch.setattr(Evaluator, "outcomes", seen)
    monkeypatch.setattr(autotune, "fitting", fitting)
    experiment = of_network(packing="3", epochs=1)
    experiment = dataclasses.replace(
        experiment, numerics=dataclasses.replace(experiment.numerics, parallelism="vmapped")
    )
    studied(experiment, tmp_path, TuningConfig(kind="flat", trials=2, inner=3))
    assert asked == [2, 2]


def test_a_step_of_one_fold_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    from merbench.cli.bench.report import TINY
    from merbench.cli.bench.workloads import FLOW_TRAINING, Streams, flow_inputs, folds
    from merbench.training.device.inputs import DeviceInputs

    numerics = choose("cpu", "float32", threads=1, parallel_folds=4)
    job, inputs = folds(TINY.flow_clips, TINY.flow_subjects)[0], DeviceInputs(flow_inputs(TINY), numerics)

    def measured(free: int) -> tuple[int, int]:
        monkeypatch.setattr(memory, "free", lambda device: free)
        return autotune.fitting(Streams(), FLOW_TRAINING, job, inputs, seed=0, numerics=numerics)

    taken, most = measured(10**15)
    assert 0 <= taken < 10**10
    assert most > 4
    assert measured(0)[1] == 1
