"""Flow against motion that is known.

The endpoint errors are printed by ``python -m pytest tests/inputs/test_optical_flow.py -k planted -s``.
"""

import dataclasses

import numpy as np
import pytest

from merbench._files.images import grey_at
from merbench.inputs.optical_flow import DIS_PRESET, optical_flow
from merbench.synthetic.rendering import ClipPlan, draw_frames, ground_truth_motion, plan_clip

ALGORITHMS = ("tvl1", "farneback", "dis")
SIZE = (128, 128)


def plans() -> list[ClipPlan]:
    """Faces whose muscles alone move: a head that drifts would be measured, too, but is not part of what is planted."""
    found = []
    for number, emotion in enumerate(("happiness", "surprise", "disgust", "repression")):
        plan = plan_clip(identity=number, seed=number, emotion=emotion, onset=0, apex=20, offset=40)
        found.append(dataclasses.replace(plan, difficulty=dataclasses.replace(plan.difficulty, head_motion=0.0)))
    return found


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_flow_finds_the_planted_displacement(algorithm: str) -> None:
    errors, lengths = [], []
    for plan in plans():
        onset, apex = (grey_at(frame, SIZE) for frame in draw_frames(plan, [plan.onset, plan.apex], SIZE))
        planted = ground_truth_motion(plan, plan.apex, SIZE).transpose(2, 0, 1)
        field = optical_flow(onset, apex, algorithm)  # type: ignore[arg-type]
        length = np.hypot(*planted)
        moving = length > 0.3
        errors.append(np.hypot(*(field - planted))[moving].mean())
        lengths.append(length[moving].mean())
    error, length = np.mean(errors), np.mean(lengths)
    print(f"\n{algorithm}: endpoint error {error:.2f} px where {length:.2f} px are planted, at 128 x 128")  # noqa: T201
    assert error < 0.6 * length


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_u_is_to_the_right_and_v_downwards(algorithm: str) -> None:
    plan = plans()[0]
    [frame] = draw_frames(plan, [0], (96, 96))
    grey = grey_at(frame, (96, 96))
    field = optical_flow(grey[10:80, 10:80], grey[8:78, 9:79], algorithm)  # type: ignore[arg-type]
    assert (field.shape, field.dtype) == ((2, 70, 70), np.float32)
    np.testing.assert_allclose(np.median(field[:, 10:-10, 10:-10], axis=(1, 2)), [1, 2], atol=0.15)


def test_the_preset_is_opencvs_medium_one() -> None:
    import cv2

    assert cv2.DISOPTICAL_FLOW_PRESET_MEDIUM == DIS_PRESET
