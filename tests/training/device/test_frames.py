"""Prepared frames as normalised tensors."""

import numpy as np
import torch
from torchvision.transforms import functional as reference

from merbench.inputs.prepared import PreparedFrames
from merbench.training.augmentation import warp
from merbench.training.device.frames import DeviceFrames
from merbench.training.numerics import Numerics, choose


def expected(prepared: PreparedFrames, clip: int, moment: int, place: int) -> torch.Tensor:
    image = torch.from_numpy(prepared.images[clip, moment, place]).float() / 255
    normalised: torch.Tensor = reference.normalize(
        image, list(prepared.declaration.mean), list(prepared.declaration.std)
    )
    return normalised


def test_held_out_clips_are_seen_at_their_annotated_frames(prepared: PreparedFrames, numerics: Numerics) -> None:
    onset, apex = DeviceFrames(prepared, numerics).held_out(torch.tensor([5, 2]))
    assert onset.shape == apex.shape == (2, 3, 8, 8)
    for row, clip in enumerate((5, 2)):
        for moment, found in enumerate((onset, apex)):
            place = int(prepared.annotated[clip, moment])
            torch.testing.assert_close(found[row], expected(prepared, clip, moment, place), rtol=1e-5, atol=1e-6)


def test_training_clips_are_seen_at_the_drawn_places(prepared: PreparedFrames, numerics: Numerics) -> None:
    clips, picks = torch.tensor([7, 7, 0]), torch.tensor([[0, 1], [1, 0], [2, 2]])
    onset, apex = DeviceFrames(prepared, numerics).training(clips, picks, None)
    for row in range(3):
        for moment, found in enumerate((onset, apex)):
            wanted = expected(prepared, int(clips[row]), moment, int(picks[row, moment]))
            torch.testing.assert_close(found[row], wanted, rtol=1e-5, atol=1e-6)


def test_normalisation_is_torchvisions_in_either_precision(prepared: PreparedFrames, numerics: Numerics) -> None:
    double = choose("cpu", "float64", threads=1)
    one, _ = DeviceFrames(prepared, numerics).held_out(torch.arange(16))
    two, _ = DeviceFrames(prepared, double).held_out(torch.arange(16))
    assert (one.dtype, two.dtype) == (torch.float32, torch.float64)
    torch.testing.assert_close(one.double(), two, rtol=1e-5, atol=1e-6)


def test_frames_are_warped_after_they_are_normalised(prepared: PreparedFrames, numerics: Numerics) -> None:
    frames = DeviceFrames(prepared, numerics)
    clips, picks = torch.tensor([1, 3]), torch.zeros((2, 2), dtype=torch.int64)
    affine = torch.tensor([[[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]]]).repeat(2, 1, 1)
    plain = torch.stack(frames.training(clips, picks, None), 1)
    torch.testing.assert_close(torch.stack(frames.training(clips, picks, affine), 1), warp(plain, affine))
    assert (frames.training(clips, picks, affine)[0][..., -1] == 0).all()


def test_picks_stay_within_each_window_and_reach_all_of_it(prepared: PreparedFrames, numerics: Numerics) -> None:
    frames, draws = DeviceFrames(prepared, numerics), np.random.default_rng(1)
    clips = np.tile(np.arange(16), (60, 1))
    picks = frames.picks(clips, draws)
    assert picks.shape == (60, 16, 2)
    assert (picks >= 0).all()
    np.testing.assert_array_equal(picks.max(axis=0), prepared.counts - 1)


def test_picks_are_drawn_evenly(prepared: PreparedFrames, numerics: Numerics) -> None:
    counts = np.full_like(prepared.counts, 3)
    even = PreparedFrames(
        declaration=prepared.declaration, images=prepared.images, counts=counts, annotated=prepared.annotated
    )
    picks = DeviceFrames(even, numerics).picks(np.zeros(6000, dtype=np.int64), np.random.default_rng(1))
    np.testing.assert_allclose(np.bincount(picks.ravel()) / picks.size, 1 / 3, atol=0.02)


def test_frames_are_kept_as_bytes(prepared: PreparedFrames, numerics: Numerics) -> None:
    assert DeviceFrames(prepared, numerics)._images.dtype == torch.uint8
