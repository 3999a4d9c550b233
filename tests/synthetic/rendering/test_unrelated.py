"""Motion that says nothing of the emotion: where a difficulty has it, and out of the ground truth."""

from dataclasses import replace

import numpy as np
import pytest

from merbench.synthetic.rendering import DIFFICULTIES, ClipPlan, draw_frames, ground_truth_motion, landmarks, plan_clip
from merbench.synthetic.rendering.geometry import draw_geometry

FACE = draw_geometry(1)
STILL = replace(DIFFICULTIES["normal"], resting=0, head_motion=0, flicker=0, lighting=0, noise=0)


def plan(identity: int = 1, seed: int = 2, **fields: float) -> ClipPlan:
    """A clip without an expression and without anything that a difficulty adds, but for `fields`."""
    difficulty = replace(STILL, peak_low=0.0, peak_high=0.0, **fields)
    return plan_clip(
        identity=identity, seed=seed, emotion="others", onset=10, apex=30, offset=60, difficulty=difficulty
    )


@pytest.mark.parametrize("name", ["normal", "hard"])
def test_what_was_rendered_before_has_none(name: str) -> None:
    clip = plan_clip(identity=1, seed=2, emotion="disgust", onset=10, apex=30, offset=60, difficulty=DIFFICULTIES[name])
    assert clip.unrelated is None
    assert 45 not in {unit.number for unit in clip.resting}


def test_class_free_units_move_the_frame_and_are_no_ground_truth() -> None:
    clip = plan(distractors=3.0, distractor_share=1.0)
    onset, apex = draw_frames(clip, [10, 30], (96, 96)).astype(float)
    assert np.abs(apex - onset).max() > 10
    assert not ground_truth_motion(clip, 30, (96, 96)).any()
    assert np.abs(landmarks(clip, 30) - landmarks(clip, 10)).max() > 0.5


def test_class_free_units_are_in_their_share_of_the_clips() -> None:
    counts = [len(clip.unrelated.units) for s in range(300) if (clip := plan(seed=s, distractors=1.0)).unrelated]
    assert np.mean(counts) == pytest.approx(2 * 0.7, abs=0.12)


def test_a_subject_has_two_habits_and_others_have_others() -> None:
    def habits(identity: int) -> set[int]:
        clips = [plan(identity=identity, seed=seed, habits=1.0) for seed in range(20)]
        return {unit.number for clip in clips if clip.unrelated for unit in clip.unrelated.units}

    assert all(len(habits(identity)) == 2 for identity in range(6))
    assert len({frozenset(habits(identity)) for identity in range(6)}) > 3


def test_a_blink_closes_the_lids_and_passes() -> None:
    clips = [plan(seed=seed, blinks=1.0) for seed in range(60)]
    [clip] = [clip for clip in clips if clip.unrelated and 29 < clip.unrelated.blink_at < 31][:1]
    assert clip.unrelated is not None
    upper, lower = [37, 38, 43, 44], [41, 40, 47, 46]
    openings = [(landmarks(clip, n)[lower, 1] - landmarks(clip, n)[upper, 1]).mean() for n in (0, 30, 120)]
    assert openings[1] < openings[0] - 1
    assert openings[2] == pytest.approx(openings[0], abs=0.5)


def test_blinks_are_in_their_share_of_the_clips() -> None:
    blinking = [
        bool(clip.unrelated and clip.unrelated.blink) for s in range(300) for clip in [plan(seed=s, blinks=0.3)]
    ]
    assert np.mean(blinking) == pytest.approx(0.3, abs=0.08)


def test_the_mouth_drifts_and_the_brows_do_not() -> None:
    moved = np.mean(
        [np.abs(landmarks(c, 30) - landmarks(c, 10)) for s in range(8) for c in [plan(seed=s, mouth_drift=2.0)]], 0
    )
    assert moved[48:68].max() > 0.3
    assert moved[17:27].max() < 0.05


def test_the_gain_of_a_subject_scales_all_its_clips() -> None:
    def strengths(gain: float) -> list[float]:
        difficulty = replace(STILL, subject_gain=gain)
        clips = [
            plan_clip(identity=7, seed=seed, emotion="surprise", onset=10, apex=30, offset=60, difficulty=difficulty)
            for seed in range(5)
        ]
        return [clip.action_units[0].strength for clip in clips]

    ratios = np.divide(strengths(0.5), strengths(0.0))
    assert ratios == pytest.approx(ratios[0])
    assert ratios[0] != pytest.approx(1.0, abs=1e-3)


def test_peaks_spread_by_their_logarithm() -> None:
    difficulty = replace(STILL, peak_low=2.0, peak_high=2.0, peak_spread=0.4)
    peaks = [
        max(unit.strength for unit in plan_clip(
            identity=1, seed=seed, emotion="surprise", onset=10, apex=30, offset=60, difficulty=difficulty,
            action_units=[1],
        ).action_units)
        for seed in range(400)
    ]  # fmt: skip
    logs = np.log(peaks)
    assert logs.mean() == pytest.approx(np.log(2.0), abs=0.06)
    assert logs.std() == pytest.approx(0.4, abs=0.05)


def test_shares_above_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"label_noise 1\.5 must be from 0 to 1"):
        replace(STILL, label_noise=1.5)
    with pytest.raises(ValueError, match="habits -1 must be 0 or more"):
        replace(STILL, habits=-1)


def test_the_skin_moves_by_as_much_as_is_said_in_every_direction_and_otherwise_in_every_clip() -> None:
    x, y = np.meshgrid(np.arange(0, 224, 4, dtype=np.float32), np.arange(0, 224, 4, dtype=np.float32))
    fields = [clip.unrelated.motion(FACE, 60, x, y) for s in range(40) if (clip := plan(seed=s, tissue=0.5)).unrelated]
    moved = np.stack(fields)
    assert moved.std(axis=(0, 1, 2)) == pytest.approx([0.5, 0.5], rel=0.1)
    alike = np.corrcoef(moved.reshape(len(moved), -1)) - np.eye(len(moved))
    assert np.abs(alike).max() < 0.6
    near, far = np.abs(np.diff(moved, axis=2)).mean(), np.abs(moved[:, :, 20:] - moved[:, :, :-20]).mean()
    assert near < far / 5  # smooth: 4 px away nearly the same, 80 px away another one


def test_the_skin_does_not_move_before_the_clip_and_is_no_ground_truth() -> None:
    clip = plan(tissue=1.0)
    assert clip.unrelated is not None
    points = np.array([40.0, 112.0, 190.0], dtype=np.float32)
    assert not clip.unrelated.motion(FACE, 0, points, points).any()
    assert not ground_truth_motion(clip, 30, (96, 96)).any()
    grid = clip.unrelated.motion(FACE, 60, points[None, :], points[:, None])
    assert pytest.approx(clip.unrelated.motion(FACE, 60, points, points)) == np.diagonal(grid).T
    assert np.abs(landmarks(clip, 30) - landmarks(clip, 0)).max() > 0.3
