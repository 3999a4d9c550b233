"""The installed methods in a table: family, what each sees, trainable parameters, year and reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from merbench.analysis.table import Table
from merbench.inputs import Frames, Inputs
from merbench.inputs.base import ArrayInput
from merbench.method import Method, NetworkMethod
from merbench.registry import methods

if TYPE_CHECKING:
    from torch import nn

#: For how many classes trainable parameters are counted; CASME II's usual five.
CLASSES = 5


Row = tuple[str, ...]


def methods_table(row: Callable[[type[Method]], Row] | None = None) -> Table:
    """A row a method, by name; `row` gives one in place of `method_row`, which builds the network and imports torch."""
    return Table(
        title="Methods",
        columns=("method", "family", "year", "input", "explained", "reference", "parameters"),
        rows=tuple(map(row or method_row, methods.entries())),
        notes=(
            f"Input and parameters: of the recipe published for {CLASSES} classes.",
            "Explained: merbench explain can show what its networks attend to.",
        ),
        text_columns=6,
        minor=("reference", "year"),
    )


def method_row(kind: type[Method]) -> Row:
    """The row of a method; what a network trains is counted from one without values."""
    method = _as_published(kind)
    network = _network(method) if isinstance(method, NetworkMethod) else None
    count = method.parameter_count(CLASSES) if network is None else _trainable(network)
    return (
        kind.name,
        kind.family,
        str(kind.year or "–"),
        seen(method),
        "yes" if callable(getattr(type(network), "attention", None)) else "–",
        kind.reference or "–",
        "–" if count is None else f"{count:,}",
    )


def _as_published(kind: type[Method]) -> Method:
    return kind(kind.Parameters().changed(kind.recipe("published", CLASSES).parameters))


def _trainable(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters() if weight.requires_grad)


def _network(method: NetworkMethod) -> nn.Module:
    import torch

    from merbench.results.weights import nameless

    info = nameless([str(number) for number in range(CLASSES)])
    with torch.random.fork_rng(devices=[]):
        try:
            with torch.device("meta"):  # the network without values, in no time
                return method.network(info)
        except (RuntimeError, NotImplementedError):  # of a network that computes with its values while it is built
            return method.network(info)


def seen(method: Method) -> str:
    """What a method sees of a clip, in a few words.

    >>> from merbench.registry import methods
    >>> seen(methods.get("majority")())
    'nothing'
    """
    declared: Inputs = method.inputs()
    words = [*([_frames(declared.frames)] if declared.frames else []), *map(_array, declared.arrays)]
    return "; ".join(words) or "nothing"


def _frames(frames: Frames) -> str:
    height, width = frames.size
    return f"{'grey ' if frames.grey else ''}frames {', '.join(frames.at)} {height}×{width}"


def _array(array: ArrayInput) -> str:
    return f"{array.name} {'×'.join(map(str, array.shape))}"
