"""Weights of the authors' released PyTorch modules, loaded into this network."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from merbench.training.bases.released_weights import fill, renamed

from . import STSTNetParameters
from .network import Network

_RULES = (
    (r"conv([123])\.(.*)", lambda match: f"streams.{int(match[1]) - 1}.0.{match[2]}"),
    (r"bn([123])\.(.*)", lambda match: f"streams.{int(match[1]) - 1}.2.{match[2]}"),
    (r"fc\.(.*)", lambda match: f"head.{match[1]}"),
)


def load(state_dict: Mapping[str, Tensor]) -> Network:
    """The network, in evaluation mode, with the released weights.

    It is called on the release's own input, `(clip 3 28 28)`: the values 0..255 of its flow pictures in the order in
    which OpenCV reads them, strain, v, u. It gives logits `(clip class)`; the release's classes are negative, positive,
    surprise.

    Raises:
        UsageError: if an array is unknown, lacking or of another shape.
    """
    weights = renamed("STSTNet", state_dict, _RULES)
    classes = len(weights["head.bias"]) if "head.bias" in weights else 3
    return fill("STSTNet", Network(STSTNetParameters(), classes=classes), weights)
