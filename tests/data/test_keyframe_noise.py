"""Key frames shifted on purpose: within the clip, by seed and clip alone, in the identity, and on the side named."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import merbench
from merbench.annotations.clips import Clip
from merbench.data.keyframe_noise import KeyframeNoise
from merbench.data.labelled_clips import LabelledClips
from merbench.data.labelling import labelled
from merbench.data.perturbation import perturbed
from merbench.errors import DataError, UsageError
from merbench.experiments.events import Observer
from merbench.experiments.executors.request import request
from merbench.experiments.prepare import Prepared, prepare
from merbench.experiments.specify import specification
from merbench.results.audit import audit

Side = Literal["both", "train", "test"]
FEW = {"dataset.subjects": 3, "dataset.clips": 5}


def noise(frames: float, side: Side = "both", seed: int = 0) -> KeyframeNoise:
    return KeyframeNoise(frames=frames, side=side, seed=seed)


def clip(onset: int, apex: int, offset: int, name: str = "a") -> Clip:
    return Clip(dataset="d", subject="s", name=name, onset=onset, apex=apex, offset=offset)


@pytest.fixture(scope="module")
def task() -> LabelledClips:
    experiment = request(specification("majority", settings=FEW)).experiment()
    return labelled(experiment.sources, experiment.scheme, "middle")


@given(
    onset=st.integers(0, 50),
    rise=st.integers(0, 30),
    fall=st.integers(0, 30),
    frames=st.one_of(st.integers(1, 100).map(float), st.floats(0.01, 0.99)),
    seed=st.integers(0, 5),
)
def test_shifts_stay_within_the_clip(onset: int, rise: int, fall: int, frames: float, seed: int) -> None:
    own = clip(onset, onset + rise, onset + rise + fall)
    first, second = noise(frames, seed=seed).shift(own)
    if rise == 0:
        assert (first, second) == (0, 0)
        return
    assert onset <= onset + first < own.apex + second <= own.offset  # type: ignore[operator]
    most = frames if frames >= 1 else round(frames * rise)
    assert max(first, abs(second)) <= most


def test_a_shift_is_of_the_seed_and_the_clip_alone_and_every_size_occurs() -> None:
    clips = [clip(10, 30, 60, name=str(number)) for number in range(200)]
    one = [noise(3).shift(each) for each in clips]
    assert one == [noise(3).shift(each) for each in reversed(clips)][::-1]
    assert one != [noise(3, seed=1).shift(each) for each in clips]
    assert {apex for _, apex in one} == set(range(-3, 4))
    assert {onset for onset, _ in one} == set(range(4))  # none before the clip
    further = [noise(9).shift(each) for each in clips]
    assert all(abs(other[1]) >= abs(each[1]) for each, other in zip(one, further, strict=True))


def test_a_share_is_one_of_the_rise() -> None:
    shifts = [noise(0.25).shift(clip(0, 40, 90, name=str(number)))[1] for number in range(300)]
    assert (min(shifts), max(shifts)) == (-10, 10)
    assert noise(0.25).shift(clip(0, 1, 9)) == (0, 0)


def test_what_is_annotated_stays_and_methods_see_the_shift(task: LabelledClips) -> None:
    shifted = perturbed(task, flips=0, shift=0, seed=0, noise=noise(4))
    for own, other in zip(task.as_clips(), shifted.as_clips(), strict=True):
        assert (other.key, other.range, other.onset, other.apex) == (own.key, own.range, own.onset, own.apex)
        onset, apex = other.shifts
        assert other.moment("onset") == own.moment("onset") + onset
        assert other.moment("apex") == own.moment("apex") + apex
    assert any(each.shifts[0] for each in shifted.as_clips())
    assert any(each.shifts[1] for each in shifted.as_clips())


def test_each_side_and_size_is_a_task_of_its_own(task: LabelledClips) -> None:
    kinds = [noise(2), noise(4), noise(2, "train"), noise(2, "test"), noise(2, seed=1)]
    prints = {perturbed(task, flips=0, shift=0, seed=0, noise=each).fingerprint for each in kinds}
    assert len(prints | {task.fingerprint}) == len(kinds) + 1
    again = {perturbed(task, flips=0, shift=0, seed=seed, noise=noise(2)).fingerprint for seed in (0, 7)}
    assert len(again) == 1  # whatever the run's seed


def prepared(method: str, **noisy: object) -> Prepared:
    return prepare(request(specification(method, settings=FEW, **noisy)).experiment(), Observer())  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["mmnet", "ststnet", "lbp-top", "mdmo"])
def test_each_side_sees_the_frames_that_it_should(method: str) -> None:
    plain, both, train, test = (
        prepared(method, **({} if side is None else {"keyframe_noise": 5, "keyframe_noise_side": side})).inputs
        for side in (None, "both", "train", "test")
    )
    assert plain is not None
    assert both is not None
    assert train is not None
    assert test is not None
    rows = np.arange(plain.count)
    assert not _equal(plain, rows, both, rows)
    for inputs, trained, tested in ((train, both, plain), (test, plain, both)):
        assert (inputs.count, inputs.tested) == (plain.count, plain.count)
        assert _equal(inputs, rows, trained, rows)
        assert _equal(inputs, inputs.tested_rows(rows), tested, rows)
    assert plain.tested == both.tested == 0


def _equal(one: object, rows: object, other: object, others: object) -> bool:
    return all(
        np.array_equal(first[rows], second[others]) for first, second in zip(_arrays(one), _arrays(other), strict=True)
    )


def _arrays(inputs: object) -> list[np.ndarray]:
    frames = inputs.frames  # type: ignore[attr-defined]
    own = [] if frames is None else [_annotated(frames)]
    return [*own, *(each.values for each in inputs.arrays)]  # type: ignore[attr-defined]


def _annotated(frames: object) -> np.ndarray:
    """The frames that stand for the moments themselves, `(clip moment rgb height width)`."""
    places = frames.annotated  # type: ignore[attr-defined]
    clips, moments = np.indices(places.shape)
    images: np.ndarray = frames.images[clips, moments, places]  # type: ignore[attr-defined]
    return images


def test_a_run_says_it_holds_under_audit_and_shares_no_table(tmp_path: Path) -> None:
    runs = {
        side: merbench.run("flow-svm", settings=FEW, keyframe_noise=5, keyframe_noise_side=side, out=tmp_path / side)
        for side in ("both", "train", "test")
    }
    plain = merbench.run("flow-svm", settings=FEW, out=tmp_path / "plain")
    again = merbench.run(
        "flow-svm", settings=FEW, keyframe_noise=5, keyframe_noise_side="test", seed=1, out=tmp_path / "s"
    )
    assert len({run.header.task for run in (plain, *runs.values())}) == 4
    assert again.header.task == runs["test"].header.task
    assert again.header.description.group == runs["test"].header.description.group
    for side, run in runs.items():
        assert run.header.description.perturbed == {
            "keyframe_noise": 5,
            **({} if side == "both" else {"keyframe_noise_side": side}),
        }
        assert run.header.description.unranked == "clips changed on purpose"
        assert any(note.startswith("key frames shifted by up to 5 frames") for note in run.header.notes)
        assert not [finding for finding in audit(tmp_path / side) if finding.verdict == "differs"]
    # tested as annotated: the same held-out inputs, by what was trained on others
    probabilities = {side: run.outer[0].probabilities for side, run in {**runs, "plain": plain}.items()}
    assert not any(np.array_equal(probabilities["plain"], probabilities[side]) for side in runs)


@pytest.mark.parametrize(
    ("frames", "said"),
    [(1.5, "keyframe_noise=1.5"), (-1, "keyframe_noise=-1"), (float("nan"), "keyframe_noise=nan")],
)
def test_sizes_that_cannot_be_are_refused(frames: float, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        specification("majority", keyframe_noise=frames)


def test_clips_without_frame_numbers_are_refused(task: LabelledClips) -> None:
    rows = task.clips.copy()
    rows["onset"] = rows["onset"].astype("Int64").mask(np.arange(len(rows)) < 2)
    with pytest.raises(DataError, match=r"of which 2 of 15 clips have no frame numbers"):
        perturbed(dataclasses.replace(task, clips=rows), flips=0, shift=0, seed=0, noise=noise(2))
