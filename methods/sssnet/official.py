"""Weights of MEB's released PyTorch module, loaded into this network."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from merbench.training.bases.released_weights import Rule, fill, renamed, require

from . import SSSNetParameters
from .network import Network

_RULES: tuple[Rule, ...] = (
    (r"conv([12])\.(.*)", lambda match: f"features.{int(match[1]) - 1}.0.{match[2]}"),
    (r"bn([12])\.(.*)", lambda match: f"features.{int(match[1]) - 1}.3.{match[2]}"),
    (r"fc1\.(.*)", lambda match: f"head.0.{match[1]}"),
    (r"fc\.(.*)", lambda match: f"head.3.{match[1]}"),
)


def load(state_dict: Mapping[str, Tensor], *, softmax: bool = False) -> Network:
    """The network, in evaluation mode, with the released weights.

    It is called on the release's own input, `(clip 3 64 64)`: u, v and strain. It gives logits `(clip class)`, or with
    `softmax` probabilities, as the release's module does if it is so created.

    Raises:
        UsageError: if an array is unknown, lacking or of another shape.
    """
    weights = renamed("SSSNet", state_dict, _RULES)
    hidden = len(require("SSSNet", weights, "head.0.bias", axes=1))
    classes = len(require("SSSNet", weights, "head.3.bias", axes=1))
    return fill("SSSNet", Network(SSSNetParameters(hidden=hidden, softmax=softmax), classes=classes), weights)
