"""Arrays of a file of weights placed in a network: which prefix goes, which part they fill, what stays as it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from merbench.errors import UsageError
from merbench.method import NetworkMethod, TrainInfo, built_network
from merbench.training.weights_file import prefixes

#: Names that messages list at most.
_LISTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Arrays under the names of a network, and what became of the others.

    `free` are the network's arrays that keep the method's own values, of which `head` are those of the classifier;
    `unused` are the file's arrays that no part of the network is called by.
    """

    tensors: Mapping[str, Tensor]
    prefix: str
    part: str
    free: tuple[str, ...]
    head: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was done, a sentence each."""
        outside = [name for name in self.free if name not in self.head and not _is_counter(name)]
        return (
            *([f"prefix {self.prefix} of its names dropped"] if self.prefix else []),
            *([f"they fill {self.part}, and {_listed(outside)} keep their random values"] if outside else []),
            *([f"the classifier ({_listed(self.head)}) keeps its random values"] if self.head else []),
            *([f"not used: {_listed(self.unused)}"] if self.unused else []),
        )


def classifier_names(method: NetworkMethod, info: TrainInfo) -> frozenset[str]:
    """The names of the network's arrays whose shapes depend on the number of classes."""
    wider = dataclasses.replace(info, classes=(*info.classes, "one more"))
    with torch.random.fork_rng(devices=[]):  # drawing initial weights must not move the caller's random state
        one, other = (built_network(method, each).state_dict() for each in (info, wider))
    return frozenset(name for name, value in one.items() if name not in other or other[name].shape != value.shape)


def placed(
    network: nn.Module, head: Iterable[str], tensors: Mapping[str, Tensor], given: str, *, keep_head: bool
) -> Placed:
    """The arrays of a file under the network's names; `given` names them in messages.

    They fill the network, or the largest part of it whose names they have. The classifier, the arrays in `head`, takes
    them only with `keep_head` and where they have its shape.

    Raises:
        UsageError: listing what is lacking or has another shape outside of the classifier, or if less than half of the
            network's numbers would come from the file.
    """
    own, classifier = network.state_dict(), frozenset(head)
    prefix, part = _best(network, own, classifier, tensors)
    named = {_under(part, name.removeprefix(prefix)): (name, value) for name, value in tensors.items()}
    fitting = {name: value for name, (_, value) in named.items() if name in own and value.shape == own[name].shape}
    wanted = [name for name in own if name not in classifier and name.startswith(_under(part, ""))]
    _require_whole(given, own, {name: value for name, (_, value) in named.items()}, wanted)
    _require_half(given, own, classifier, fitting)
    if not (keep_head and classifier <= fitting.keys()):
        fitting = {name: value for name, value in fitting.items() if name not in classifier}
    free = tuple(name for name in own if name not in fitting)
    return Placed(
        tensors=fitting,
        prefix=prefix,
        part=part,
        free=free,
        head=tuple(name for name in free if name in classifier),
        unused=tuple(name for key, (name, _) in named.items() if key not in fitting and key not in classifier),
    )


def _best(
    network: nn.Module, own: Mapping[str, Tensor], head: frozenset[str], tensors: Mapping[str, Tensor]
) -> tuple[str, str]:
    """The prefix to drop and the part to fill by which most numbers fit; the least change of several."""
    used = [each for each in prefixes() if not each or any(name.startswith(each) for name in tensors)]
    choices = [(each, part) for each in used for part, _ in network.named_modules()]

    def fitting(choice: tuple[str, str]) -> int:
        prefix, part = choice
        names = ((_under(part, name.removeprefix(prefix)), value) for name, value in tensors.items())
        return sum(
            value.numel()
            for name, value in names
            if name not in head and name in own and own[name].shape == value.shape
        )

    return max(choices, key=lambda choice: (fitting(choice), -len(choice[1]), -len(choice[0])))


def _require_whole(given: str, own: Mapping[str, Tensor], named: Mapping[str, Tensor], wanted: Iterable[str]) -> None:
    lacking = [name for name in wanted if name not in named and not _is_counter(name)]
    odd = [
        f"{name} is {tuple(named[name].shape)}, not {tuple(own[name].shape)}"
        for name in wanted
        if name in named and named[name].shape != own[name].shape
    ]
    if lacking or odd:
        unknown = [name for name in named if name not in own]
        raise UsageError(
            f"{given} does not fit the network: lacking {_listed(lacking) or 'none'}; of another shape "
            f"{_listed(odd) or 'none'}; unknown here {_listed(unknown) or 'none'}. Give the weights of this network, "
            "or the settings that they were trained with."
        )


def _require_half(given: str, own: Mapping[str, Tensor], head: frozenset[str], fitting: Mapping[str, Tensor]) -> None:
    # below half it is a chance likeness of some layers rather than the network's weights: chosen here
    body = sum(value.numel() for name, value in own.items() if name not in head)
    share = sum(value.numel() for name, value in fitting.items() if name not in head) / max(body, 1)
    if share < 0.5:
        raise UsageError(
            f"{given} does not fit the network: {share:.0%} of the network's numbers outside of the classifier would "
            f"come from it, and half must at least; its arrays are not called as the network's, such as "
            f"{_listed([name for name in own if name not in fitting])}. Give weights of this network."
        )


def _under(part: str, name: str) -> str:
    return f"{part}.{name}" if part else name


def _is_counter(name: str) -> bool:
    return name.endswith("num_batches_tracked")  # absent from old files, and of no effect


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
