"""Computed arrays on the device: vectors and points follow the augmentation of their clip."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch

from merbench.entries.recipe import Training
from merbench.inputs import ArrayInput, Flow, Landmarks, Sequence
from merbench.inputs.base import AugmentAs
from merbench.inputs.clip_reader import ClipFiles
from merbench.inputs.prepared import PreparedArray, PreparedFrames, PreparedInputs
from merbench.training.augmentation import MIRROR, draw_affine, move_points, warp, with_aspect
from merbench.training.device.arrays import DeviceArray
from merbench.training.device.inputs import DeviceInputs
from merbench.training.numerics import Numerics

PLAIN = torch.tensor([[[1.0, 0, 0], [0, 1, 0]]])
FLIP = torch.tensor([[[-1.0, 0, 0], [0, 1, 0]]])
QUARTER = torch.tensor([[[0.0, -1, 0], [1, 0, 0]]])  # output (x, y) shows the source's (-y, x)
ONE = torch.tensor([0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Still(ArrayInput):
    """Numbers that no augmentation touches."""

    name: ClassVar[str] = "still"
    revision: ClassVar[int] = 1
    augment_as: ClassVar[AugmentAs] = "fixed"

    @property
    def shape(self) -> tuple[int, ...]:
        return (3,)

    def numbers(self, clip: object) -> tuple[int, ...]:
        return ()

    def array(self, files: ClipFiles) -> np.ndarray:
        return np.zeros(3, np.float32)


def field(values: np.ndarray, numerics: Numerics, strain: bool = False) -> DeviceArray:
    declared = Flow(size=values.shape[-2:], computed=(64, 64), strain=strain)  # type: ignore[arg-type]
    return DeviceArray(PreparedArray(declaration=declared, values=values), numerics)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def test_a_flip_mirrors_a_field_and_negates_u_alone(numerics: Numerics) -> None:
    values = noise(1, 3, 6, 8)
    found = field(values, numerics, strain=True).training(ONE, FLIP, 6 / 8)
    mirrored = values[..., ::-1] * np.array([-1, 1, 1], np.float32)[:, None, None]
    np.testing.assert_allclose(found, mirrored, atol=1e-5)


def test_two_flips_give_the_field_back(numerics: Numerics) -> None:
    values = noise(1, 2, 6, 8)
    once = field(values, numerics).training(ONE, FLIP, 6 / 8).numpy()
    np.testing.assert_allclose(field(once, numerics).training(ONE, FLIP, 6 / 8), values, atol=1e-5)


def test_a_quarter_turn_turns_vectors_with_the_picture(numerics: Numerics) -> None:
    values = np.zeros((1, 2, 5, 5), np.float32)
    values[0, 0, 2, 4] = 1  # at the right edge, pointing right
    found = field(values, numerics).training(ONE, QUARTER, 1.0)[0].numpy()
    row, column = np.argwhere(np.abs(found).sum(0) > 0.5)[0]
    outwards = np.array([column - 2, row - 2]) / 2
    np.testing.assert_allclose(found[:, row, column], outwards, atol=1e-5)  # it still points outwards


def test_flow_of_turned_frames_is_the_turned_flow(numerics: Numerics) -> None:
    cv2 = pytest.importorskip("cv2")
    draws = np.random.default_rng(3)
    texture = cv2.GaussianBlur(draws.uniform(0, 255, (96, 96)).astype(np.float32), (0, 0), 2)
    texture = (texture - texture.min()) / np.ptp(texture) * 255
    rows, columns = np.mgrid[0:96, 0:96].astype(np.float32)
    moved = cv2.remap(texture, columns - 2, rows - 1 - 0.02 * columns, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    training = Training(flip=1.0, rotation=20.0)
    affine = torch.from_numpy(draw_affine(training, (1,), (96, 96), np.random.default_rng(1)))
    frames = torch.from_numpy(np.stack([texture, moved]))[None, :, None]
    turned = warp(frames, affine)[0, :, 0].numpy()

    def flow(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        none = np.zeros((96, 96, 2), np.float32)
        one, two = first.astype(np.uint8), second.astype(np.uint8)
        return np.asarray(cv2.calcOpticalFlowFarneback(one, two, none, 0.5, 3, 15, 3, 5, 1.2, 0)).transpose(2, 0, 1)

    expected = flow(turned[0], turned[1])
    values = np.ascontiguousarray(flow(texture, moved)[None])
    found = field(values, numerics).training(ONE, affine, 1.0)[0].numpy()
    inner = (slice(None), slice(30, 66), slice(30, 66))
    np.testing.assert_allclose(found[inner], expected[inner], atol=0.35)
    assert np.abs(found[inner] - expected[inner]).mean() < 0.06


def test_lengths_of_vectors_are_kept_in_an_oblong_image(numerics: Numerics) -> None:
    values = np.zeros((1, 2, 20, 40), np.float32)
    values[:, 0], values[:, 1] = 3, 4
    affine = torch.from_numpy(draw_affine(Training(rotation=30.0), (1,), (10, 10), np.random.default_rng(0)))
    found = field(values, numerics).training(ONE, affine, 1.0)[0].numpy()
    assert np.hypot(*found[:, 10, 20]) == pytest.approx(5, abs=1e-4)


def test_maps_for_another_shape_are_those_drawn_for_it() -> None:
    training = Training(flip=0.5, rotation=40.0, pad=50.0)
    square, oblong = (
        torch.from_numpy(draw_affine(training, (50,), size, np.random.default_rng(2))) for size in ((9, 9), (20, 40))
    )
    torch.testing.assert_close(with_aspect(square, 1.0, 0.5), oblong, rtol=1e-4, atol=1e-5)


def test_points_move_as_the_picture_does() -> None:
    size = (40, 60)
    image = np.zeros((1, 1, 1, *size), np.float32)
    image[..., 12, 45] = 1
    points = torch.tensor([45.0, 12.0]).expand(1, 1, 68, 2)
    affine = torch.from_numpy(
        draw_affine(Training(flip=1.0, rotation=25.0, pad=20.0), (1,), size, np.random.default_rng(5))
    )
    seen = warp(torch.from_numpy(image), affine)[0, 0, 0].numpy()
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    middle = [(columns * seen).sum() / seen.sum(), (rows * seen).sum() / seen.sum()]
    np.testing.assert_allclose(move_points(points, affine, size)[0, 0, 0], middle, atol=0.3)


def test_in_a_mirror_left_and_right_points_change_places() -> None:
    from merbench.synthetic.rendering import landmarks, plan_clip

    assert sorted(MIRROR) == list(range(68))
    assert [MIRROR[MIRROR[point]] for point in range(68)] == list(range(68))
    plan = plan_clip(identity=1, seed=1, emotion="others", onset=0, apex=9, offset=20)
    points = torch.from_numpy(landmarks(plan, 0))[None, None]
    found = move_points(points, FLIP, (224, 224))
    torch.testing.assert_close(found[0, 0, list(MIRROR), 0], 223 - points[0, 0, :, 0])
    assert (found - points).abs().max() < 20  # a face is nearly its own mirror image, point by point


def test_sequences_reach_a_network_in_0_to_1_and_are_warped_alike(numerics: Numerics) -> None:
    values = np.random.default_rng(0).integers(0, 256, (2, 4, 1, 6, 6), dtype=np.uint8)
    declared = Sequence(frames=4, size=(6, 6), grey=True)
    array = DeviceArray(PreparedArray(declaration=declared, values=values), numerics)
    clips = torch.tensor([1, 0])
    np.testing.assert_allclose(array.held_out(clips), values[[1, 0]] / 255, rtol=1e-6)
    flips = FLIP.repeat(2, 1, 1)
    np.testing.assert_allclose(array.training(clips, flips, 1.0), values[[1, 0], ..., ::-1] / 255, atol=1e-5)


def test_what_has_no_place_in_the_picture_is_left_alone(numerics: Numerics) -> None:
    values = noise(2, 3)
    array = DeviceArray(PreparedArray(declaration=Still(), values=values), numerics)
    np.testing.assert_array_equal(array.training(torch.tensor([1]), FLIP, 1.0), values[[1]])


def test_frames_come_first_then_arrays_as_declared(prepared: PreparedFrames, numerics: Numerics) -> None:
    flow = PreparedArray(declaration=Flow(size=(20, 20)), values=noise(16, 2, 20, 20))
    points = PreparedArray(declaration=Landmarks(size=(20, 20)), values=noise(16, 1, 68, 2))
    inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared, arrays=(flow, points)), numerics)
    clips = torch.tensor([3, 5, 9])
    for views in (inputs.held_out(clips), inputs.training(clips, torch.zeros((3, 2), dtype=torch.int64), None)):
        shapes = [tuple(view.shape) for view in views]
        assert shapes == [(3, 3, 8, 8), (3, 3, 8, 8), (3, 2, 20, 20), (3, 1, 68, 2)]
        assert {view.dtype for view in views} == {torch.float32}
    assert inputs.size == (8, 8)


def test_arrays_alone_draw_no_frames(numerics: Numerics) -> None:
    flow = PreparedArray(declaration=Flow(size=(20, 30)), values=noise(4, 2, 20, 30))
    inputs = DeviceInputs(PreparedInputs(count=4, arrays=(flow,)), numerics)
    draws = np.random.default_rng(0)
    assert inputs.picks(np.zeros((5, 4), np.int64), draws).shape == (5, 4, 0)
    assert draws.random() == np.random.default_rng(0).random()
    assert inputs.size == (20, 30)
