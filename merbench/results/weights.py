"""The weights of trained networks, a safetensors file a fold, with what is needed to build the network beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np

import merbench
from merbench.errors import EntryError, StoreError
from merbench.kind_names import MULTI_NAME, SINGLE_NAME, KindName
from merbench.method import NetworkMethod, TrainInfo, built_network
from merbench.plural import plural
from merbench.results.header import RecipeRecord, RunHeader
from merbench.results.model import Count, Names, PlainMapping, RecordModel, stored_as
from merbench.results.seen import Seen

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

#: The key of a file's metadata under which its facts are stored, as JSON.
KEY = "merbench"
#: What stands in place of a protocol in the facts of a network that was pretrained.
PRETRAINED = "none"
#: What safetensors allows its header to be, in bytes.
_LONGEST_HEADER = 100_000_000


class WeightsFacts(RecordModel):
    """What a weights file says of its network: all that builds it, and where it comes from."""

    method: str
    parameters: PlainMapping
    training: PlainMapping | None
    protocol: str
    datasets: Mapping[str, tuple[str, PlainMapping]]
    scheme: str
    classes: Names
    inputs: PlainMapping
    alignment: str
    seed: Count
    precision: str | None
    plugins: Mapping[str, str]
    recipe: RecipeRecord
    synthetic: Annotated[bool, stored_as("drawn")]
    fold: str
    #: The identity of the run.
    run: str
    merbench: str
    use: str
    #: Whether parameters, classes and these weights are enough to build the network again.
    self_contained: Annotated[bool, stored_as("stands_alone")] = False
    #: The subjects that it was trained on, those of networks that it started from included; none where no file says.
    seen: tuple[Seen, ...] = ()
    #: Whether it started from weights that do not say what they were trained on.
    unknown_start: bool = False
    #: The kind of task whose classes, or units, these are.
    kind: KindName = SINGLE_NAME

    @property
    def trained_by(self) -> str:
        """The run, or the pretraining and its datasets, that the network comes from, in words."""
        if self.protocol == PRETRAINED:
            return f"pretraining {self.run[:8]} on {' and '.join(self.datasets)}"
        return f"run {self.run[:8]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The arrays of one fold's network by name, and what the file says of it."""

    tensors: Mapping[str, Tensor]
    facts: WeightsFacts


def facts_of(header: RunHeader, fold: str, seen: tuple[Seen, ...] = ()) -> WeightsFacts:
    """What the weights file of a fold says of its network."""
    described = header.description
    return WeightsFacts(
        method=described.method,
        parameters=described.parameters,
        training=described.training,
        protocol=described.protocol,
        datasets=described.datasets,
        scheme=described.scheme,
        classes=described.classes,
        inputs=described.inputs,
        alignment=described.alignment,
        seed=described.seed,
        precision=described.precision,
        plugins=described.plugins,
        recipe=header.recipe,
        synthetic=header.synthetic,
        fold=fold,
        run=header.identity,
        merbench=merbench.__version__,
        use="trained for evaluation: the fold's held-out clips were not seen",
        seen=seen,
        unknown_start=bool((described.start or {}).get("unknown")),
        kind=described.kind,
    )


def packed(method: NetworkMethod, network: nn.Module, facts: WeightsFacts) -> bytes:
    """A safetensors file of the network's `state_dict()`; its metadata is `facts` and whether it is self-contained.

    It is self-contained if parameters, classes and these weights are enough to build the network again. One that keeps
    numbers of its training clips outside of its `state_dict()` does not.

    Raises:
        EntryError: if the `state_dict()` holds anything but arrays.
    """
    from safetensors.torch import save

    state = network.state_dict()
    odd = [name for name, value in state.items() if not hasattr(value, "untyped_storage")]
    if odd:
        raise EntryError(f"{method.name}: weights can be kept of arrays alone, but {odd[0]!r} of its state is none.")
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in state.items()}
    known = facts.updated(self_contained=_self_contained(method, network, tensors, facts))
    content = known.model_dump(mode="json", by_alias=True)
    return save(tensors, {"format": "pt", KEY: json.dumps(content, ensure_ascii=False)})


def read(path: Path) -> Weights:
    """The weights in a file; no code of it is run.

    Raises:
        StoreError: if there is none, or it is no weights file of merbench.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    remedy = "delete it and run the same command again with --keep-weights"
    try:
        content = path.read_bytes()
        facts = WeightsFacts.from_json(_metadata(content)[KEY].encode(), f"its metadata {KEY}")
        return Weights(tensors=load(content), facts=facts)
    except StoreError as fault:
        cause = str(fault).rstrip(".")
        raise StoreError(f"{path} is no weights file of merbench ({cause}); {remedy}.") from fault
    except OSError as fault:
        raise StoreError(f"{path} cannot be read ({fault.strerror or fault}).") from fault
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError) as fault:
        raise StoreError(
            f"{path} is no weights file of merbench ({type(fault).__name__}: {fault}); {remedy}."
        ) from fault


def read_facts(path: Path) -> WeightsFacts:
    """What a weights file says of its network; its arrays are not read.

    Raises:
        StoreError: if it is no weights file of merbench.
    """
    facts = facts_if_any(path)
    if facts is None:
        raise StoreError(
            f"{path} is no weights file of merbench, or a damaged one; name the folder of a run with --keep-weights."
        )
    return facts


def facts_if_any(path: Path) -> WeightsFacts | None:
    """What a file says of its network if it is a weights file of merbench; None if it is any other."""
    try:
        with path.open("rb") as file:
            length = file.read(8)
            header = json.loads(file.read(min(int.from_bytes(length, "little"), _LONGEST_HEADER)))
        return WeightsFacts.from_json(header["__metadata__"][KEY].encode(), path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def read_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """The shape of each array in a safetensors file, by name; the arrays are not read."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping


def shapes_of(method: NetworkMethod, info: TrainInfo) -> dict[str, tuple[int, ...]]:
    """The shape of each array of the network that the method builds, by name."""
    import torch

    with torch.random.fork_rng(devices=[]):  # drawing initial weights must not move the caller's random state
        network = built_network(method, info)
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}


def file_digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _metadata(data: bytes) -> Mapping[str, str]:
    # the header is JSON behind its length; the library hands metadata out of a named file alone
    length = int.from_bytes(data[:8], "little")
    metadata: Mapping[str, str] = json.loads(data[8 : 8 + length])["__metadata__"]
    return metadata


def nameless(classes: Sequence[str], kind: KindName = SINGLE_NAME) -> TrainInfo:
    """What a network is built from where its training clips are not available: the classes, a clip of each."""
    count = len(classes)
    labels = np.eye(count, dtype=np.int64) if kind == MULTI_NAME else np.arange(count)
    names = tuple(map(str, range(count)))
    return TrainInfo(classes=tuple(classes), labels=labels, subjects=names, action_units=((),) * count, kind=kind)


def built(method: NetworkMethod, info: TrainInfo, tensors: Mapping[str, Tensor], where: object) -> nn.Module:
    """The method's network with those weights, in evaluation mode; `where` names them in messages.

    Raises:
        StoreError: if they do not fit the network.
    """
    import torch

    with torch.random.fork_rng(devices=[]):  # drawing initial weights must not move the caller's random state
        network = method.network(info)
    try:
        network.load_state_dict(dict(tensors))
    except RuntimeError as fault:
        raise StoreError(
            f"{where} does not fit the network of {method.name} for {plural(len(info.classes), 'class')}: "
            f"{' '.join(str(fault).split())[:200]}"
        ) from fault
    return network.eval()


def _self_contained(
    method: NetworkMethod, network: nn.Module, tensors: Mapping[str, Tensor], facts: WeightsFacts
) -> bool:
    import torch

    first = next(iter(tensors.values()), torch.zeros(1))
    weight = next(network.parameters(), first)
    try:
        again = built(method, nameless(facts.classes, facts.kind), tensors, "weights").to(weight.device, weight.dtype)
        views = example_views(method, weight)
        with torch.no_grad():
            return torch.allclose(network.eval()(*views), again(*views), rtol=1e-3, atol=1e-4, equal_nan=True)
    except Exception:  # noqa: BLE001 - a stranger's network, on numbers that are no face
        return False


def example_views(method: NetworkMethod, like: torch.Tensor) -> list[Tensor]:
    """Made-up views of two clips in the shapes that the method declares, on the device and in the type of `like`."""
    import torch

    declared = method.inputs()
    frames = declared.frames
    shapes: list[tuple[int, ...]] = []
    if frames is not None:
        shapes += [(2, frames.channels, *frames.size)] * len(frames.at)
    shapes += [(2, *array.shape) for array in declared.arrays]
    views = [torch.linspace(-1, 1, int(np.prod(shape))).reshape(shape) for shape in shapes]
    return [view.to(like.device, like.dtype) for view in views]
