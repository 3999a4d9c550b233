"""Networks of timm: built without randomness of their own, with weights from a local file or none; never fetched."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import timm
import torch
from timm.layers.drop import DropBlock2d, DropPath
from torch import Tensor, nn

from merbench.errors import UnknownName, UsageError
from merbench.training.randomness import Dropout
from merbench.training.weights_file import read_state_dict, without_prefix


class UnknownNetwork(UnknownName):
    """Raised for a name that timm has no network under; the message has the nearest few of more than a thousand."""

    def __init__(self, name: str) -> None:
        super().__init__("network of timm", name, timm.list_models())

    def __str__(self) -> str:
        near = difflib.get_close_matches(self.name, self.known, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        return f"Unknown {self.kind} {self.name!r}.{hint} timm.list_models() names all {len(self.known)}."


def require_network(name: str) -> None:
    """Nothing, if timm has a network under the name, given without a tag for its weights.

    Raises:
        UnknownNetwork: with near names, if not.
        UsageError: for a name with a tag, with how to start from such weights.
    """
    plain, dot, _ = name.partition(".")
    if dot and name not in timm.list_models() and plain in timm.list_models():
        raise UsageError(
            f"timm:{name} names weights, and a method is a network alone: give timm:{plain}, and --weights timm:{name} "
            "to start from these weights."
        )
    if name not in timm.list_models():
        raise UnknownNetwork(name)


def timm_network(
    name: str, *, channels: int, size: int, classes: int, weights: str = "", **options: object
) -> nn.Module:
    """A network of timm, called with `(clip channel size size)`; it gives logits `(clip class)`.

    With no `classes` it gives its features `(clip width)`. `options` are timm's own. Weights are read from the file
    `weights`, fitted by timm to the channels and the size; the classifier keeps its random initial
    values. Nothing in it draws random numbers in training: no dropout of timm's is active.

    Raises:
        UnknownNetwork: if timm has no such network.
        UsageError: if it cannot be built or see such images, or the weights are not its own.
    """
    require_network(name)
    arguments: dict[str, Any] = {"in_chans": channels, "num_classes": classes, **options}
    if weights:
        # passed unchanged, so that timm fits the first layer to the channels and fetches nothing
        config = {"state_dict": _fitting(name, options, read_weights(weights), weights), "source": ""}
        arguments |= {"pretrained": True, "pretrained_cfg_overlay": config}
    try:
        network = _created(name, size, arguments)
        _require_output(still(network), (1, channels, size, size), classes)
    except (RuntimeError, ValueError, AssertionError, NotImplementedError, TypeError) as fault:
        cause = " ".join(str(fault).split())[:300]
        raise UsageError(
            f"The network timm:{name} cannot be built for {channels} channels at size={size}"
            f"{f' with weights={weights}' * bool(weights)}: {cause} Choose another size or network."
        ) from fault
    return network


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The arrays of a file of weights: .safetensors, or what torch saved, wrapped in the usual keys or not.

    Raises:
        UsageError: if it cannot be read as such.
    """
    return dict(read_state_dict(path, f"weights={path}").tensors)


def still(network: nn.Module) -> nn.Module:
    """The network, changed so that nothing in it draws random numbers: every dropout rate is 0."""
    for module in network.modules():
        if isinstance(getattr(module, "drop_rate", None), float):
            module.drop_rate = 0.0  # type: ignore[assignment]
        for name, child in module.named_children():
            if isinstance(child, _DROPPING):
                setattr(module, name, NoDropout())
    return network


class NoDropout(Dropout):
    """Replaces a network's own dropout; `p` and `drop_prob` are what its other modules may read."""

    p = 0.0
    drop_prob = 0.0

    def __init__(self) -> None:
        super().__init__(0.0)


_DROPPING = (nn.modules.dropout._DropoutNd, DropPath, DropBlock2d)


def lacking(own: Iterable[str], names: Iterable[str]) -> list[str]:
    """The names of arrays missing from weights; step counters of batch norms, absent from old files, do not count."""
    return sorted(name for name in set(own) - set(names) if not name.endswith("num_batches_tracked"))


def _created(name: str, size: int, options: dict[str, Any]) -> nn.Module:
    try:
        return timm.create_model(name, img_size=size, **options)  # transformers must know it
    except TypeError:
        return timm.create_model(name, **options)  # convolutions need not, and refuse it


def _fitting(name: str, options: dict[str, Any], arrays: dict[str, Tensor], path: str) -> dict[str, Tensor]:
    with torch.device("meta"):  # shapes only, no values
        own = timm.create_model(name, pretrained=False, num_classes=0, **options).state_dict()
    arrays, _ = without_prefix(own, arrays)
    missing = lacking(own, arrays)
    if missing:
        raise UsageError(
            f"weights={path} does not fit timm:{name}: {len(missing)} of {len(own)} arrays are missing "
            f"({', '.join(missing[:3])}{', …' if len(missing) > 3 else ''}); give the weights of that network, "
            "under timm's names."
        )
    return arrays


@torch.no_grad()
def _require_output(network: nn.Module, shape: tuple[int, ...], classes: int) -> None:
    training = network.training
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        output = network.eval()(torch.zeros(shape))
    network.train(training)
    if not isinstance(output, Tensor) or output.ndim != 2 or (classes and output.shape[1] != classes):
        what = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise ValueError(f"it gives {what}, not one row of logits a clip.")
