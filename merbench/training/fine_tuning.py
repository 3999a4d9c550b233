"""Fine-tuning: frozen parts, learning rates by layer, and a classifier that is trained first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from merbench.entries.recipe import Training
from merbench.errors import UsageError
from merbench.method import NetworkMethod, TrainInfo, built_network
from merbench.training.placing import classifier_names


@dataclass(frozen=True, slots=True, kw_only=True)
class RateGroup:
    """Parameters, by their place in the network, whose rate is `scale` times the recipe's; `head` ones train first."""

    places: tuple[int, ...]
    scale: float
    head: bool


def freeze(network: nn.Module, training: Training, method: str) -> None:
    """Freeze the parts that a recipe names.

    Raises:
        UsageError: for a part that the network does not have, or if nothing is left to train.
    """
    parts = frozen_parts(network, training, method)
    for name, parameter in network.named_parameters():
        if _within(name, parts):
            parameter.requires_grad_(False)
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise UsageError(
            f"frozen={training.frozen} is not possible: nothing of {method} is left to train; leave out one of them."
        )


def frozen_parts(network: nn.Module, training: Training, method: str) -> tuple[str, ...]:
    """The full names of the parts that a recipe names, which may leave out what wraps the whole network.

    Raises:
        UsageError: for one that the network does not have, with those that it has.
    """
    root, prefix = _unwrapped(network)
    known = {name for name, part in network.named_modules() if name and next(part.parameters(), None) is not None}
    known |= {name for name, _ in network.named_parameters()}
    parts = []
    for part in filter(None, (each.strip() for each in training.frozen.split(","))):
        full = next((name for name in (part, prefix + part) if name in known), None)
        if full is None:
            top = [name for name, _ in _with_parameters(root)]
            remedy = (
                f"name some of {', '.join(top)}, or parts of these such as {_inner(layers(network), prefix)}"
                if top
                else "it is a single layer, so leave frozen out"
            )
            raise UsageError(f"frozen={training.frozen} is not possible: {method} has no part {part!r}; {remedy}.")
        parts.append(full)
    return tuple(parts)


def layers(network: nn.Module) -> list[str]:
    """The names of the layers, in the order in which they are defined; blocks of a sequence count one by one.

    A network that is a single layer has one, by the name of what wraps it.
    """
    root, prefix = _unwrapped(network)
    names: list[str] = []
    for name, child in _with_parameters(root):
        inner = list(_with_parameters(child)) if isinstance(child, nn.Sequential | nn.ModuleList) else []
        names += [f"{prefix}{name}.{each}" for each, _ in inner] or [f"{prefix}{name}"]
    return names or [prefix.removesuffix(".")]


def rate_groups(network: nn.Module, training: Training, head: Collection[str]) -> tuple[RateGroup, ...]:
    """The trained parameters by their learning rate; none where all have the recipe's from the start.

    With `layer_decay`, the rate of the last layer is the recipe's, and of each one before it that times `layer_decay`
    (Clark et al., ICLR 2020). What belongs to no layer has the rate of the first. With `head_epochs`, the classifier,
    whose names `head` has, is trained alone in the first epochs (Kumar et al., ICLR 2022).
    """
    if training.layer_decay == 1 and not training.head_epochs:
        return ()
    order = layers(network)
    groups: dict[tuple[float, bool], list[int]] = {}
    for place, (name, parameter) in enumerate(network.named_parameters()):
        depth = next((number for number, layer in enumerate(order) if _within(name, (layer,))), 0)
        scale = training.layer_decay ** (len(order) - 1 - depth)
        if parameter.requires_grad:
            groups.setdefault((scale, name in head or not training.head_epochs), []).append(place)
    return tuple(RateGroup(places=tuple(places), scale=scale, head=head) for (scale, head), places in groups.items())


def groups_of(network: nn.Module, training: Training, method: NetworkMethod, info: TrainInfo) -> tuple[RateGroup, ...]:
    """The groups of a network that the method builds for training clips."""
    head = classifier_names(method, info) if training.head_epochs else frozenset()
    return rate_groups(network, training, head)


def to_training(network: nn.Module, training: Training, method: str) -> None:
    """Set the network to training mode, except batch norms that are in frozen parts or have frozen statistics."""
    network.train()
    if not (training.frozen_statistics or training.frozen):
        return
    parts = frozen_parts(network, training, method)
    for name, module in network.named_modules():
        if isinstance(module, _BatchNorm) and (training.frozen_statistics or _within(name, parts)):
            module.eval()


def trained_count(method: NetworkMethod, training: Training, info: TrainInfo) -> int:
    """How many parameters a recipe trains of the network for the classes of `info`.

    Raises:
        UsageError: for frozen parts that the network does not have.
    """
    return sum(value.numel() for value in _trained(method, training, info).values())


def require_trainable(method: NetworkMethod, training: Training, info: TrainInfo) -> None:
    """Refuse a recipe by which some epochs would train nothing of the network for the classes of `info`.

    Raises:
        UsageError: for frozen parts that the network does not have, if all of it is frozen, or if its classifier is to
            be trained first and is frozen or not known.
    """
    if not training.frozen and not training.head_epochs:
        return
    trained = _trained(method, training, info)
    head = classifier_names(method, info) if training.head_epochs else frozenset()
    if training.head_epochs and not head & trained.keys():
        why = f"its {', '.join(sorted(head))} are frozen" if head else "none of its shapes depends on the classes"
        raise UsageError(
            f"head_epochs={training.head_epochs} is not possible: it trains the classifier of {method.name} alone, but "
            f"{why}; leave out head_epochs{', or do not freeze the classifier' if head else ''}."
        )


def _trained(method: NetworkMethod, training: Training, info: TrainInfo) -> dict[str, nn.Parameter]:
    """The parameters by name that a recipe trains of the network for the classes of `info`."""
    with torch.random.fork_rng(devices=[]):  # drawing initial weights must not move the caller's random state
        network = built_network(method, info)
    freeze(network, training, method.name)
    return {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}


def _unwrapped(network: nn.Module) -> tuple[nn.Module, str]:
    """The first module with several trainable parts, and what its parts' names begin with."""
    prefix = ""
    while len(children := list(_with_parameters(network))) == 1 and not list(network.parameters(recurse=False)):
        prefix += f"{children[0][0]}."
        network = children[0][1]
    return network, prefix


def _inner(names: Collection[str], prefix: str) -> str:
    short = [name.removeprefix(prefix) for name in names]
    return next((name for name in short if "." in name), short[0])


def _with_parameters(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    return ((name, child) for name, child in module.named_children() if next(child.parameters(), None) is not None)


def _within(name: str, parts: Collection[str]) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)
