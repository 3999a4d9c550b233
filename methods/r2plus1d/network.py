"""The network: torchvision's blocks, at any width, on frames that are normalised as torchvision's weights want them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from einops import rearrange
from torch import Tensor, nn
from torchvision.models.video.resnet import BasicBlock, Conv2Plus1D

from merbench.errors import UsageError
from merbench.training.bases.timm_networks import lacking, read_weights
from merbench.training.weights_file import without_prefix

if TYPE_CHECKING:
    from . import R2Plus1DParameters

#: Of the 0..1 image, by channel: Kinetics, as torchvision's weights of video networks were trained.
MEAN = (0.43216, 0.394666, 0.37645)
STD = (0.22803, 0.22145, 0.216989)


class Network(nn.Module):
    """R(2+1)D-18; the names of its numbers are torchvision's, so that weights of r2plus1d_18 fit."""

    mean: Tensor
    std: Tensor

    def __init__(self, parameters: R2Plus1DParameters, classes: int) -> None:
        super().__init__()
        width = parameters.width
        self.difference = parameters.motion == "difference"
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(STD)[:, None, None, None], persistent=False)
        self.stem = stem(width)
        self.layer1 = stage(width, width, stride=1)
        self.layer2 = stage(width, 2 * width, stride=2)
        self.layer3 = stage(2 * width, 4 * width, stride=2)
        self.layer4 = stage(4 * width, 8 * width, stride=2)
        self.fc = nn.Linear(8 * width, classes)
        self.apply(_initialise)
        if parameters.weights:
            _load(self, parameters)

    def forward(self, frames: Tensor) -> Tensor:
        """Logits `(clip class)` of frames `(clip time 3 height width)` in 0..1."""
        video = (rearrange(frames, "clip time rgb y x -> clip rgb time y x") - self.mean) / self.std
        if self.difference:
            video = video - video[:, :, :1]
        features = self.layer4(self.layer3(self.layer2(self.layer1(self.stem(video)))))
        logits: Tensor = self.fc(features.mean((2, 3, 4)))
        return logits


def stem(width: int) -> nn.Sequential:
    """Seven by seven over the picture, then three over time, with 45 channels between at the full width of 64."""
    between = round(45 * width / 64)
    return nn.Sequential(
        nn.Conv3d(3, between, (1, 7, 7), (1, 2, 2), (0, 3, 3), bias=False),
        nn.BatchNorm3d(between),
        nn.ReLU(),
        nn.Conv3d(between, width, (3, 1, 1), padding=(1, 0, 0), bias=False),
        nn.BatchNorm3d(width),
        nn.ReLU(),
    )


def stage(inside: int, outside: int, stride: int) -> nn.Sequential:
    """Two residual blocks, the first of which changes the size and the width."""
    shortcut = None
    if stride != 1 or inside != outside:
        shortcut = nn.Sequential(nn.Conv3d(inside, outside, 1, stride, bias=False), nn.BatchNorm3d(outside))
    return nn.Sequential(
        BasicBlock(inside, outside, Conv2Plus1D, stride, shortcut), BasicBlock(outside, outside, Conv2Plus1D)
    )


def _initialise(module: nn.Module) -> None:
    # as torchvision does
    if isinstance(module, nn.Conv3d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0, 0.01)
        nn.init.zeros_(module.bias)


def _load(network: Network, parameters: R2Plus1DParameters) -> None:
    own = {name: value for name, value in network.state_dict().items() if not name.startswith("fc.")}
    arrays, _ = without_prefix(own, read_weights(parameters.weights))
    odd = [name for name, value in own.items() if name in arrays and arrays[name].shape != value.shape]
    missing = lacking(own, arrays)
    if missing or odd:
        raise UsageError(
            f"weights={parameters.weights} does not fit r2plus1d at width={parameters.width}: of {len(own)} arrays "
            f"{len(missing)} are lacking and {len(odd)} have another shape ({', '.join([*missing, *odd][:3])}); give "
            "the weights of torchvision's r2plus1d_18, with width=64."
        )
    network.load_state_dict({name: arrays[name] for name in own if name in arrays}, strict=False)
