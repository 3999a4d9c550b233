"""A method of a third party, in a package of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from merbench import Frames, Inputs, NetworkMethod, Recipe, Training

if TYPE_CHECKING:
    from merbench.method import TrainInfo

    from .network import Network


class StrangerNet(NetworkMethod):
    """One layer over the coarse motion."""

    name = "stranger-net"
    title = "A stranger's network"
    family = "image network"
    learning_settings: ClassVar[Mapping[str, object]] = {"epochs": 40}

    def inputs(self) -> Inputs:
        """Two small frames."""
        return Inputs(frames=Frames(at=("onset", "apex"), size=(16, 16)))

    @classmethod
    def recipes(cls) -> Mapping[str, Recipe]:
        """One recipe for all."""
        recipe = Recipe(source="a choice", training=Training(epochs=5, batch=16, learning_rate=0.02))
        return {"published": recipe, "quick": recipe}

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, from another file of the package."""
        from .network import Network

        return Network(len(train.classes))
