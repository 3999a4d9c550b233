"""Position calibration (PC): where the face lies, read off the shrunken onset frame by a shallow ViT."""

from __future__ import annotations

from functools import partial

import torch
from einops import rearrange
from timm.models.vision_transformer import Block
from torch import Tensor, nn
from torch.nn import functional

from merbench.training.randomness import DropPath

from .parameters import MMNetParameters


class VisionTransformer(nn.Module):
    """A pixel of the shrunken onset is a token; what comes back lies over the main branch's last map."""

    def __init__(self, parameters: MMNetParameters, width: int = 512) -> None:
        super().__init__()
        self.side = parameters.size // 16
        self.antialias = parameters.position_antialias
        self.embed = nn.Conv2d(3, width, 1)
        self.place = nn.Parameter(torch.zeros(1, self.side**2, width))
        self.blocks = nn.Sequential(*(_block(parameters, depth, width) for depth in range(parameters.position_depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        nn.init.trunc_normal_(self.place, std=0.02)
        self.apply(_initialise)

    def forward(self, onset: Tensor) -> Tensor:
        """Position features `(clip width side side)` of onset frames `(clip 3 height width)`."""
        small = functional.interpolate(
            onset, (self.side, self.side), mode="bilinear", align_corners=False, antialias=self.antialias
        )
        tokens = rearrange(self.embed(small), "clip width y x -> clip (y x) width") + self.place
        tokens = self.norm(self.blocks(tokens))
        calibration: Tensor = rearrange(tokens, "clip (y x) width -> clip width y x", y=self.side)
        return calibration


def _block(parameters: MMNetParameters, depth: int, width: int) -> Block:
    block = Block(
        width,
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
