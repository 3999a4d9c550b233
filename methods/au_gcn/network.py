"""The network: a facial graph is learned from patches, then fused with a graph of action units."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

from merbench.training.randomness import Dropout

from .magnification import Magnification
from .patches import BROWS, COUNT, SIDE, patches
from .units import BROWS as BROW_UNITS
from .units import MOUTH as MOUTH_UNITS
from .units import UNITS, adjacency

if TYPE_CHECKING:
    from .parameters import AUGCNParameters

#: Numbers of a patch, of the hidden layer of an encoder, and of what is said of each part of the face and each unit.
NODE = SIDE**2
HIDDEN = 128
PART = 160
#: Numbers of a unit: embedded, after the first layer, after the second (paper).
UNIT_WIDTHS = (40, 80, PART)


class Network(nn.Module):
    """AU-GCN: brows are weighed against the units of the brows, the mouth against those of the mouth."""

    def __init__(self, parameters: AUGCNParameters, classes: int, action_units: Sequence[Sequence[int]]) -> None:
        super().__init__()
        random = parameters.training_magnification == "random"
        self.magnification = Magnification(parameters.magnification) if random else None
        self.subtracted = parameters.motion == "difference"
        self.nodes = nn.Sequential(
            nn.Conv2d(COUNT, COUNT, 3, padding=1, groups=COUNT), nn.BatchNorm2d(COUNT), nn.ReLU(), nn.Flatten(2)
        )
        self.brow_count = BROWS.stop - BROWS.start
        self.brows = part(parameters, self.brow_count)
        self.mouth = part(parameters, COUNT - self.brow_count)
        self.units = UnitGraph(adjacency(action_units, parameters.adjacency))
        self.norm = nn.LayerNorm(len(UNITS))
        self.head = nn.Linear(len(UNITS), classes)

    def forward(self, *views: Tensor) -> Tensor:
        """Logits `(clip class)`, of the views as `AUGCN.network` says."""
        *onset, apex, landmarks = views
        if self.magnification is not None:
            apex = self.magnification(onset[0], apex)
        motion = apex - onset[0] if self.subtracted else apex
        nodes = self.nodes(patches(motion, landmarks[:, 0]))
        brows, mouth = self.brows(nodes[:, : self.brow_count]), self.mouth(nodes[:, self.brow_count :])
        of_brows, of_mouth = self.units().split([len(BROW_UNITS), len(MOUTH_UNITS)])
        scores = torch.cat([brows @ of_brows.T, mouth @ of_mouth.T], dim=1)
        logits: Tensor = self.head(self.norm(scores))
        return logits


class UnitGraph(nn.Module):
    """Two graph convolutions over the units, each a learned vector at first."""

    adjacency: Tensor

    def __init__(self, adjacency: Tensor) -> None:
        super().__init__()
        self.register_buffer("adjacency", adjacency)
        embedded, *_ = UNIT_WIDTHS
        self.embedding = nn.Parameter(torch.randn(len(adjacency), embedded))
        self.layers = nn.ModuleList(nn.Linear(inside, outside, bias=False) for inside, outside in pairwise(UNIT_WIDTHS))

    def forward(self) -> Tensor:
        """`(unit 160)`, the same for all clips."""
        units: Tensor = self.embedding
        for layer in self.layers:
            units = functional.leaky_relu(self.adjacency @ layer(units), 0.2)
        return units


def part(parameters: AUGCNParameters, count: int) -> nn.Sequential:
    """From the nodes `(clip node 49)` of one part of the face to what is said of it, `(clip 160)`."""
    return nn.Sequential(
        *(Encoder(parameters) for _ in range(parameters.layers)),
        nn.Flatten(1),
        nn.Linear(count * NODE, 2 * PART),
        nn.ReLU(),
        Dropout(parameters.dropout),
        nn.Linear(2 * PART, PART),
        nn.ReLU(),
    )


class Encoder(nn.Module):
    """One layer of a transformer's encoder, with normalisation before each branch (chosen here)."""

    def __init__(self, parameters: AUGCNParameters) -> None:
        super().__init__()
        self.heads = parameters.heads
        inner = parameters.heads * parameters.head_width
        self.norm = nn.LayerNorm(NODE)
        self.into = nn.Linear(NODE, 3 * inner, bias=False)
        self.out = nn.Sequential(nn.Linear(inner, NODE), Dropout(parameters.attention_dropout))
        self.forth = nn.Sequential(
            nn.LayerNorm(NODE),
            nn.Linear(NODE, HIDDEN),
            nn.GELU(),
            Dropout(parameters.attention_dropout),
            nn.Linear(HIDDEN, NODE),
            Dropout(parameters.attention_dropout),
        )

    def forward(self, nodes: Tensor) -> Tensor:
        """`(clip node 49)`."""
        query, key, value = rearrange(
            self.into(self.norm(nodes)),
            "clip node (three head width) -> three clip head node width",
            three=3,
            head=self.heads,
        )
        seen = functional.scaled_dot_product_attention(query, key, value)
        nodes = nodes + self.out(rearrange(seen, "clip head node width -> clip node (head width)"))
        forth: Tensor = self.forth(nodes)
        return nodes + forth
