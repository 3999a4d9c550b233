"""A study by one worker: budgets, samplers and pruners, trials that fail, and a stop in the middle."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import FrozenTrial, TrialState

from merbench.errors import TrainingError, UnknownName, UsageError
from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.experiments.resolve import resolve
from merbench.experiments.specify import specification
from merbench.results.store import Store
from merbench.tuning.config import TuningConfig
from merbench.tuning.nested import carry_out_studies, tuning_of
from merbench.tuning.objective import Objective
from merbench.tuning.problem import FOLDER, TuneObserver
from merbench.tuning.samplers import quiet
from merbench.tuning.storage import storage_at
from merbench.tuning.tuned_file import TunedParameters

Make = Callable[..., Experiment]
SIX = TuningConfig(kind="flat", trials=6, inner=2)


def studied(
    experiment: Experiment, folder: Path, config: TuningConfig = SIX
) -> tuple[list[FrozenTrial], TunedParameters | None]:
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    tuning = tuning_of(experiment, config, None, Observer())
    with storage_at(config.storage, folder / FOLDER, config.heartbeat) as storage:
        [study] = carry_out_studies(tuning, Store(folder), storage, TuneObserver()).values()
        return study.done(), study.best()


def facts(trials: list[FrozenTrial]) -> list[tuple[Any, ...]]:
    return [(trial.user_attrs["slot"], trial.params, trial.value) for trial in trials]


def failing(monkeypatch: pytest.MonkeyPatch, fault: BaseException, at: int) -> None:
    """The `at`-th trial from now on meets an error."""
    usual, calls = Objective._outcomes, iter(range(1, 1000))

    def outcomes(self: Objective, *given: Any) -> Iterator[Any]:
        if next(calls) == at:
            raise fault
        return usual(self, *given)

    monkeypatch.setattr(Objective, "_outcomes", outcomes)


def test_the_first_trial_is_the_recipe_as_it_stands(experiment: Make, tmp_path: Path) -> None:
    [first, *_], best = studied(experiment(), tmp_path)
    assert first.params == {"distance": "euclid", "scale": 1.0, "moment": "apex", "power": 2.0}
    assert best is not None
    assert best.inner_score >= (first.value or 0.0)


@pytest.mark.parametrize(
    "fault", [RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), MemoryError(), TrainingError("not finite")]
)  # fmt: skip
def test_a_trial_that_cannot_be_trained_fails_with_its_reason_and_the_study_goes_on(
    experiment: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    made = experiment()
    failing(monkeypatch, fault, 2)
    trials, best = studied(made, tmp_path)
    assert [trial.state for trial in trials].count(TrialState.FAIL) == 1
    assert len(trials) == 6
    assert best is not None
    told = trials[1].user_attrs["reason"]
    assert "out of memory" in told or told == "not finite"


def test_a_study_that_is_stopped_goes_on_as_if_it_had_not_been(
    experiment: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = experiment()
    whole, best = studied(made, tmp_path / "whole")
    with monkeypatch.context() as patch:
        failing(patch, KeyboardInterrupt(), 4)
        with pytest.raises(KeyboardInterrupt):
            studied(made, tmp_path / "stopped")
    resumed, again = studied(made, tmp_path / "stopped")
    assert facts(resumed) == facts(whole)
    assert again == best


def test_other_seeds_draw_other_trials(experiment: Make, tmp_path: Path) -> None:
    made = experiment()
    one, _ = studied(made, tmp_path / "one")
    two, _ = studied(dataclasses.replace(made, seed=1), tmp_path / "two")
    assert [trial.params for trial in one[1:]] != [trial.params for trial in two[1:]]


@pytest.mark.parametrize(
    ("sampler", "pruner", "inner"),
    [("gp", "median", 2), ("cmaes", "none", 2), ("random", "hyperband", 2), ("tpe", "wilcoxon", 5)],
)  # fmt: skip
def test_samplers_and_pruners_finish_every_trial(
    experiment: Make, tmp_path: Path, sampler: str, pruner: str, inner: int
) -> None:
    if sampler == "cmaes":
        pytest.importorskip("cmaes", reason="the sampler cmaes needs a package: pip install cmaes")
    config = dataclasses.replace(SIX, trials=12, sampler=sampler, pruner=pruner, inner=inner)
    trials, best = studied(experiment(**{"dataset.subjects": 6}), tmp_path, config)
    assert len(trials) == 12
    assert {trial.state for trial in trials} <= {TrialState.COMPLETE, TrialState.PRUNED}
    assert best is not None
    reported = [value for trial in trials for value in trial.intermediate_values.values()]
    assert all(value <= 0 for value in reported)  # negative log loss: higher is better, as the direction says


def test_a_budget_of_epochs_ends_a_study_early(experiment: Make, tmp_path: Path) -> None:
    trials, best = studied(experiment(), tmp_path, dataclasses.replace(SIX, epochs=15))  # 3 epochs, 2 inner folds
    assert len(trials) == 3
    assert best is not None


def test_values_that_need_other_inputs_get_them_once(
    experiment: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from merbench.tuning import inner_folds as inner

    seen: list[Any] = []
    usual = inner.prepare
    monkeypatch.setattr(inner, "prepare", lambda made, told: (seen.append(made.method.inputs()), usual(made, told))[1])
    trials, _ = studied(experiment(), tmp_path)
    assert {trial.params["moment"] for trial in trials} == {"apex", "offset"}
    assert len(seen) == 2


def test_a_plan_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="--inner 1 is not possible"):
        TuningConfig(inner=1)
    with pytest.raises(UnknownName, match="Unknown pruner"):
        TuningConfig(pruner="secateurs")


def test_a_file_gives_a_waiting_trial_to_one_worker_alone(tmp_path: Path) -> None:
    import contextlib
    import threading

    import optuna

    taken: list[int] = []
    barrier = threading.Barrier(4)

    def worker(study: optuna.Study) -> None:
        barrier.wait()
        while study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
            taken.append(study.ask().number)

    # warnings are filtered for all threads at once, so that they are filtered and storages are opened out here
    with contextlib.ExitStack() as opened, quiet():
        first = opened.enter_context(storage_at("sqlite", tmp_path, 15))
        study = optuna.create_study(study_name="one", storage=first)
        for _ in range(30):
            study.enqueue_trial({})
        storages = [opened.enter_context(storage_at("sqlite", tmp_path, 15)) for _ in range(4)]
        studies = [optuna.load_study(study_name="one", storage=storage) for storage in storages]
        threads = [threading.Thread(target=worker, args=(study,)) for study in studies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(taken) == len(set(taken)) >= 30


def of_network(packing: str = "1", **changed: Any) -> Experiment:
    settings = {"dataset.subjects": 4, "dataset.clips": 5, "epochs": 9, **changed}
    return resolve(
        specification("ststnet", settings=settings, device="cpu", precision="float32", parallel_folds=packing)
    )


def test_hyperband_stops_a_network_within_its_first_inner_fold(tmp_path: Path) -> None:
    config = TuningConfig(kind="flat", trials=8, inner=2, sampler="random", pruner="hyperband")
    trials, best = studied(of_network(), tmp_path, config)
    stopped = [trial for trial in trials if trial.state == TrialState.PRUNED]
    assert stopped
    assert all(trial.user_attrs["epochs"] == len(trial.intermediate_values) for trial in stopped)
    assert any(trial.user_attrs["epochs"] < 9 for trial in stopped)
    assert all(t.user_attrs["epochs"] == 18 for t in trials if t.state == TrialState.COMPLETE)
    assert best is not None


def test_inner_folds_trained_at_once_find_what_they_find_one_by_one(tmp_path: Path) -> None:
    config = TuningConfig(kind="flat", trials=3, inner=2, sampler="random")
    apart, _ = studied(of_network(), tmp_path / "apart", config)
    beside, _ = studied(of_network(packing="2"), tmp_path / "beside", config)
    assert [trial.params for trial in apart] == [trial.params for trial in beside]
    assert [trial.value for trial in apart] == pytest.approx([trial.value for trial in beside], abs=0.02)


def test_where_it_is_left_open_a_gpu_trains_all_inner_folds_at_once_and_a_cpu_one() -> None:
    from merbench.training.numerics import choose
    from merbench.tuning.config import with_parallel_folds

    left_open = choose("cpu", "float32", parallel_folds="auto")
    on_gpu = dataclasses.replace(left_open, parallelism="vmapped")
    assert with_parallel_folds(left_open, TuningConfig(inner=4)).parallel_folds == 1
    assert with_parallel_folds(on_gpu, TuningConfig(inner=4)).parallel_folds == 4
    assert with_parallel_folds(on_gpu, TuningConfig(inner=5, pruner="wilcoxon")).parallel_folds == 1
    assert with_parallel_folds(choose("cpu", "float32", parallel_folds=3), TuningConfig(inner=4)).parallel_folds == 3
