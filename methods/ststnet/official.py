"""Weights of the authors' released PyTorch modules, loaded into this network."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from merbench.training.bases.released_weights import Names, fill, renamed

from . import STSTNetParameters
from .network import Network

_NAMES: Names = {
    **{f"conv{place + 1}": f"streams.{place}.0" for place in range(3)},
    **{f"bn{place + 1}": f"streams.{place}.2" for place in range(3)},
    "fc": "head",
}


def load(state_dict: Mapping[str, Tensor]) -> Network:
    """The network, in evaluation mode, with the released weights; arrays of numpy are taken, too.

    It is called on the release's own input, `(clip 3 28 28)`: the values 0..255 of its flow pictures in the order in
    which OpenCV reads them, strain, v, u. It gives logits `(clip class)`; the release's classes are negative, positive,
    surprise.

    Raises:
        UsageError: if an array is unknown, lacking or of another shape.
    """
    released = renamed("STSTNet", state_dict, _NAMES)
    classes = len(released.require("head.bias", axes=1))
    return fill(released, Network(STSTNetParameters(), classes=classes))
