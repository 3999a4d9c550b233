"""Augmentation, batched on the device: one draw a clip, applied alike to all its frames."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from merbench.entries.recipe import Training
from merbench.training.device.transfer import constant


def is_plain(training: Training) -> bool:
    """Whether the recipe leaves the frames where they are."""
    return training.flip == 0 and training.rotation == 0 and training.pad == 0


def draw_affine(
    training: Training, shape: tuple[int, ...], size: tuple[int, int], generator: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Affine maps `(*shape 2 3)` from output to source, in the coordinates -1..1 of torch's `affine_grid`.

    A flip, then a rotation about the centre, then a shift of whole pixels at 224: the order and the ranges of
    MMNet's released code. `size` is (height, width).
    """
    height, width = size
    flip = np.where(generator.random(shape) < training.flip, -1.0, 1.0)
    angle = np.deg2rad(generator.uniform(-training.rotation, training.rotation, shape))
    reach = int(training.pad)
    shift = generator.integers(-reach, reach, (*shape, 2), endpoint=True) * 2 / 224
    cos, sin, aspect = np.cos(angle), np.sin(angle), height / width
    turn = np.stack([np.stack([cos, -sin * aspect], -1), np.stack([sin / aspect, cos], -1)], -2)
    turn[..., 0, :] *= flip[..., None]
    moved = turn @ shift[..., None]
    return np.concatenate([turn, moved], -1).astype(np.float32)


def warp(frames: Tensor, affine: Tensor, nearest: bool = False) -> Tensor:
    """The frames `(clip moment rgb height width)` under one map a clip, `(clip 2 3)`.

    Between pixels they are interpolated linearly, or the `nearest` pixel counts. What comes from outside is 0, which is
    the mean colour of normalised frames, as in MMNet's released code.
    """
    clips, moments = frames.shape[:2]
    images = frames.flatten(0, 1)
    maps = affine.to(frames.dtype).repeat_interleave(moments, 0)
    grid = functional.affine_grid(maps, list(images.shape), align_corners=False)
    mode = "nearest" if nearest else "bilinear"
    moved: Tensor = functional.grid_sample(images, grid, mode=mode, padding_mode="zeros", align_corners=False)
    warped: Tensor = moved.unflatten(0, (clips, moments))
    return warped


def with_aspect(affine: Tensor, reference: float, own: float) -> Tensor:
    """Maps `(clip 2 3)` drawn for images of height / width = `reference`, for images where it is `own`.

    The same flip, the same angle and the same shift as a share of the image.
    """
    if reference == own:
        return affine
    ratio = own / reference
    scale = constant((1.0, ratio, 1 / ratio, 1.0), affine.dtype, affine.device).view(2, 2)
    turn = affine[..., :2]
    # flip and turn bring the shift along, so it is taken back to the input's axes first
    shift = torch.linalg.solve_ex(turn, affine[..., 2:]).result  # unlike solve, nothing waits for a GPU
    turned = turn * scale
    return torch.cat([turned, turned @ shift], -1)


def turn_vectors(fields: Tensor, affine: Tensor, aspect: float) -> Tensor:
    """Fields `(clip time channel height width)`, warped by the maps `(clip 2 3)`, with their vectors turned alike.

    The first two channels are vectors (right, down) in pixels; others, such as strain, have no direction. The maps go
    from output to source and keep lengths in pixels, so a vector follows their transpose: a flip negates u.
    """
    turn = affine[..., :2].to(fields.dtype)
    pixels = turn * constant((1.0, 1 / aspect, aspect, 1.0), turn.dtype, turn.device).view(2, 2)  # -1..1 to pixels
    vectors = torch.einsum("cij,ctihw->ctjhw", pixels, fields[:, :, :2])
    return torch.cat([vectors, fields[:, :, 2:]], 2)


#: Which of the 68 iBUG points each becomes when the face is seen in a mirror.
MIRROR = (
    *range(16, -1, -1),  # jaw
    *range(26, 16, -1),  # brows
    *range(27, 31),  # bridge of the nose
    *range(35, 30, -1),  # nostrils
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),  # eyes
    *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),  # outer lips
    *(64, 63, 62, 61, 60, 67, 66, 65),  # inner lips
)


def move_points(points: Tensor, affine: Tensor, size: tuple[int, int]) -> Tensor:
    """The 68 landmarks `(clip moment point xy)` in pixels of an image of `size` that is warped by `(clip 2 3)`.

    In a mirrored face the right eye's corner is the left one's, so the points change places, too.
    """
    height, width = size
    scale = constant((width, height), points.dtype, points.device)
    seen = (2 * points + 1) / scale - 1
    turn, shift = affine[..., :2], affine[..., 2]
    back = torch.linalg.inv_ex(turn).inverse
    moved = torch.einsum("cij,cmpj->cmpi", back, seen - shift[:, None, None])
    flipped = torch.linalg.det(turn) < 0
    moved = torch.where(flipped[:, None, None, None], moved[:, :, constant(MIRROR, torch.int64, moved.device)], moved)
    return ((moved + 1) * scale - 1) / 2
