from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from merbench.cli.eta import Pace, left
from merbench.results.fold_result import FoldResult

EPOCHS = 4


def _outcome(fold: str, kind: str = "outer") -> FoldResult:
    return FoldResult(
        fold=fold,
        kind=kind,
        keys=(f"{fold}/1",),
        truth=np.array([0]),
        probabilities=np.full((EPOCHS, 1, 2), 0.5, dtype=np.float32),
        has_epochs=True,
        seconds=1.0,
        peak_memory=0,
    )


class Clock:
    """Seconds that pass when told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(cast("Any", [None] * 6), [], EPOCHS, 2, averaged=False, clock=clock)


def test_time_left_counts_the_epochs_of_folds_that_train_beside_the_one_just_done(pace: Pace, clock: Clock) -> None:
    clock.now += 60.0  # imports, and inputs moved to the device
    for _ in range(EPOCHS):
        clock.now += 2.5
        pace.tick("01")
        pace.tick("02")
    pace.finish(_outcome("01"))
    assert pace.ticks == 8
    assert left(pace) == ", about 20 s left"  # 10 s for 8 of 24 epochs
    pace.finish(_outcome("02"))
    assert pace.ticks == 8


def test_what_passes_before_the_first_epoch_is_no_part_of_the_pace(pace: Pace, clock: Clock) -> None:
    clock.now += 300.0
    pace.tick("01")
    assert left(pace) == ""  # nobody knows yet how long the epoch itself took
    clock.now += 1.0
    pace.tick("02")
    assert left(pace) == ""
    clock.now += 1.0
    pace.tick("01")
    assert left(pace) == ", about 28 s left"  # 4 s for 3 of 24 epochs


def test_two_trainings_of_one_fold_are_told_apart_by_their_epochs(pace: Pace) -> None:
    for _ in range(EPOCHS + 1):
        pace.tick("01")
    pace.finish(_outcome("01", "inner"))
    assert pace.ticks == EPOCHS + 1


def test_trainings_by_other_processes_count_as_a_whole(pace: Pace, clock: Clock) -> None:
    assert left(pace) == ""
    clock.now += 40.0  # the other process starts; the training itself takes the second that it reports
    pace.finish(_outcome("01"))
    assert pace.ticks == EPOCHS
    assert left(pace) == ", about 5 s left"


def test_epochs_that_are_trained_again_do_not_run_over(pace: Pace) -> None:
    for _ in range(100):
        pace.tick("01")
    assert pace.ticks == pace.total
