"""Arrays of a weights file matched to a network: the prefix that is dropped, the part that is filled, the rest."""

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
    """The arrays of a file under the names of a network, and those that are left over on either side.

    `prefix` was dropped from the names in the file, and `part` is the part of the network that they fill; both are
    empty where there is none. `free` are the network's arrays that keep the method's own values, of which `head` are
    the classifier's; `unused` are the file's arrays that have no counterpart in the network.
    """

    tensors: Mapping[str, Tensor]
    prefix: str
    part: str
    free: tuple[str, ...]
    head: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was done, as phrases for a note."""
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
    network: nn.Module, head: Iterable[str], tensors: Mapping[str, Tensor], source: str, *, keep_head: bool
) -> Placed:
    """The arrays of a file under the network's names; `source` is what messages call the file.

    They fill the network, or the part of it into which most of their values fit. The classifier, which is the arrays
    named in `head`, is filled only with `keep_head`, and if all of its arrays have the file's shapes.

    Raises:
        UsageError: listing arrays outside of the classifier that are missing or have another shape, or if less than
            half of the network's values would come from the file.
    """
    own, classifier = network.state_dict(), frozenset(head)
    prefix, part = _best(network, own, classifier, tensors)
    named = {_under(part, name.removeprefix(prefix)): (name, value) for name, value in tensors.items()}
    fitting = {name: value for name, (_, value) in named.items() if name in own and value.shape == own[name].shape}
    wanted = [name for name in own if name not in classifier and name.startswith(_under(part, ""))]
    _require_whole(source, own, {name: value for name, (_, value) in named.items()}, wanted)
    _require_half(source, own, classifier, fitting)
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
    """The prefix to drop and the part to fill with which most values fit; of equal ones the shortest names."""
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


def _require_whole(source: str, own: Mapping[str, Tensor], named: Mapping[str, Tensor], wanted: Iterable[str]) -> None:
    lacking = [name for name in wanted if name not in named and not _is_counter(name)]
    odd = [
        f"{name} is {tuple(named[name].shape)}, not {tuple(own[name].shape)}"
        for name in wanted
        if name in named and named[name].shape != own[name].shape
    ]
    if lacking or odd:
        unknown = [name for name in named if name not in own]
        raise UsageError(
            f"{source} does not fit the network: lacking {_listed(lacking) or 'none'}; of another shape "
            f"{_listed(odd) or 'none'}; unknown here {_listed(unknown) or 'none'}. Give weights of this network, or "
            "the settings that they were trained with."
        )


def _require_half(source: str, own: Mapping[str, Tensor], head: frozenset[str], fitting: Mapping[str, Tensor]) -> None:
    # below half, some layers match by chance rather than because these are the network's weights: chosen here
    body = sum(value.numel() for name, value in own.items() if name not in head)
    share = sum(value.numel() for name, value in fitting.items() if name not in head) / max(body, 1)
    if share < 0.5:
        raise UsageError(
            f"{source} does not fit the network: only {share:.0%} of the network's values outside of the classifier "
            f"would come from it, and at least half must; it has no arrays for, among others, "
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
