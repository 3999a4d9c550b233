"""The attention interface of a network, and its maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from merbench.errors import EntryError, UsageError
from merbench.plural import plural

if TYPE_CHECKING:
    from torch import Tensor, nn

#: Maps over the face `(clip y x)`, one a block; None for a block without one.
Maps = list[npt.NDArray[np.float32] | None]


class Attends(Protocol):
    """A network that can say where it looks: the interface that `merbench explain` asks for.

    `attention` is called with the same views as the network itself, in evaluation mode. It gives the weights, 0 or
    more, that the features of each block are multiplied by, in the order of the blocks: `(clip 1 y x)`, or
    `(clip channel y x)`, of which the mean over channels is shown, over the whole face, first row at the top.
    `(clip channel 1 1)`, which weights channels alone, and None stand for a block without a map.

    ``def attention`` stands in the network's class; a submodule that is called so does not count.
    """

    def attention(self, *views: Tensor) -> Sequence[Tensor | None]:
        """The weights of each block."""
        ...


def attending(network: nn.Module, method: str) -> Attends:
    """The network itself, if it has the interface.

    Raises:
        UsageError: naming the method, if it has not.
    """
    if not callable(getattr(type(network), "attention", None)):
        raise UsageError(
            f"{method} cannot be explained: its network has no method `attention(*views)` that gives the attention "
            "weights of each block; `merbench list methods` says which have one, and "
            "merbench.inference.attention.Attends what it must give."
        )
    return cast("Attends", network)


def attention_maps(network: Attends, views: Sequence[Tensor], method: str) -> Maps:
    """The map of each block for views of some clips.

    Raises:
        EntryError: if what the network gives is no attention weights.
    """
    clips = len(views[0])
    return [
        _map(weights, clips, f"{method}, block {block}") for block, weights in enumerate(network.attention(*views), 1)
    ]


def _map(weights: Any, clips: int, where: str) -> npt.NDArray[np.float32] | None:
    if weights is None:
        return None
    if getattr(weights, "ndim", 0) != 4 or len(weights) not in (1, clips):
        shape = tuple(getattr(weights, "shape", ()))
        raise EntryError(
            f"{where}: attention weights must be (clip channel y x) for {plural(clips, 'clip')}, or None, not {shape}."
        )
    maps: npt.NDArray[np.float32] = weights.detach().float().mean(1).expand(clips, -1, -1).cpu().numpy()
    if not np.isfinite(maps).all() or maps.min() < 0:
        raise EntryError(f"{where}: attention weights must be finite and 0 or more.")
    return None if maps.shape[1:] == (1, 1) else maps
