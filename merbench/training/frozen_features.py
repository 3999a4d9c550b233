"""What the fixed part of a network gives of clips, computed once for all folds and epochs that share it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from merbench.plural import plural
from merbench.training.device.inputs import DeviceInputs
from merbench.training.frozen_prefix import Call, Prefix
from merbench.training.frozen_search import Search
from merbench.training.network_equality import difference
from merbench.training.numerics import Numerics
from merbench.training.probabilities import HELD_OUT_BATCH, autocast_of

#: Bytes of features that are kept at most, and that share of a GPU's memory: both are chosen here.
LARGEST, _SHARE = 2 << 30, 8
#: Clips that a network is run on to find its fixed part: chosen here, a few more than a batch norm needs.
_PROBED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The fixed part of networks that agree in it, if there is one, and its features of all clips, if they are kept.

    `network` is one of them before its first step, and `key` is all else that decides. `notes` are for the user.
    """

    network: nn.Module
    key: Hashable
    prefix: Prefix | None = None
    table: tuple[Tensor, ...] | None = None
    notes: list[str] = field(default_factory=list)

    def serves(self, network: nn.Module, key: Hashable) -> bool:
        """Whether another network, before its first step, has the same fixed part."""
        if key != self.key or difference(self.network, network):
            return False
        own, other = _untrained(self.network), _untrained(network)
        return own.keys() == other.keys() and all(map(torch.equal, own.values(), other.values()))


class FeatureInputs(DeviceInputs):
    """Inputs of a run as the fixed part of a network gives them: looked up, or computed anew where they are drawn."""

    def __init__(self, inputs: DeviceInputs, shared: Shared, network: nn.Module, numerics: Numerics) -> None:
        vars(self).update(vars(inputs))
        self._table, self._prefix, self._network, self._numerics = shared.table, shared.prefix, network, numerics

    def training(
        self,
        clips: Tensor,
        picks: Tensor,
        affine: Tensor | None,
        *,
        colour: Tensor | None = None,
        nearest: bool = False,
    ) -> tuple[Tensor, ...]:
        """Features `(clip ...)` of clips `(clip)`, as they are augmented."""
        if affine is None and colour is None and not self.has_windows:
            return self.held_out(clips)
        return self._computed(super().training(clips, picks, affine, colour=colour, nearest=nearest))

    def held_out(self, clips: Tensor) -> tuple[Tensor, ...]:
        """Features `(clip ...)` of clips `(clip)`, nothing drawn."""
        if self._table is None:
            return self._computed(super().held_out(clips))
        return tuple(each[clips.to(each.device)] for each in self._table)

    def _computed(self, views: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        assert self._prefix is not None
        with autocast_of(self._numerics), _tested(self._network):
            return self._prefix.features(self._network, views)


def find_shared(
    build: Callable[[], nn.Module],
    to_training: Callable[[nn.Module], None],
    inputs: DeviceInputs,
    numerics: Numerics,
    key: Hashable,
) -> Shared:
    """The fixed part of the network that `build` makes, with its features.

    Features are computed in batches of the same clips whatever is trained first, so that they always have the same
    bits.
    """
    nothing = Shared(network=build(), key=key)
    if inputs.rows < 2:
        return nothing
    few = torch.linspace(0, inputs.rows - 1, min(_PROBED, inputs.rows)).long().to(inputs.index_device)
    search = Search(build(), inputs.held_out(few), to_training, numerics)
    prefix = search.prefix()
    if prefix is None:
        return nothing
    note = _too_large(prefix, inputs.rows, numerics)
    table = None if note else _table(search, prefix, inputs)
    features = search.features(prefix, search.views) if table is None else tuple(each[few] for each in table)
    if not search.holds(prefix, features):
        return nothing
    return Shared(network=nothing.network, key=key, prefix=prefix, table=table, notes=[note] if note else [])


@contextmanager
def _tested(network: nn.Module) -> Iterator[None]:
    """A block in which a network is in evaluation mode."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def _too_large(prefix: Prefix, clips: int, numerics: Numerics) -> str:
    """A sentence if the features of all clips are not kept; by what decides the bits alone, so that a resume agrees."""
    device, most = numerics.torch_device, LARGEST
    if device.type == "cuda":
        most = min(LARGEST, int(torch.cuda.get_device_properties(device).total_memory) // _SHARE)
    # parts may differ between folds, whose threads would each keep their own
    needed = prefix.bytes * clips * (1 if numerics.parallelism == "vmapped" else max(numerics.parallel_folds, 1))
    if needed <= most:
        return ""
    return (
        f"what the frozen parts give of {plural(clips, 'clip')} may take {needed / 2**30:.1f} GiB, more than the "
        f"{most / 2**30:.1f} GiB that are kept: it is computed anew in every step"
    )


def _table(search: Search, prefix: Prefix, inputs: DeviceInputs) -> tuple[Tensor, ...]:
    device = search.numerics.torch_device
    table = [_empty(call, inputs.rows, device) for call in prefix.kept]
    for clips in torch.arange(inputs.rows, device=inputs.index_device).split(HELD_OUT_BATCH):
        for each, features in zip(table, search.features(prefix, inputs.held_out(clips)), strict=True):
            each[clips.to(device)] = features
    if device.type == "cuda":
        torch.cuda.synchronize(device)  # other streams read it
    return tuple(table)


def _empty(call: Call, clips: int, device: torch.device) -> Tensor:
    order = torch.channels_last if call.channels_last and call.pieces == 1 else torch.contiguous_format
    shape = tuple(call.by_clip(call.blank(clips)).shape)
    return torch.empty(shape, dtype=call.dtype, device=device, memory_format=order)


def _untrained(network: nn.Module) -> dict[str, Tensor]:
    """The tensors that no optimiser changes."""
    frozen = {name: each.detach() for name, each in network.named_parameters() if not each.requires_grad}
    return frozen | dict(network.named_buffers())
