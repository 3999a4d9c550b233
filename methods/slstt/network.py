"""The network: each flow picture through one transformer, then an LSTM and two layers, or the mean of its logits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from einops import rearrange
from torch import Tensor, nn

from merbench.training.bases.timm_networks import timm_network
from merbench.training.randomness import Dropout

from .colour import rendered

if TYPE_CHECKING:
    from .parameters import SLSTTParameters

#: The ViT that weights are those of, but for its size, patch, width, depth and heads.
VIT = "vit_base_patch16_384"


class Network(nn.Module):
    """SLSTT, with a transformer of any size."""

    def __init__(self, parameters: SLSTTParameters, classes: int) -> None:
        super().__init__()
        self.colour, self.longest = parameters.colour == "hsv", parameters.longest
        self.spatial = timm_network(
            VIT,
            channels=3 if self.colour else 2,
            size=parameters.size,
            classes=classes if parameters.temporal == "mean" else 0,
            weights=parameters.weights,
            patch_size=parameters.patch,
            embed_dim=parameters.width,
            depth=parameters.depth,
            num_heads=parameters.heads,
        )
        if parameters.dropout > 0:
            _drop(self.spatial, parameters.dropout)
        hidden = parameters.hidden
        self.temporal: nn.LSTM | None = None
        self.head: nn.Module = nn.Identity()
        if parameters.temporal == "lstm":
            self.temporal = nn.LSTM(parameters.width, hidden, parameters.layers, batch_first=True)
            self.head = nn.Sequential(nn.Linear(hidden, hidden // 2), nn.ReLU(), nn.Linear(hidden // 2, classes))

    def forward(self, flow: Tensor) -> Tensor:
        """Logits `(clip class)` of flow since the onset, `(clip time uv height width)` in pixels."""
        pictures = rendered(flow, self.longest) if self.colour else flow
        seen = self.spatial(rearrange(pictures, "clip time channel y x -> (clip time) channel y x"))
        seen = rearrange(seen, "(clip time) width -> clip time width", clip=len(flow))
        summary = seen.mean(1) if self.temporal is None else self.temporal(seen)[0][:, -1]
        logits: Tensor = self.head(summary)
        return logits


def _drop(transformer: Any, rate: float) -> None:
    """Put dropout where the release has it: on attention, and on what each branch of a layer adds."""
    for block in transformer.blocks:
        block.attn.fused_attn = False  # which would draw from torch's own generator
        block.attn.attn_drop, block.attn.proj_drop, block.mlp.drop2 = (Dropout(rate) for _ in range(3))
