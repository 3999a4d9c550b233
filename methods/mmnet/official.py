"""Weights trained with the authors' released modules, carried over into this network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from merbench.errors import UsageError

from .network import Network
from .parameters import MMNetParameters

#: Created by the released code but never used in its forward pass.
_DEAD = re.compile(r"(pos|head)\..*|timeembed|vit_pos\.(cls_token|head\..*|to_Mask\..*)")
_BLOCK = {"conv1": "body.0", "bn1": "body.1", "conv2": "body.3", "bn2": "body.4", "attn": "attention.mix"}
_RULES = (
    (r"conv_act\.(.*)", r"branch.stem.\1"),
    (r"main_branch\.conv1\.(.*)", r"branch.widen.0.\1"),
    (r"main_branch\.bn1\.(.*)", r"branch.widen.1.\1"),
    (r"main_branch\.fc\.(.*)", r"head.\1"),
    (r"vit_pos\.patch_embed\.proj\.(.*)", r"position.embed.\1"),
    (r"vit_pos\.pos_embed", r"position.place"),
    (r"vit_pos\.(blocks|norm)\.(.*)", r"position.\1.\2"),
)


def load(
    state_dict: Mapping[str, Tensor], classes: Sequence[int] | int | None = None, *, antialias: bool = True
) -> Network:
    """The network, in evaluation mode, with the released weights; called as ``network(onset, apex)``.

    Both frames are `(clip 3 224 224)`, normalised by the ImageNet statistics. Depth, MLP ratio and head size are
    read from the shapes. Released heads have five outputs even for three classes: `classes` trims them, to the first
    so many or to the outputs listed. `antialias` says how torchvision shrank the onset when the weights were
    trained: True since its version 0.17.

    Raises:
        UsageError: if a key is unknown or lacking, a shape does not fit, or `classes` names an output twice or not
            there.
    """
    weights = {_renamed(key): value for key, value in _live(state_dict).items()}
    network = Network(_parameters(weights, antialias), classes=_size(weights, "head.weight")[0])
    network.to(weights["head.weight"].dtype)
    _fill(network, weights)
    if classes is not None:
        _trim(network, tuple(range(classes)) if isinstance(classes, int) else tuple(classes))
    return network.eval()


def _live(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    if not isinstance(state_dict, Mapping):
        raise UsageError(f"Released MMNet weights: expected a state_dict(), not {type(state_dict).__name__}.")
    bare = {key.removeprefix("module."): value for key, value in state_dict.items()}
    return {key: value for key, value in bare.items() if not _DEAD.fullmatch(key)}


def _renamed(key: str) -> str:
    match = re.fullmatch(r"main_branch\.layer(\d)\.0\.(\w+)\.(.*)", key)
    if match is not None:
        part = _BLOCK.get(match[2], "shortcut")
        return f"branch.blocks.{int(match[1]) - 1}.{part}.{match[3]}"
    for pattern, replacement in _RULES:
        renamed, count = re.subn(rf"^{pattern}$", replacement, key)
        if count:
            return renamed
    raise UsageError(
        f"Released MMNet weights: the key {key!r} belongs to no part of MMNet; give the network's state_dict() itself, "
        "out of any checkpoint that wraps it."
    )


def _parameters(weights: Mapping[str, Tensor], antialias: bool) -> MMNetParameters:
    depths = {int(key.split(".")[2]) for key in weights if key.startswith("position.blocks.")}
    hidden, width = _size(weights, "position.blocks.0.mlp.fc1.weight")
    return MMNetParameters(
        position_depth=max(depths) + 1, position_mlp_ratio=hidden / width, position_antialias=antialias
    )


def _size(weights: Mapping[str, Tensor], key: str) -> torch.Size:
    if key not in weights:
        raise UsageError(f"Released MMNet weights: {key!r} is lacking; give the state_dict() of the whole network.")
    return weights[key].shape


def _fill(network: Network, weights: Mapping[str, Tensor]) -> None:
    own = network.state_dict()
    lacking = sorted(set(own) - set(weights))
    odd = sorted(key for key, value in weights.items() if key not in own or own[key].shape != value.shape)
    if lacking or odd:
        raise UsageError(
            f"Released MMNet weights do not fit: lacking {', '.join(lacking) or 'none'}; "
            f"unknown or of another shape {', '.join(odd) or 'none'}."
        )
    network.load_state_dict(weights)


def _trim(network: Network, outputs: tuple[int, ...]) -> None:
    head = network.head
    if not outputs or len(set(outputs)) != len(outputs) or not all(0 <= o < head.out_features for o in outputs):
        raise UsageError(
            f"classes={outputs} is not possible: the head has outputs 0 to {head.out_features - 1}; name each once."
        )
    trimmed = torch.nn.Linear(head.in_features, len(outputs), dtype=head.weight.dtype)
    with torch.no_grad():
        trimmed.weight.copy_(head.weight[list(outputs)])
        trimmed.bias.copy_(head.bias[list(outputs)])
    network.head = trimmed
