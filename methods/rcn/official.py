"""Weights of the authors' released PyTorch modules, loaded into these networks."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from merbench.errors import UsageError
from merbench.training.bases.released_weights import Rule, fill, renamed, require, require_mapping

from .network import Network, attending, shortcut, wide
from .parameters import RCNParameters, ShortcutParameters, WideParameters

#: Parts of the released recurrent layers, of RCN-A and RCN-W, and of RCN-S.
_RECURRENT = {"ffconv": "entry", "rrconv": "again", "conv1": "entry", "conv2": "again"}
_HEAD: Rule = (r"(?:classifier|fc)\.(.*)", lambda match: f"head.{match[1]}")
_STEM: Rule = (r"conv1\.([01])\.(.*)", lambda match: f"stem.0.{match[1]}.{match[2]}")
_LAYER: Rule = (
    r"rcls\.0\.(ffconv|rrconv)\.([01]\..*)",
    lambda match: f"recurrent.0.{_RECURRENT[match[1]]}.{match[2]}",
)
_ATTENDING: tuple[Rule, ...] = (_STEM, _LAYER, _HEAD)
_SHORTCUT: tuple[Rule, ...] = (
    _STEM,
    (r"dbl\.0\.(conv[12])\.([01]\..*)", lambda match: f"recurrent.0.{_RECURRENT[match[1]]}.{match[2]}"),
    (r"dbl\.0\.conv3\..*", lambda match: None),  # created, but never used
    _HEAD,
)
_WIDE: tuple[Rule, ...] = (
    (r"stream([123])\.0\.(.*)", lambda match: f"stem.0.branches.{int(match[1]) - 1}.{match[2]}"),
    (r"stream([123])\.2\.(.*)", lambda match: f"stem.0.norm.{match[2]} of {match[1]}"),
    _LAYER,
    _HEAD,
)
#: No network here depends on the size of its input; the largest has cells enough for every pooling.
_SIZE = 224


def load(state_dict: Mapping[str, Tensor]) -> Network:
    """The network, in evaluation mode, with released weights of RCN-A, RCN-S or RCN-W, whichever their names are of.

    It is called on the release's own input: pictures `(clip 3 height width)` of u, v and strain, divided by 255. It
    gives logits `(clip class)`. The numbers of maps and of cells are read from the shapes. The authors' names and those
    of the copy in MEB are both read. The authors' RecNet, RCN-A without its attention, has the same names as RCN-A, and
    is read as such.

    Raises:
        UsageError: if an array is unknown, lacking or of another shape, or the weights are of another variant.
    """
    require_mapping("RCN", state_dict)
    title = _variant(" ".join(state_dict))
    weights = renamed(title, state_dict, {"RCN-S": _SHORTCUT, "RCN-W": _WIDE}.get(title, _ATTENDING))
    maps = len(require(title, weights, "recurrent.0.again.0.bias", axes=1))
    head = require(title, weights, "head.weight", axes=2)
    classes, pool = len(head), max(math.isqrt(head.shape[1] // maps), 1)
    if title == "RCN-W":
        network = wide(WideParameters(size=_SIZE, maps=maps, pool=pool), classes)
        weights = _joined(weights)
    elif title == "RCN-S":
        network = shortcut(ShortcutParameters(size=_SIZE, maps=maps, pool=pool), classes)
    else:
        network = attending(RCNParameters(size=_SIZE, maps=maps, pool=pool), classes)
    return fill(title, network, weights)


def _variant(names: str) -> str:
    if "stream1." in names and "dbl." not in names:
        return "RCN-W"
    if "dbl." in names and "rcls." not in names and "stream1." not in names:
        return "RCN-S"
    if "dbl." in names:
        raise UsageError(
            "Released RCN weights: they are of RCN-P, RCN-C or RCN-F, which are not here; give those of RCN-A, RCN-S "
            "or RCN-W."
        )
    return "RCN-A"


def _joined(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The wide stem's three normalisations as one over all its maps."""
    joined = {name: value for name, value in weights.items() if " of " not in name}
    for kind in ("weight", "bias", "running_mean", "running_var"):
        shares = [require("RCN-W", weights, f"stem.0.norm.{kind} of {stream}", axes=1) for stream in (1, 2, 3)]
        joined[f"stem.0.norm.{kind}"] = torch.cat(shares)
    return joined
