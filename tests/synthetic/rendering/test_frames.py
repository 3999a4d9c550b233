"""Frames: bytes that can be repeated, and motion where the plan says."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from merbench.synthetic.rendering import (
    DIFFICULTIES,
    ActionUnit,
    ClipPlan,
    contact_sheet,
    draw_frames,
    draw_raw_frames,
    face_box,
    ground_truth_motion,
    landmarks,
    plan_clip,
)
from merbench.synthetic.rendering.muscles import MUSCLES

STILL = replace(DIFFICULTIES["normal"], resting=0, head_motion=0, flicker=0, lighting=0, noise=0)
PLAN = plan_clip(identity=1, seed=2, emotion="happiness", onset=10, apex=30, offset=60)


def still(number: int, side: str | None = None, strength: float = 5.0, identity: int = 1) -> ClipPlan:
    """A clip with nothing but one action unit's motion."""
    unit = ActionUnit(number=number, strength=strength, side=side)  # type: ignore[arg-type]
    return replace(PLAN, action_units=(unit,), resting=(), difficulty=STILL, identity=identity)


def shift(plan: ClipPlan, points: list[int]) -> np.ndarray:
    """Mean motion (x, y) of some landmarks from onset to apex, in pixels."""
    moved = landmarks(plan, plan.apex) - landmarks(plan, plan.onset)
    return np.asarray(moved[points].mean(0))


def test_one_frame_has_the_same_bytes_alone_and_in_a_batch() -> None:
    batch = draw_frames(PLAN, [10, 17, 30])
    assert batch.shape == (3, 224, 224, 3)
    assert batch.dtype == np.uint8
    np.testing.assert_array_equal(draw_frames(PLAN, [17])[0], batch[1])


def test_another_process_draws_the_same_bytes() -> None:
    code = (
        "import hashlib; from merbench.synthetic.rendering import *;"
        "p = plan_clip(identity=1, seed=2, emotion='happiness', onset=10, apex=30, offset=60);"
        "print(hashlib.sha256(draw_frames(p, [30], (96, 96)).tobytes()).hexdigest())"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert out.strip() == hashlib.sha256(draw_frames(PLAN, [30], (96, 96)).tobytes()).hexdigest()


def test_the_global_random_state_is_left_alone() -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002 - the state under test
    draw_frames(PLAN, [10, 30], (64, 64))
    after = np.random.get_state()[1]  # type: ignore[index]  # noqa: NPY002 - the state under test
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("size", [(340, 280), (64, 64), (100, 300), (224, 224)])
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    frames = draw_frames(PLAN, [30], size)
    assert frames.shape == (1, *size, 3)
    assert frames.std() > 20
    points = landmarks(PLAN, 30, size)
    assert points.shape == (68, 2)
    assert (points > -1).all()
    assert (points < [size[1], size[0]]).all()
    assert ground_truth_motion(PLAN, 30, size).shape == (*size, 2)


def test_too_small_a_size_is_refused() -> None:
    with pytest.raises(ValueError, match="size"):
        draw_frames(PLAN, [30], (4, 4))


def test_nothing_is_planted_at_the_onset() -> None:
    assert not ground_truth_motion(PLAN, PLAN.onset).any()


@pytest.mark.parametrize("number", sorted(MUSCLES))
@pytest.mark.parametrize("side", [None, "L"])
def test_the_apex_reaches_the_planned_strength(number: int, side: str | None) -> None:
    motion = ground_truth_motion(still(number, side), PLAN.apex)
    assert np.hypot(motion[..., 0], motion[..., 1]).max() == pytest.approx(5.0, rel=0.03)


def test_displacement_scales_with_the_image() -> None:
    peaks = [np.hypot(*np.moveaxis(ground_truth_motion(still(12), 30, (n, n)), -1, 0)).max() for n in (112, 448)]
    assert peaks == pytest.approx([2.5, 10.0], rel=0.05)


def test_motion_rises_to_the_apex_and_is_low_at_the_offset() -> None:
    sizes = [np.abs(ground_truth_motion(PLAN, n, (56, 56))).max() for n in range(10, 61, 5)]
    assert sizes[:5] == sorted(sizes[:5])
    assert sizes[4:] == sorted(sizes[4:], reverse=True)
    assert 0 < sizes[-1] < 0.4 * sizes[4]


@pytest.mark.parametrize("identity", range(4))
def test_landmarks_move_the_way_the_muscles_pull(identity: int) -> None:
    left, right = shift(still(12, identity=identity), [48]), shift(still(12, identity=identity), [54])
    assert left[0] < -1 < 1 < right[0]
    assert max(left[1], right[1]) < -1
    inner = shift(still(4, identity=identity), [21]), shift(still(4, identity=identity), [22])
    assert inner[1][0] < -0.5 < 0.5 < inner[0][0]
    assert min(inner[0][1], inner[1][1]) > 1
    assert shift(still(1, identity=identity), [21, 22])[1] < -2
    assert shift(still(1, identity=identity), [48, 54]) == pytest.approx([0, 0], abs=0.05)


def test_a_one_sided_unit_moves_the_subject_s_own_side() -> None:
    assert abs(shift(still(12, "L"), [54])[1]) > 5 * abs(shift(still(12, "L"), [48])[1])
    assert abs(shift(still(12, "R"), [48])[1]) > 5 * abs(shift(still(12, "R"), [54])[1])


@pytest.mark.parametrize("number", [1, 4, 9, 12, 15, 17])
def test_pixels_change_where_the_motion_is_planted(number: int) -> None:
    plan = still(number)
    onset, apex = draw_frames(plan, [plan.onset, plan.apex]).astype(float)
    change = np.abs(apex - onset).mean(-1)
    motion = ground_truth_motion(plan, plan.apex)
    inside = np.hypot(motion[..., 0], motion[..., 1]) > 0.5
    assert change[inside].mean() > 10 * change[~inside].mean()
    assert change[~inside].max() < 40


def test_a_clip_without_motion_light_or_noise_repeats_its_onset() -> None:
    first, last = draw_frames(replace(still(12), action_units=()), [10, 30], (64, 64))
    np.testing.assert_array_equal(first, last)


def test_a_subject_stays_itself_and_differs_from_others() -> None:
    def onset(identity: int, seed: int) -> np.ndarray:
        plan = plan_clip(identity=identity, seed=seed, emotion="others", onset=0, apex=9, offset=20)
        return np.asarray(draw_frames(plan, [0], (64, 64))[0], dtype=float)

    same = np.abs(onset(1, 5) - onset(1, 6)).mean()
    other = min(np.abs(onset(a, 5) - onset(b, 5)).mean() for a in range(4) for b in range(a))
    assert other > 1.5 * same


def test_the_raw_frame_shows_the_face_in_its_box() -> None:
    plan = still(12)
    raw = draw_raw_frames(plan, [30])[0]
    assert raw.shape == (480, 640, 3)
    top, left, height, width = face_box(plan)
    cut = Image.fromarray(raw[top : top + height, left : left + width]).resize((224, 224), Image.Resampling.BICUBIC)
    crop = draw_frames(plan, [30])[0]
    assert np.abs(np.asarray(cut, dtype=float) - crop).mean() < 4


def test_a_contact_sheet_is_a_small_picture(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    contact_sheet([PLAN, still(4)], path)
    assert path.stat().st_size < 160_000
    with Image.open(path) as sheet:
        assert sheet.size[1] > 300
