"""Methods without epochs that draw when they are fitted: one seed says as little of them as of a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import merbench
from merbench import FittedMethod, Inputs
from merbench.leaderboard.admission import is_repeat
from merbench.method import Predictor, Samples, TrainInfo
from merbench.results.store import Store

FEW = {"dataset.subjects": 4, "dataset.clips": 5}


class Same:
    def __init__(self, shares: np.ndarray) -> None:
        self.shares = shares

    def probabilities(self, held_out: Samples) -> np.ndarray:
        return np.tile(self.shares, (held_out.count, 1)).astype(np.float32)


class Prior(FittedMethod):
    """The same shares for every clip, moved at random unless they are steady."""

    name, title, family = "prior", "Made for a test", "control"
    steady = False

    def inputs(self) -> Inputs:
        return Inputs()

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        moved = np.ones(len(train.classes)) if self.steady else 1 + generator.random(len(train.classes))
        return Same(moved / moved.sum())


class Steady(Prior):
    """Draws nothing."""

    name = "steady"
    steady = True


@pytest.mark.parametrize(("method", "draws"), [(Prior, True), (Steady, False)])
def test_whether_fitting_drew_is_kept_and_decides_how_many_seeds_are_needed(
    method: type[FittedMethod], draws: bool, tmp_path: Path
) -> None:
    run = merbench.run(method, settings=FEW, runs=tmp_path)
    assert (run.draws, run.has_epochs, run.record().draws) == (draws, False, draws)
    assert ("draws_without_epochs" in run.record().as_dict()) == draws
    assert run.path is not None
    assert Store(run.path).read("outer", run.outer[0].fold).draws == draws
    compared = merbench.compare([run, merbench.run("majority", settings=FEW, runs=tmp_path)])
    missing = {row.name.partition(" ")[0]: row.missing for row in compared.inference.methods}
    assert missing["majority"] == ""
    assert ("2 more seeds" in missing[method.name]) == draws


def test_only_what_draws_nothing_repeats_itself(tmp_path: Path) -> None:
    steady, other = (merbench.run(Steady, settings=FEW, seed=seed, runs=tmp_path).record() for seed in (0, 1))
    assert is_repeat(other, [steady])
    assert not is_repeat(other, [other])
    assert not is_repeat(other.updated(draws_without_epochs=True), [steady.updated(draws_without_epochs=True)])
