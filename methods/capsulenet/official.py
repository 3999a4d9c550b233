"""Weights of the authors' released PyTorch module, loaded into this network."""

from __future__ import annotations

from collections.abc import Mapping

from einops import rearrange
from torch import Tensor

from merbench.training.bases.released_weights import Names, Shape, fill, renamed

from . import CapsuleNetParameters
from .capsules import PRIMARY
from .network import Network

_NAMES: Names = {
    "conv.model.conv1": "features.0",
    "conv.model.bn1": "features.1",
    **{f"conv.model.layer{layer}": f"features.{layer + 2}" for layer in (1, 2, 3)},
    "conv1": "conv",
    "primarycaps.conv2d": "primary.conv",
    "digitcaps.weight": "classes.matrices",
}


def load(state_dict: Mapping[str, Tensor]) -> Network:
    """The network, in evaluation mode, with the released weights of the module on ResNet-18 (not of that on VGG-11).

    It is called on the release's own input: apex frames `(clip 3 224 224)`, RGB in 0..1. It gives the lengths
    `(clip class)` of the class capsules.

    Raises:
        UsageError: if an array is unknown, lacking or of another shape.
    """
    released = renamed("CapsuleNet", state_dict, _NAMES)
    matrices = released.require("classes.matrices", axes=4)
    parameters = CapsuleNetParameters()
    kinds = parameters.width // PRIMARY
    if matrices.shape[1] == kinds * parameters.side**2:
        # the release counts capsules place by place, this network kind by kind
        released.arrays["classes.matrices"] = rearrange(
            matrices, "cls (y x kind) pose value -> (kind y x) cls pose value", kind=kinds, y=parameters.side
        )
    return fill(released, Network(parameters, classes=len(matrices)), _released_shape)


def _released_shape(name: str, shape: Shape) -> Shape:
    if name != "classes.matrices":
        return shape
    capsules, classes, pose, value = shape
    return classes, capsules, pose, value
