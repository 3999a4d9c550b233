"""ResNet-18 (He, Zhang, Ren, Sun, CVPR 2016) on flow and strain, on the apex-onset difference, or on the apex."""

from __future__ import annotations

from merbench.training.bases.image_network import ImageNetwork, ImageParameters

from .recipes import RECIPES

__all__ = ["ResNet18"]


class ResNet18(ImageNetwork):
    """The image network that everything is compared with, on a picture of the motion from onset to apex."""

    name = "resnet18"
    title = "ResNet-18"
    family = "image network"
    year = 2016
    reference = "He et al., CVPR 2016; for micro-expressions MEB, Varanka et al., arXiv 2211.11425"
    Parameters = ImageParameters
    recipes = RECIPES

    @property
    def network_name(self) -> str:
        """``resnet18``."""
        return "resnet18"
