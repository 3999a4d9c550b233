"""Weights trained with the authors' released modules, carried over into this network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from merbench.errors import UsageError
from merbench.training.bases.released_weights import Names, Released, fill, renamed

from .network import Network
from .parameters import MMNetParameters

_BLOCK = {"conv1": "body.0", "bn1": "body.1", "conv2": "body.3", "bn2": "body.4", "attn": "attention.mix"}
_NAMES: Names = {
    "conv_act": "branch.stem",
    "main_branch.conv1": "branch.widen.0",
    "main_branch.bn1": "branch.widen.1",
    "main_branch.fc": "head",
    **{
        f"main_branch.layer{stage + 1}.0.{name}": f"branch.blocks.{stage}.{own}"
        for stage in range(4)
        for name, own in {**_BLOCK, "downsample": "shortcut"}.items()
    },
    "vit_pos.patch_embed.proj": "position.embed",
    "vit_pos.pos_embed": "position.place",
    "vit_pos.blocks": "position.blocks",
    "vit_pos.norm": "position.norm",
    # created by the released code but never used in its forward pass
    **dict.fromkeys(("pos", "head", "timeembed", "vit_pos.cls_token", "vit_pos.head", "vit_pos.to_Mask")),
}


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
    released = renamed("MMNet", state_dict, _NAMES)
    outputs = len(released.require("head.weight", axes=2))
    network = fill(released, Network(_parameters(released, antialias), classes=outputs))
    if classes is not None:
        _trim(network, tuple(range(classes)) if isinstance(classes, int) else tuple(classes))
    return network.eval()


def _parameters(released: Released, antialias: bool) -> MMNetParameters:
    depths = {int(name.split(".")[2]) for name in released.arrays if name.startswith("position.blocks.")}
    hidden, width = released.require("position.blocks.0.mlp.fc1.weight", axes=2).shape
    return MMNetParameters(
        position_depth=max(depths) + 1, position_mlp_ratio=hidden / width, position_antialias=antialias
    )


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
