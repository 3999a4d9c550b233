"""Any classifier of timm, by its name there: ``timm:efficientnet_b0``."""

from __future__ import annotations

from dataclasses import dataclass

from merbench.entries.parameters import parameter
from merbench.training.bases.image_network import ImageNetwork, ImageParameters

from .recipes import RECIPES

__all__ = ["Timm", "TimmParameters"]


@dataclass(frozen=True, kw_only=True)
class TimmParameters(ImageParameters):
    """The network's name, what it sees, and the weights it starts from."""

    model: str = parameter("resnet18", "chosen here: any name of timm.list_models(); short form timm:NAME")

    def __post_init__(self) -> None:
        super().__post_init__()
        from merbench.training.bases.timm_networks import require_network

        require_network(self.model)


class Timm(ImageNetwork):
    """A network of timm from scratch, or from weights in a local file, on a picture of the motion from onset to apex.

    It is called ``timm:NAME``. Nothing is downloaded, and no dropout is active in training.
    """

    name = "timm"
    title = "timm network"
    family = "image network"
    reference = "R. Wightman, PyTorch Image Models, github.com/huggingface/pytorch-image-models"
    suffix = "model"
    Parameters = TimmParameters
    parameters: TimmParameters
    recipes = RECIPES

    @property
    def network_name(self) -> str:
        """The name in timm."""
        return self.parameters.model
