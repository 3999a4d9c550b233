"""R(2+1)D-18 against torchvision's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision

from merbench.errors import UsageError
from merbench.method import TrainInfo
from merbench.methods.r2plus1d import R2Plus1D, R2Plus1DParameters
from merbench.methods.r2plus1d.network import MEAN, STD

CLASSES = tuple("abcde")
INFO = TrainInfo(classes=CLASSES, labels=np.arange(5), subjects=CLASSES, action_units=((),) * 5)
SMALL = {"size": 16, "frames": 4, "width": 4}


def network(**settings: Any) -> Any:
    return R2Plus1D(R2Plus1DParameters().changed({**SMALL, **settings})).network(INFO)


def test_the_full_width_is_torchvisions_and_takes_its_weights(tmp_path: Path) -> None:
    other = torchvision.models.video.r2plus1d_18(num_classes=5).eval()
    torch.save(other.state_dict(), tmp_path / "weights.pth")
    own = network(width=64, weights=str(tmp_path / "weights.pth")).eval()
    assert sum(weight.numel() for weight in own.parameters()) == sum(weight.numel() for weight in other.parameters())
    own.fc.load_state_dict(other.fc.state_dict())
    frames = torch.rand(1, 4, 3, 16, 16)
    normal = (frames - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    torch.testing.assert_close(own(frames), other(normal.transpose(1, 2)))
    with pytest.raises(UsageError, match=r"does not fit r2plus1d at width=4: .* have another shape"):
        network(weights=str(tmp_path / "weights.pth"))


def test_every_number_is_trained() -> None:
    made = network()
    logits = made(torch.rand(2, 4, 3, 16, 16))
    assert logits.shape == (2, 5)
    logits.square().sum().backward()
    assert [name for name, weight in made.named_parameters() if weight.grad is None] == []


def test_the_difference_forgets_what_all_frames_share() -> None:
    made, frames, face = network(motion="difference").eval(), torch.rand(2, 4, 3, 16, 16), torch.rand(2, 1, 3, 16, 16)
    torch.testing.assert_close(made(frames), made(frames + face))


def test_what_it_sees() -> None:
    [frames] = R2Plus1D().inputs().arrays
    assert (frames.shape, frames.start, frames.end) == ((8, 3, 112, 112), "onset", "offset")


def test_recipes_build() -> None:
    for name in ("published", "quick"):
        recipe = R2Plus1D.recipe(name, 5)
        assert recipe.training is not None
        R2Plus1DParameters().changed(recipe.parameters)
    assert R2Plus1D(R2Plus1DParameters().changed(R2Plus1D.recipe("quick", 5).parameters)).parameter_count(5) == 492_243
