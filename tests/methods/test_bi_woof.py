"""Bi-WOOF: on fields that can be worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from merbench.inputs.optical_flow import optical_strain
from merbench.method import Samples
from merbench.methods.bi_woof import BiWOOF
from merbench.methods.bi_woof.histograms import direction, histograms


def fields(*displacements: np.ndarray) -> np.ndarray:
    """Displacements `(uv height width)` with their strain, as `Flow` gives them."""
    return np.stack([np.concatenate([uv, optical_strain(uv)[None]]) for uv in displacements]).astype(np.float32)


def test_directions_start_at_leftwards_and_go_from_u_to_v() -> None:
    # of 8 bins of 45 degrees from -180: left is at its lower end, up (v < 0) at that of bin 2, right of 4, down of 6
    u, v = np.array([-1.0, 0, 1, 0, 1, -1]), np.array([-0.0, -1, 0, 1, 1, -0.9])
    assert direction(u, v, 8).tolist() == [0, 2, 4, 6, 5, 0]
    assert direction(np.array([-1.0]), np.array([0.0]), 8).tolist() == [0]  # +180 degrees is -180


@pytest.mark.parametrize(("step", "bin_of_all"), [((3.0, 1.0), 4), ((-1.0, 3.0), 6), ((-3.0, -1.0), 0)])
def test_motion_in_one_direction_fills_one_bin_of_each_block(step: tuple[float, float], bin_of_all: int) -> None:
    growth = 1 + np.arange(20) / 20  # the same direction everywhere, longer to the right: there is strain
    uv = np.stack([np.broadcast_to(part * growth, (20, 20)) for part in step])
    [found] = histograms(fields(uv), 5, 8).reshape(1, 25, 8)
    np.testing.assert_allclose(found[:, bin_of_all], 1 / 5, atol=1e-6)  # 25 equal strains, of length 1 together
    assert np.count_nonzero(found) == 25


def test_magnitude_weighs_within_a_block_and_strain_between_blocks() -> None:
    u, v, strain = np.zeros((3, 4, 4))
    u[0, 0], v[0, 1] = 3, 1  # upper left block: 3 px right, 1 px down
    u[3, 3] = 2  # lower right block: 2 px right
    strain[:2, :2], strain[2:, 2:] = 1, 0.75  # sums 4 and 3
    [found] = histograms(np.stack([u, v, strain])[None].astype(np.float32), 2, 4).reshape(1, 4, 4)
    expected = np.zeros((4, 4))
    expected[0, 2], expected[0, 3], expected[3, 2] = 0.75 * 4, 0.25 * 4, 3
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-6)


def test_a_still_face_has_no_motion_and_no_fault() -> None:
    assert not histograms(np.zeros((2, 3, 20, 20), np.float32), 5, 8).any()


def test_the_published_descriptor_has_200_values_of_length_one() -> None:
    method = BiWOOF()
    [declared] = method.inputs().arrays
    assert declared.shape == (3, 128, 128)
    draws = np.random.default_rng(3).normal(size=(2, *declared.shape)).astype(np.float32)
    found = method.features(Samples(count=2, arrays=(np.concatenate([draws[:, :2], abs(draws[:, 2:])], axis=1),)))
    assert (found.shape, found.dtype) == ((2, 200), np.float32)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
