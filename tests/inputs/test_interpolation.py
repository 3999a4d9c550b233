"""The temporal interpolation model against its definition."""

import numpy as np
import pytest
from scipy.linalg import eigh

from merbench.inputs.interpolation import interpolation_weights


@pytest.mark.parametrize("length", [1, 2, 3, 7, 30])
def test_as_many_frames_as_there_are_come_back(length: int) -> None:
    np.testing.assert_allclose(interpolation_weights(length, length), np.eye(length), atol=1e-12)


@pytest.mark.parametrize(("length", "wanted"), [(2, 10), (5, 10), (30, 10), (10, 2)])
def test_the_ends_are_kept_and_every_frame_is_a_mean(length: int, wanted: int) -> None:
    weights = interpolation_weights(length, wanted)
    assert weights.shape == (wanted, length)
    np.testing.assert_allclose(weights[0], np.eye(length)[0], atol=1e-12)
    np.testing.assert_allclose(weights[-1], np.eye(length)[-1], atol=1e-12)
    np.testing.assert_allclose(weights.sum(1), 1)


def test_one_wanted_frame_of_one_is_that_frame() -> None:
    np.testing.assert_array_equal(interpolation_weights(1, 4), np.ones((4, 1)))


def test_it_is_least_squares_from_the_laplacians_eigenvectors() -> None:
    length, wanted = 6, 11
    laplacian = np.diag([1.0, 2, 2, 2, 2, 1]) - np.eye(length, k=1) - np.eye(length, k=-1)
    frames = np.random.default_rng(0).normal(size=(length, 40))
    mean = frames.mean(0)
    vectors = eigh(laplacian)[1][:, 1:]
    k = np.arange(1, length)
    times = np.linspace(1 / length, 1, wanted)[:, None]
    curves = np.sin(np.pi * k * times + np.pi * (length - k) / (2 * length))
    nodes = np.sin(np.pi * k * np.arange(1, length + 1)[:, None] / length + np.pi * (length - k) / (2 * length))
    along = np.abs((vectors * nodes / np.linalg.norm(nodes, axis=0)).sum(0))
    np.testing.assert_allclose(along, 1)  # the curves run through the eigenvectors
    mapped = np.linalg.lstsq(nodes, frames - mean, rcond=None)[0]
    np.testing.assert_allclose(interpolation_weights(length, wanted) @ frames, curves @ mapped + mean, atol=1e-9)


def test_a_motion_at_even_speed_stays_near_even() -> None:
    found = interpolation_weights(12, 23) @ np.arange(12.0)
    np.testing.assert_allclose(found, np.linspace(0, 11, 23), atol=0.1)
