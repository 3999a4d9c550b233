"""Position: where the face is, a second input of the network. The paper reads it off the onset by a ViT."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import torch
from einops import rearrange
from timm.layers.conv_bn_act import ConvNormAct
from timm.models.vision_transformer import Block
from torch import Tensor, nn
from torch.nn import functional

from merbench.inputs.moments import Moment
from merbench.training.randomness import DropPath

from .components import position
from .parameters import MMNetParameters

__all__ = ["Position", "position"]

#: Channels of the main branch's last map, which the position covers (released code).
WIDTH = 512


class Position(nn.Module):
    """A part called with the frames of its `moments`, each `(clip 3 height width)` and normalised.

    It gives `(clip 512 side side)`, or `(1 512 side side)` where all clips have the same; the side is a sixteenth of
    the frames'.
    """

    moments: ClassVar[tuple[Moment, ...]] = ("onset",)

    def __init__(self, parameters: MMNetParameters) -> None:
        super().__init__()
        self.side = parameters.size // 16
        self.antialias = parameters.position_antialias

    def shrunken(self, frame: Tensor) -> Tensor:
        """The frame as `(clip 3 side side)`: a pixel for each place of the last map."""
        size = (self.side, self.side)
        return functional.interpolate(frame, size, mode="bilinear", align_corners=False, antialias=self.antialias)


@position.register("vit")
class VisionTransformer(Position):
    """Position calibration (PC, paper): a pixel of the shrunken onset is a token of a shallow ViT."""

    def __init__(self, parameters: MMNetParameters) -> None:
        super().__init__(parameters)
        self.embed = nn.Conv2d(3, WIDTH, 1)
        self.place = nn.Parameter(torch.zeros(1, self.side**2, WIDTH))
        self.blocks = nn.Sequential(*(_block(parameters, depth) for depth in range(parameters.position_depth)))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-6)
        nn.init.trunc_normal_(self.place, std=0.02)
        self.apply(_initialise)

    def forward(self, onset: Tensor) -> Tensor:
        """`(clip 512 side side)`."""
        tokens = rearrange(self.embed(self.shrunken(onset)), "clip width y x -> clip (y x) width") + self.place
        tokens = self.norm(self.blocks(tokens))
        calibration: Tensor = rearrange(tokens, "clip (y x) width -> clip width y x", y=self.side)
        return calibration


@position.register("conv")
class Convolutions(Position):
    """Three 3x3 convolutions over the shrunken onset, which see 7x7 of its pixels; chosen here, no source has one."""

    def __init__(self, parameters: MMNetParameters) -> None:
        super().__init__(parameters)
        self.body = nn.Sequential(
            ConvNormAct(3, 64, 3), ConvNormAct(64, 128, 3), ConvNormAct(128, WIDTH, 3, apply_act=False)
        )

    def forward(self, onset: Tensor) -> Tensor:
        """`(clip 512 side side)`."""
        calibration: Tensor = self.body(self.shrunken(onset))
        return calibration


@position.register("learned")
class Table(Position):
    """A table with a learned vector for each place, the same for all clips; no image is seen."""

    moments = ()

    def __init__(self, parameters: MMNetParameters) -> None:
        super().__init__(parameters)
        self.place = nn.Parameter(torch.zeros(1, WIDTH, self.side, self.side))
        nn.init.trunc_normal_(self.place, std=0.02)

    def forward(self) -> Tensor:
        """`(1 512 side side)`."""
        return self.place


@position.register("none")
class NoPosition(Position):
    """No position; the network makes no fusion, and the head sees the motion only."""

    moments = ()


def _block(parameters: MMNetParameters, depth: int) -> Block:
    block = Block(
        WIDTH,
        parameters.position_heads,
        mlp_ratio=parameters.position_mlp_ratio,
        qkv_bias=True,
        norm_layer=partial(nn.LayerNorm, eps=1e-6),  # type: ignore[arg-type]
    )
    # the rate grows linearly to the last block (released code)
    last = max(parameters.position_depth - 1, 1)
    rate = parameters.position_drop_path * depth / last
    block.drop_path1 = DropPath(rate)  # type: ignore[assignment]
    block.drop_path2 = DropPath(rate)  # type: ignore[assignment]
    return block


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
