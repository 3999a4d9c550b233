"""MMNet: the muscle motion-guided network (Li, Sui, Zhu, Zhao, IJCAI 2022, arXiv 2201.05297)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from merbench.entries.recipe import Recipe
from merbench.inputs import Frames, Inputs, Window
from merbench.method import NetworkMethod, TrainInfo

from .parameters import MMNetParameters
from .recipes import RECIPES, THREE_CLASS
from .reproductions import REPRODUCTIONS

if TYPE_CHECKING:
    from .network import Network

__all__ = ["MMNet"]


class MMNet(NetworkMethod):
    """Continuous attention on the apex-onset difference, calibrated by where the face is in the onset frame."""

    name = "mmnet"
    title = "MMNet"
    family = "image network"
    year = 2022
    reference = "Li et al., IJCAI 2022, arXiv 2201.05297"
    reproductions = REPRODUCTIONS
    Parameters = MMNetParameters
    parameters: MMNetParameters
    recipes = RECIPES
    check_settings: ClassVar[Mapping[str, object]] = {"size": 32, "batch": 6}
    learning_settings: ClassVar[Mapping[str, object]] = {"size": 32, "epochs": 16, "batch": 8}

    def inputs(self) -> Inputs:
        """What motion and position ask for: frames, of which any of their window may stand in training, and flow."""
        from . import components
        from .network import moments

        chosen = self.parameters
        windows = {
            "onset": Window(after=chosen.onset_jitter),
            "apex": Window(before=chosen.apex_jitter_before, after=chosen.apex_jitter_after),
            "offset": Window(),
        }
        at, size = moments(chosen), (chosen.size, chosen.size)
        frames = Frames(at=at, size=size, windows=tuple(windows[moment] for moment in at)) if at else None
        return Inputs(frames=frames, arrays=components.motion.get(chosen.motion).arrays(chosen))

    @classmethod
    def recipe(cls, name: str, classes: int) -> Recipe:
        """The recipe of that name; `published` means the 3-class script for 3 classes, else the 5-class script."""
        if name == "published" and classes == 3:
            return THREE_CLASS
        return super().recipe(name, classes)

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with the declared frames, each `(clip 3 height width)`, then with flow."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
