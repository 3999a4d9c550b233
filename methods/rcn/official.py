"""Weights of the authors' released PyTorch modules, loaded into these networks."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import torch
from torch import Tensor

from merbench.errors import UsageError
from merbench.training.bases.released_weights import Names, Released, as_arrays, fill, renamed

from .network import Network, attending, shortcut, wide
from .parameters import RCNParameters, ShortcutParameters, WideParameters

#: Parts of the released recurrent layers, of RCN-A and RCN-W, and of RCN-S.
_RECURRENT = {"ffconv": "entry", "rrconv": "again", "conv1": "entry", "conv2": "again"}
_HEAD: Names = {"classifier": "head", "fc": "head"}
_STEM: Names = {f"conv1.{place}": f"stem.0.{place}" for place in (0, 1)}
_LAYER: Names = {f"rcls.0.{name}": f"recurrent.0.{_RECURRENT[name]}" for name in ("ffconv", "rrconv")}
_ATTENDING: Names = {**_STEM, **_LAYER, **_HEAD}
_SHORTCUT: Names = {
    **_STEM,
    **{f"dbl.0.{name}": f"recurrent.0.{_RECURRENT[name]}" for name in ("conv1", "conv2")},
    "dbl.0.conv3": None,  # created, but never used
    **_HEAD,
}
_WIDE: Names = {
    **{f"stream{place + 1}.0": f"stem.0.branches.{place}" for place in range(3)},
    **{f"stream{place + 1}.2": f"stem.0.norms.{place}" for place in range(3)},
    **_LAYER,
    **_HEAD,
}
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
    title = _variant(" ".join(as_arrays("RCN", state_dict)))
    released = renamed(title, state_dict, {"RCN-S": _SHORTCUT, "RCN-W": _WIDE}.get(title, _ATTENDING))
    maps = len(released.require("recurrent.0.again.0.bias", axes=1))
    head = released.require("head.weight", axes=2)
    classes, pool = len(head), max(math.isqrt(head.shape[1] // maps), 1)
    if title == "RCN-W":
        return fill(_joined(released), wide(WideParameters(size=_SIZE, maps=maps, pool=pool), classes))
    if title == "RCN-S":
        return fill(released, shortcut(ShortcutParameters(size=_SIZE, maps=maps, pool=pool), classes))
    return fill(released, attending(RCNParameters(size=_SIZE, maps=maps, pool=pool), classes))


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


def _joined(released: Released) -> Released:
    """The wide stem's three normalisations as one over all its maps, under the three keys together."""
    arrays = {name: value for name, value in released.arrays.items() if ".norms." not in name}
    keys, shapes = dict(released.keys), dict(released.shapes)
    for kind in ("weight", "bias", "running_mean", "running_var"):
        parts, joined = [f"stem.0.norms.{stream}.{kind}" for stream in range(3)], f"stem.0.norm.{kind}"
        arrays[joined] = torch.cat([released.require(part, axes=1) for part in parts])
        keys[joined] = " + ".join(map(released.key, parts))
        shapes[joined] = tuple(arrays[joined].shape)
    return dataclasses.replace(released, arrays=arrays, keys=keys, shapes=shapes)
