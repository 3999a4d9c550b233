"""Clips changed on purpose: how many, which, and that nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest

from merbench.data.labelled_clips import LabelledClips
from merbench.data.labelling import labelled
from merbench.data.perturbation import perturbed
from merbench.experiments.executors.request import request
from merbench.experiments.specify import specification
from merbench.inputs.apex_spotting import spot


@pytest.fixture(scope="module")
def task() -> LabelledClips:
    few = {"dataset.subjects": 4, "dataset.clips": 10}
    experiment = request(specification("majority", settings=few)).experiment()
    return labelled(experiment.sources, experiment.scheme, "middle")


def test_a_share_of_the_clips_is_trained_on_as_another_class(task: LabelledClips) -> None:
    flipped = perturbed(task, flips=0.25, shift=0, seed=0)
    assert len(flipped.flipped) == 10
    own = flipped.clips["label"].to_dict()
    assert all(own[key] != wrong and wrong in task.classes for key, wrong in flipped.flipped.items())
    differing = [a != b for a, b in zip(flipped.labels(), flipped.training_labels(), strict=True)]
    assert sum(differing) == 10
    np.testing.assert_array_equal(flipped.labels(), task.labels())
    assert flipped.fingerprint == task.fingerprint  # what is tested is the same task


def test_the_seed_chooses_the_clips(task: LabelledClips) -> None:
    one, again, other = (perturbed(task, flips=0.25, shift=0, seed=seed).flipped for seed in (0, 0, 1))
    assert one == again != other


def test_an_apex_is_moved_within_its_clip(task: LabelledClips) -> None:
    for frames in (3, -3, 1000, -1000):
        moved = perturbed(task, flips=0, shift=frames, seed=0).clips
        expected = [
            min(max(apex + frames, onset), offset)
            for onset, apex, offset in task.clips[["onset", "apex", "offset"]].itertuples(index=False)
        ]
        assert moved["apex"].tolist() == expected
        assert moved["apex"].dtype == task.clips["apex"].dtype
    assert perturbed(task, flips=0, shift=0, seed=0) is task


def test_every_apex_can_be_spotted() -> None:
    few = {"dataset.subjects": 2, "dataset.clips": 5}
    experiment = request(specification("majority", settings=few)).experiment()
    spotted = labelled(experiment.sources, experiment.scheme, "spot-all", spot)
    [source] = experiment.sources
    for clip in spotted.as_clips():
        assert clip.apex == spot(source, clip)
    assert len(spotted.apexes) == 10
