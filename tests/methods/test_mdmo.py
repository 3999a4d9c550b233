"""MDMO: its regions on a drawn face, and its directions on fields that can be worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from merbench.method import Samples
from merbench.methods.mdmo import MDMO, MDMOParameters
from merbench.methods.mdmo.direction import affine, features, main_flow
from merbench.methods.mdmo.regions import MIDDLE, MIRROR, REGIONS, SIDE, centres, regions
from merbench.synthetic.rendering import landmarks, plan_clip

SIZE = (128, 128)


def points(count: int = 1) -> np.ndarray:
    """The landmarks of drawn faces at their onset, `(clip 68 xy)`."""
    plans = [plan_clip(identity=face, seed=face, emotion="others", onset=0, apex=5, offset=9) for face in range(count)]
    return np.stack([landmarks(plan, 0, SIZE) for plan in plans]).astype(np.float32)


def constant(u: float, v: float, times: int = 2) -> np.ndarray:
    return np.broadcast_to(np.array([u, v], np.float32)[:, None, None], (1, times, 2, *SIZE))


def settings(**changes: object) -> MDMOParameters:
    return MDMOParameters().changed({"align": "none", "magnitudes": "absolute", "weight": 0.5, **changes})


def test_there_are_36_regions_of_shares_that_sum_to_one() -> None:
    assert REGIONS == 36
    assert [sum(shares.values()) for shares in (*SIDE, *MIDDLE)] == pytest.approx([1] * 19)
    assert [MIRROR[MIRROR[point]] for point in range(68)] == list(range(68))


def test_regions_lie_in_the_face_apart_and_mirrored() -> None:
    faces = points(4)
    area = regions(faces, SIZE, 0.15)
    for face in area:
        assert (np.bincount(face.ravel(), minlength=REGIONS + 1)[:REGIONS] >= 20).all()
    turned = faces[:, MIRROR] * np.array([-1, 1], np.float32) + np.array([SIZE[1] - 1, 0], np.float32)
    middles, mirrored = centres(faces), centres(turned)
    half = len(SIDE)
    np.testing.assert_allclose(mirrored[:, :half, 1], middles[:, half : 2 * half, 1], atol=1e-3)
    np.testing.assert_allclose(mirrored[:, :half, 0], SIZE[1] - 1 - middles[:, half : 2 * half, 0], atol=1e-3)


@pytest.mark.parametrize(("u", "v"), [(2.0, 0.1), (-1.0, 0.0), (0.0, 1.5), (0.5, -0.5)])
def test_one_motion_everywhere_is_the_main_flow_of_every_region(u: float, v: float) -> None:
    [found] = features(constant(u, v), points(), settings())
    np.testing.assert_allclose(found[:36], 0.5 * np.hypot(u, v), rtol=1e-5)
    np.testing.assert_allclose(found[36:], 0.5 * np.arctan2(v, u), atol=1e-6)


def test_what_few_pixels_do_is_left_out_of_the_mean() -> None:
    area = np.full((1, 4, 4), REGIONS)
    area[0, :2] = 5
    flow = np.zeros((1, 1, 2, 4, 4), np.float32)
    flow[0, 0, 0, :2] = [[1, 2, 1, 2], [-9, -9, -9, 3]]  # 5 pixels to the right, 3 to the left
    flow[0, 0, 0, 2:] = 50  # outside the region
    found = main_flow(flow, area)
    np.testing.assert_allclose(found[0, 0, 5], [9 / 5, 0])
    assert np.delete(found[0, 0], 5, axis=0).max() == 0  # regions without pixels do not move


def test_vectors_are_averaged_over_time_not_angles() -> None:
    up_left, down_left = constant(-1, -0.2, 1), constant(-1, 0.2, 1)
    [found] = features(np.concatenate([up_left, down_left], axis=1), points(), settings())
    np.testing.assert_allclose(found[:36], 0.5, rtol=1e-5)
    np.testing.assert_allclose(np.abs(found[36:]), 0.5 * np.pi, rtol=1e-5)


def test_a_head_that_turns_and_nears_is_aligned_away() -> None:
    columns, rows = np.meshgrid(np.arange(SIZE[1]), np.arange(SIZE[0]))
    head = np.stack([1 + 0.02 * columns - 0.03 * rows, -2 + 0.03 * columns + 0.01 * rows]).astype(np.float32)
    flow = np.stack([head, 2 * head])[None]
    np.testing.assert_allclose(affine(flow, points()), flow, atol=1e-3)
    still = features(flow, points(), settings(align="affine"))
    np.testing.assert_allclose(still[:, :36], 0, atol=1e-3)


def test_the_descriptor_has_72_values_also_where_nothing_moves_or_landmarks_lie_outside() -> None:
    method = MDMO()
    flow, marks = method.inputs().arrays
    assert (flow.shape, marks.shape) == ((8, 2, 128, 128), (1, 68, 2))
    faces = np.stack([points()[0], points()[0] + 90])[:, None]
    found = method.features(Samples(count=2, arrays=(np.zeros((2, *flow.shape), np.float32), faces)))
    assert (found.shape, found.dtype) == ((2, 72), np.float32)
    assert not found.any()
    moving = method.features(
        Samples(count=1, arrays=(np.random.default_rng(5).normal(size=(1, *flow.shape)), faces[:1]))
    )
    assert moving[:, :36].max() == pytest.approx(0.8)
