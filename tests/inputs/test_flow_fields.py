"""Strain of fields worked by hand, and what resizing does to a field."""

import numpy as np
import pytest

from merbench.inputs.optical_flow import optical_strain, resampled, resize_field

Y, X = np.mgrid[0:6, 0:8].astype(np.float32)


@pytest.mark.parametrize(
    ("u", "v", "expected"),
    [
        (0 * X + 3, 0 * X - 2, 0.0),  # a shift
        (0.1 * X, 0 * X, 0.1),  # stretched across
        (0 * X, -0.2 * Y, 0.2),  # shrunk down
        (0.3 * Y, 0 * X, np.sqrt(2 * 0.15**2)),  # sheared: exy = 0.15
        (-0.05 * Y, 0.05 * X, 0.0),  # a small turn
        (0.1 * X + 0.4 * Y, 0.2 * X - 0.3 * Y, np.sqrt(0.1**2 + 0.3**2 + 2 * 0.3**2)),
    ],
)
def test_strain_of_a_linear_field_is_as_worked_by_hand(u: np.ndarray, v: np.ndarray, expected: float) -> None:
    strain = optical_strain(np.stack([u, v]).astype(np.float32))
    assert (strain.shape, strain.dtype) == ((6, 8), np.float32)
    np.testing.assert_allclose(strain, expected, atol=1e-6)


def test_resizing_leaves_the_values_of_a_field_as_they_are() -> None:
    field = np.stack([0 * X + 3, 0 * X - 2])
    np.testing.assert_allclose(resize_field(field, (3, 2)), np.stack([np.full((3, 2), 3), np.full((3, 2), -2)]))


def test_rescaling_gives_pixels_of_the_delivered_image() -> None:
    field = np.stack([0 * X + 4, 0 * X + 6]).astype(np.float32)
    found = resampled(field, (3, 2), strain=False, rescale=True)
    np.testing.assert_allclose(found[:, 0, 0], [4 * 2 / 8, 6 * 3 / 6])


def test_strain_is_that_of_the_computed_field_and_has_no_scale() -> None:
    field = np.stack([0.1 * X, 0 * X]).astype(np.float32)
    for rescale in (False, True):
        found = resampled(field, (3, 4), strain=True, rescale=rescale)
        assert found.shape == (3, 3, 4)
        np.testing.assert_allclose(found[2], 0.1, atol=1e-6)


def test_a_strain_that_came_along_is_kept_or_left_out() -> None:
    field = np.stack([X, Y, 0 * X + 7]).astype(np.float32)
    assert (resampled(field, (6, 8), strain=True, rescale=False)[2] == 7).all()
    assert resampled(field, (6, 8), strain=False, rescale=False).shape == (2, 6, 8)
