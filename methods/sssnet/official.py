"""Weights of MEB's released PyTorch module, loaded into this network."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from merbench.training.bases.released_weights import Names, fill, renamed

from . import SSSNetParameters
from .network import Network

_NAMES: Names = {
    **{f"conv{place + 1}": f"features.{place}.0" for place in range(2)},
    **{f"bn{place + 1}": f"features.{place}.3" for place in range(2)},
    "fc1": "head.0",
    "fc": "head.3",
}


def load(state_dict: Mapping[str, Tensor], *, softmax: bool = False) -> Network:
    """The network, in evaluation mode, with the released weights.

    It is called on the release's own input, `(clip 3 64 64)`: u, v and strain. It gives logits `(clip class)`, or with
    `softmax` probabilities, as the release's module does if it is so created.

    Raises:
        UsageError: if an array is unknown, lacking or of another shape.
    """
    released = renamed("SSSNet", state_dict, _NAMES)
    hidden = len(released.require("head.0.bias", axes=1))
    classes = len(released.require("head.3.bias", axes=1))
    return fill(released, Network(SSSNetParameters(hidden=hidden, softmax=softmax), classes=classes))
