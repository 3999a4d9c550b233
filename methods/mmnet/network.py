"""The network: motion through the main branch, position fused with it, one linear head over the flattened map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from merbench.inputs.moments import Moment

from . import components
from .backbone import MainBranch, Seen
from .parameters import MMNetParameters
from .position import WIDTH

if TYPE_CHECKING:
    from .timm_branch import TimmBranch

#: In this order frames are handed to the network.
ORDER: tuple[Moment, ...] = ("onset", "apex", "offset")


def moments(parameters: MMNetParameters) -> tuple[Moment, ...]:
    """The moments whose frames the chosen motion and position see, in the order of time."""
    needed = {*components.motion.get(parameters.motion).moments, *components.position.get(parameters.position).moments}
    return tuple(moment for moment in ORDER if moment in needed)


class Network(nn.Module):
    """MMNet as a module; `official.load` gives it the weights of the authors' released modules."""

    def __init__(self, parameters: MMNetParameters, classes: int) -> None:
        super().__init__()
        self.moments = moments(parameters)
        self.motion = components.motion.get(parameters.motion)()
        self.branch = _branch(parameters, self.motion.channels)
        self.position = components.position.get(parameters.position)(parameters)
        self.fusion = None if parameters.position == "none" else components.fusion.get(parameters.fusion)(WIDTH)
        fused = WIDTH * (1 if self.fusion is None else self.fusion.widening)
        self.head = nn.Linear(fused * (parameters.size // 16) ** 2, classes)
        self.branch.initialise()  # after the head was drawn: the order decides the numbers
        with torch.no_grad():
            self.head.weight.mul_(parameters.head_scale)

    def forward(self, *views: Tensor) -> Tensor:
        """Logits `(clip class)` of normalised frames, each `(clip 3 height width)`, then of flow, if declared."""
        features, _ = self._seen(views)
        if self.fusion is not None:
            features = self.fusion(features, self.position(*self._frames(views, self.position.moments)))
        logits: Tensor = self.head(features.flatten(1))
        return logits

    def attention(self, *views: Tensor) -> list[Tensor | None]:
        """The attention weights of each stage for the same views, as the part gives them; None where it gives none."""
        return self._seen(views)[1]

    def _seen(self, views: tuple[Tensor, ...]) -> Seen:
        arrays = views[len(self.moments) :]
        seen: Seen = self.branch(self.motion(*self._frames(views, self.motion.moments), *arrays))
        return seen

    def _frames(self, views: tuple[Tensor, ...], wanted: tuple[Moment, ...]) -> list[Tensor]:
        return [views[self.moments.index(moment)] for moment in wanted]


def _branch(parameters: MMNetParameters, channels: int) -> MainBranch | TimmBranch:
    if parameters.backbone == "mmnet":
        return MainBranch(parameters, channels)
    from .timm_branch import TimmBranch

    return TimmBranch(parameters, channels)
