"""The network: each flow picture through one transformer, then over time by an LSTM or the mean, then three layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from einops import rearrange
from torch import Tensor, nn

from merbench.training.bases.timm_networks import timm_network

from .colour import rendered

if TYPE_CHECKING:
    from .parameters import SLSTTParameters

#: The ViT that weights are those of, but for its size, patch, width, depth and heads.
VIT = "vit_base_patch16_384"


class Network(nn.Module):
    """SLSTT, with a transformer of any size."""

    def __init__(self, parameters: SLSTTParameters, classes: int) -> None:
        super().__init__()
        self.colour = parameters.colour == "hsv"
        self.spatial = timm_network(
            VIT,
            channels=3 if self.colour else 2,
            size=parameters.size,
            classes=0,
            weights=parameters.weights,
            patch_size=parameters.patch,
            embed_dim=parameters.width,
            depth=parameters.depth,
            num_heads=parameters.heads,
        )
        hidden = parameters.hidden
        self.temporal = (
            nn.LSTM(parameters.width, hidden, parameters.layers, batch_first=True)
            if parameters.temporal == "lstm"
            else None
        )
        self.head = nn.Sequential(
            nn.Linear(parameters.width if self.temporal is None else hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden // 2),
            nn.ReLU(),
            nn.Linear(hidden // 2, classes),
        )

    def forward(self, flow: Tensor) -> Tensor:
        """Logits `(clip class)` of flow since the onset, `(clip time uv height width)` in pixels."""
        pictures = rendered(flow) if self.colour else flow
        seen = self.spatial(rearrange(pictures, "clip time channel y x -> (clip time) channel y x"))
        seen = rearrange(seen, "(clip time) width -> clip time width", clip=len(flow))
        summary = seen.mean(1) if self.temporal is None else self.temporal(seen)[0][:, -1]
        logits: Tensor = self.head(summary)
        return logits
