"""Weights of the authors' released PyTorch module, loaded into this network."""

from __future__ import annotations

from collections.abc import Mapping

from einops import rearrange
from torch import Tensor

from merbench.training.bases.released_weights import Rule, fill, renamed, require

from . import CapsuleNetParameters
from .capsules import PRIMARY
from .network import Network

_RULES: tuple[Rule, ...] = (
    (r"conv\.model\.conv1\.(.*)", lambda match: f"features.0.{match[1]}"),
    (r"conv\.model\.bn1\.(.*)", lambda match: f"features.1.{match[1]}"),
    (r"conv\.model\.layer([123])\.(.*)", lambda match: f"features.{int(match[1]) + 2}.{match[2]}"),
    (r"conv1\.(.*)", lambda match: f"conv.{match[1]}"),
    (r"primarycaps\.conv2d\.(.*)", lambda match: f"primary.conv.{match[1]}"),
    (r"digitcaps\.weight", lambda match: "classes.matrices"),
)


def load(state_dict: Mapping[str, Tensor]) -> Network:
    """The network, in evaluation mode, with the released weights of the module on ResNet-18 (not of that on VGG-11).

    It is called on the release's own input: apex frames `(clip 3 224 224)`, RGB in 0..1. It gives the lengths
    `(clip class)` of the class capsules.

    Raises:
        UsageError: if an array is unknown, lacking or of another shape.
    """
    weights = renamed("CapsuleNet", state_dict, _RULES)
    matrices = require("CapsuleNet", weights, "classes.matrices", axes=4)
    parameters = CapsuleNetParameters()
    kinds = parameters.width // PRIMARY
    if matrices.shape[1] == kinds * parameters.side**2:
        # the release counts capsules place by place, this network kind by kind
        weights["classes.matrices"] = rearrange(
            matrices, "cls (y x kind) pose value -> (kind y x) cls pose value", kind=kinds, y=parameters.side
        )
    return fill("CapsuleNet", Network(parameters, classes=len(matrices)), weights)
