"""Augmentation: what a map does to a picture, and how it is drawn."""

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from merbench.entries.recipe import Training
from merbench.training.augmentation import draw_affine, is_plain, warp

SQUARE, WIDE = (224, 224), (64, 128)


class Fixed:
    """A generator that gives what a test wants."""

    def __init__(self, flip: bool = False, angle: float = 0.0, shift: tuple[int, int] = (0, 0)) -> None:
        self.flip, self.angle, self.shift = flip, angle, shift

    def random(self, shape: tuple[int, ...]) -> np.ndarray:
        return np.full(shape, 0.0 if self.flip else 0.999)

    def uniform(self, low: float, high: float, shape: tuple[int, ...]) -> np.ndarray:
        return np.full(shape, self.angle)

    def integers(self, low: int, high: int, shape: tuple[int, ...], endpoint: bool) -> np.ndarray:
        return np.broadcast_to(np.array(self.shift), shape)


def pictures(size: tuple[int, int], clips: int = 2, moments: int = 2) -> Tensor:
    return torch.rand((clips, moments, 3, *size), generator=torch.Generator().manual_seed(1)) + 0.1


def mapped(size: tuple[int, int], clips: int = 2, **fixed: object) -> Tensor:
    """The map `(clip 2 3)` of a fixed draw."""
    training = Training(flip=0.5, rotation=90.0, pad=50.0)
    return torch.from_numpy(draw_affine(training, (clips,), size, Fixed(**fixed)))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [SQUARE, WIDE, (65, 33)])
def test_the_map_that_draws_nothing_is_the_identity(size: tuple[int, int]) -> None:
    found = mapped(size)
    np.testing.assert_array_equal(found[0], [[1, 0, 0], [0, 1, 0]])
    torch.testing.assert_close(warp(pictures(size), found), pictures(size), rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [SQUARE, WIDE, (65, 33)])
def test_a_flip_mirrors_left_and_right(size: tuple[int, int]) -> None:
    frames = pictures(size)
    torch.testing.assert_close(warp(frames, mapped(size, flip=True)), torch.flip(frames, [-1]), rtol=0, atol=1e-4)


@pytest.mark.parametrize("shift", [(5, 0), (0, -7), (-15, 15)])
def test_a_shift_moves_whole_pixels_at_224_and_fills_with_zeros(shift: tuple[int, int]) -> None:
    frames = pictures(SQUARE)
    right, down = -shift[0], -shift[1]  # the map goes from output to source
    rolled = torch.roll(frames, (down, right), (-2, -1))
    if right:
        rolled[..., slice(0, right) if right > 0 else slice(right, None)] = 0
    if down:
        rolled[..., slice(0, down) if down > 0 else slice(down, None), :] = 0
    torch.testing.assert_close(warp(frames, mapped(SQUARE, shift=shift)), rolled, rtol=0, atol=1e-4)


def test_a_shift_is_the_same_share_of_a_smaller_picture() -> None:
    frames = pictures((112, 112))
    rolled = torch.roll(frames, -3, -1)
    rolled[..., -3:] = 0
    torch.testing.assert_close(warp(frames, mapped((112, 112), shift=(6, 0))), rolled, rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [SQUARE, WIDE, (65, 33)])
def test_half_a_turn_is_both_flips(size: tuple[int, int]) -> None:
    frames = pictures(size)
    torch.testing.assert_close(warp(frames, mapped(size, angle=180.0)), torch.flip(frames, [-1, -2]), rtol=0, atol=1e-4)


def test_a_quarter_turn_of_a_square_is_torchs() -> None:
    frames = pictures((64, 64))
    turned = warp(frames, mapped((64, 64), angle=90.0))
    torch.testing.assert_close(turned, torch.rot90(frames, 1, (-2, -1)), rtol=0, atol=1e-4)
    back = warp(frames, mapped((64, 64), angle=-90.0))
    torch.testing.assert_close(back, torch.rot90(frames, -1, (-2, -1)), rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [(96, 96), (64, 128), (128, 64)])
@pytest.mark.parametrize("angle", [20.0, -35.0])
def test_a_rotation_is_opencvs_about_the_centre(size: tuple[int, int], angle: float) -> None:
    height, width = size
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    smooth = 2 + np.sin(columns / 9) + np.cos(rows / 7)  # interpolates alike everywhere
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
    expected = cv2.warpAffine(smooth, turn, (width, height), flags=cv2.INTER_LINEAR)
    frames = torch.from_numpy(smooth)[None, None, None].repeat(1, 1, 3, 1, 1)
    found = warp(frames, mapped(size, clips=1, angle=angle))[0, 0, 0].numpy()
    inner = cv2.warpAffine(np.ones_like(smooth), turn, (width, height)) > 0.999
    inner = cv2.erode(inner.astype(np.uint8), np.ones((5, 5))) > 0
    np.testing.assert_allclose(found[inner], expected[inner], atol=0.02)


def test_flip_comes_before_rotation_and_shift_last() -> None:
    frames = pictures((64, 64), clips=1)
    expected = torch.roll(torch.rot90(torch.flip(frames, [-1]), 1, (-2, -1)), -16, -1)
    expected[..., -16:] = 0
    found = warp(frames, mapped((64, 64), clips=1, flip=True, angle=90.0, shift=(56, 0)))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


def test_what_comes_from_outside_is_zero() -> None:
    moved = warp(torch.ones(1, 1, 3, 224, 224), mapped(SQUARE, clips=1, shift=(50, 50)))
    assert (moved[..., -49:, :] == 0).all()
    assert (moved[..., -49:] == 0).all()
    assert (moved[..., :170, :170] > 0.99).all()


def test_all_moments_of_a_clip_get_the_same_map_and_clips_differ() -> None:
    one = torch.rand(1, 1, 3, 32, 32)
    frames = one.repeat(4, 3, 1, 1, 1)
    training = Training(flip=0.5, rotation=45.0, pad=40.0)
    maps = torch.from_numpy(draw_affine(training, (4,), (32, 32), np.random.default_rng(1)))
    moved = warp(frames, maps)
    assert torch.equal(moved[:, 0], moved[:, 1])
    assert torch.equal(moved[:, 0], moved[:, 2])
    assert len({moved[clip, 0].numpy().tobytes() for clip in range(4)}) == 4


def test_draws_stay_in_their_ranges_and_fill_them() -> None:
    training = Training(flip=0.3, rotation=10.0, pad=4.0)
    maps = draw_affine(training, (200, 50), SQUARE, np.random.default_rng(1)).astype(np.float64)
    flipped = np.linalg.det(maps[..., :2]) < 0
    assert flipped.mean() == pytest.approx(0.3, abs=0.02)
    angles = np.rad2deg(np.arctan2(maps[..., 1, 0], maps[..., 1, 1]))
    assert np.abs(angles).max() <= 10 + 1e-4
    assert np.histogram(angles, 10, (-10, 10))[0].min() > 800
    shifts = np.linalg.solve(maps[..., :2], maps[..., 2:])[..., 0] * 112
    np.testing.assert_allclose(shifts, shifts.round(), atol=1e-3)
    assert set(np.unique(shifts.round())) == set(range(-4, 5))


@pytest.mark.parametrize(("flip", "share"), [(0.0, 0.0), (1.0, 1.0)])
def test_a_flip_that_is_sure_or_impossible(flip: float, share: float) -> None:
    maps = draw_affine(Training(flip=flip), (500,), SQUARE, np.random.default_rng(1))
    assert (maps[:, 0, 0] == -1).mean() == share


def test_equal_generators_draw_equal_maps() -> None:
    training = Training(flip=0.5, rotation=5.0, pad=9.0)
    one, two = (draw_affine(training, (3, 4), SQUARE, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert one.shape == (3, 4, 2, 3)
    assert one.dtype == np.float32


def test_a_recipe_without_augmentation_is_plain() -> None:
    assert is_plain(Training())
    assert not any(is_plain(Training(**{name: 1.0})) for name in ("flip", "rotation", "pad"))


def test_frames_in_double_precision_stay_so() -> None:
    assert warp(pictures((16, 16)).double(), mapped((16, 16))).dtype == torch.float64
