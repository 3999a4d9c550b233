"""Changed colours: each change is torchvision's, clips are changed alone, and all their frames alike."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.transforms import functional as reference

from merbench.entries.recipe import Training
from merbench.errors import UsageError
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.method import FittedMethod
from merbench.registry import methods
from merbench.training.augmentable import require_augmentable
from merbench.training.colour import draw_colour, jitter
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fold_job import FoldJob
from merbench.training.numerics import Numerics
from merbench.training.sampling import EpochSampler, stack_plans

CHANGES = (
    reference.adjust_brightness,
    reference.adjust_contrast,
    reference.adjust_saturation,
    reference.adjust_hue,
)


def pictures(channels: int = 3) -> Tensor:
    frames = torch.rand((3, 2, channels, 9, 7), generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    frames[0, 0, :, 0, 0] = 0.4  # grey
    frames[0, 0, :, 0, 1] = 0.0
    frames[0, 0, :, 0, 2] = 1.0
    return frames


def by_torchvision(frames: Tensor, amounts: list[float], order: list[int]) -> Tensor:
    for which in order:
        frames = CHANGES[which](frames, amounts[which])
    return frames


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
def test_changes_are_those_of_torchvision_in_the_order_drawn(order: list[int]) -> None:
    frames = pictures()
    amounts = [[0.8, 1.2, 0.9, 0.2], [1.2, 0.81, 1.19, -0.17], [1.0, 1.0, 1.0, 0.0]]
    found = jitter(frames, torch.tensor([[*each, *order] for each in amounts], dtype=torch.float64))
    for clip, own in enumerate(amounts):
        for moment in range(2):
            expected = by_torchvision(frames[clip, moment], own, order)
            # torchvision's luminance has 0.2989 of red
            torch.testing.assert_close(found[clip, moment], expected, rtol=0, atol=1e-4)
    torch.testing.assert_close(found[2], frames[2], rtol=0, atol=1e-12)


def test_grey_frames_stay_grey_and_change_in_brightness_and_contrast() -> None:
    frames = pictures(1)
    found = jitter(frames, torch.tensor([[0.8, 1.2, 0.5, 0.2, 3, 1, 2, 0]] * 3, dtype=torch.float64))
    rgb = by_torchvision(frames[1, 1].expand(3, -1, -1), [0.8, 1.2], [1, 0])
    torch.testing.assert_close(found[1, 1].expand(3, -1, -1), rgb, rtol=0, atol=1e-4)


def test_draws_fill_their_ranges_and_every_order() -> None:
    drawn = draw_colour(0.2, (50, 40), np.random.default_rng(0)).reshape(-1, 8)
    low, high = drawn.min(0), drawn.max(0)
    np.testing.assert_allclose(low[:4], [0.8, 0.8, 0.8, -0.2], atol=0.01)
    np.testing.assert_allclose(high[:4], [1.2, 1.2, 1.2, 0.2], atol=0.01)
    assert len({tuple(order) for order in drawn[:, 4:].tolist()}) == 24


def test_the_fields_of_a_recipe_reach_the_frames(
    prepared: PreparedFrames, numerics: Numerics, tasks: list[FoldJob]
) -> None:
    inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared), numerics)

    def first(**settings: object) -> Tensor:
        training = Training().changed({"batch": 4, "rotation": 20.0, **settings})
        plan = EpochSampler(training, tasks[0], inputs, 0).epoch()
        views, _ = next(inputs.batches(plan))
        both, _ = next(inputs.batches(stack_plans([plan, plan])))
        assert all(torch.equal(alone, together[1]) for alone, together in zip(views, both, strict=True))
        return views[0]

    plain, nearest, coloured = first(), first(interpolation="nearest"), first(colour_jitter=0.2)
    assert not torch.equal(plain, nearest)
    assert not torch.equal(plain, coloured)
    still = first(interpolation="nearest", rotation=0.0)
    assert set(nearest.unique().tolist()) <= {0.0, *still.unique().tolist()}  # no value is mixed of others
    assert not set(plain.unique().tolist()) <= {0.0, *still.unique().tolist()}


def test_colours_are_changed_of_frames_only() -> None:
    kind = methods.get("ststnet")
    assert not issubclass(kind, FittedMethod)
    with pytest.raises(UsageError, match=r"ststnet cannot be trained with colour_jitter=0\.2: it sees no frames"):
        require_augmentable(kind(), Training(colour_jitter=0.2))
    require_augmentable(methods.get("capsulenet")(), Training(colour_jitter=0.2))
