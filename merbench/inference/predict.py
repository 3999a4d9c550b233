"""Probabilities for new clips, from the weights that a run kept of its folds' networks."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.errors import FrameError, StoreError, UnknownName
from merbench.experiments.checkpoints import require_weights
from merbench.experiments.reopen import alignment_of, method_of
from merbench.inputs.alignment.spec import Alignment
from merbench.inputs.declaration import Inputs
from merbench.kind_names import SINGLE_NAME, KindName
from merbench.method import NetworkMethod, declared_inputs
from merbench.plural import plural
from merbench.results import weights
from merbench.results.store import Store

if TYPE_CHECKING:
    from torch import nn

    from merbench.inputs.prepared import PreparedInputs
    from merbench.training.numerics import Numerics


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Probabilities `(clip class)` of clips, in the order given: the mean over the networks of `folds`.

    `predicted` is the label of each clip: its class, or, of a multi-label task, its units joined by ``+``, or ``none``.
    """

    classes: tuple[str, ...]
    folds: tuple[str, ...]
    probabilities: npt.NDArray[np.float32]
    predicted: tuple[str, ...]


class Predictor:
    """The kept networks of a run, for clips that it never had.

    `fold` takes the network of that fold alone. Each was trained to be evaluated: without one part of the run's clips.

    Raises:
        UsageError: if the method is no network.
        UnknownName: for a fold that the run does not have.
        StoreError: if no weights are kept, or they cannot be used.
    """

    def __init__(self, path: Path, *, fold: str | None = None, device: str = "auto") -> None:
        from merbench.training.numerics import choose

        self._store = store = Store(path)
        self.header = store.read_header()
        self.description = self.header.description
        self.method: NetworkMethod = require_weights(method_of(self.header))
        folds = self.header.folds
        if fold is not None and fold not in folds:
            raise UnknownName("fold", fold, folds)
        wanted = folds if fold is None else [fold]
        self.folds = tuple(name for name in wanted if store.weights(name).is_file())
        self.missing = tuple(name for name in wanted if name not in self.folds)
        if not self.folds:
            raise StoreError(f"{path} has no weights{f' of {fold}' if fold else ''}: {_REMEDY}.")
        self._files = {name: store.weights(name) for name in self.folds}
        self.numerics: Numerics = choose(device, self.description.precision or "auto")

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the scheme's order."""
        return self.description.classes

    @property
    def inputs(self) -> Inputs:
        """What the networks see of a clip: the frames of its moments alone, as when they were tested."""
        declared = declared_inputs(self.method)
        frames = declared.frames
        return (
            declared
            if frames is None
            else dataclasses.replace(declared, frames=dataclasses.replace(frames, windows=()))
        )

    @cached_property
    def thresholds(self) -> npt.NDArray[np.float64] | None:
        """The threshold `(unit)` of each unit: the mean over the folds, whose networks are those of the rule last.

        None where that is 0.5.
        """
        if self.description.thresholds is None:
            return None
        record = self._store.read_record()
        by_fold = dict(zip(record.folds, record.by_rule["last"].thresholds or (), strict=True))
        return np.asarray(np.mean([by_fold[fold] for fold in self.folds], axis=0))

    def predict(self, clips: Sequence[Clip], sources: Mapping[str, Source]) -> Predictions:
        """The probabilities of the clips, whose frames lie in the sources, by dataset.

        Raises:
            FrameError: if a clip lacks frames, or a face to be aligned by.
            StoreError: if weights are damaged, or of another run.
        """
        prepared = self._prepared(clips, sources)
        by_fold = np.stack([self._probabilities(fold, prepared) for fold in self.folds])
        probabilities, kind = by_fold.mean(axis=0), self.header.kind
        predicted = tuple(kind.text(row, self.classes) for row in kind.predicted(probabilities, self.thresholds))
        return Predictions(classes=self.classes, folds=self.folds, probabilities=probabilities, predicted=predicted)

    def _prepared(self, clips: Sequence[Clip], sources: Mapping[str, Source]) -> PreparedInputs:
        from merbench.inputs.alignment.align import align
        from merbench.inputs.cache import Cache
        from merbench.inputs.prepare import prepare_inputs

        alignment: Alignment = alignment_of(self.description.alignment)
        with tempfile.TemporaryDirectory() as folder:  # new clips are looked at once
            cache = Cache(Path(folder))
            aligned = align(clips, sources, alignment, cache=cache)
            usable = [clip for clip in clips if clip.key not in aligned.failed]
            prepared, failed = prepare_inputs(usable, aligned.sources, self.inputs, cache=cache)
            failed = {**aligned.failed, **failed}
            if failed:
                named = " ".join(list(failed.values())[:3])
                raise FrameError(f"{len(failed)} of {plural(len(clips), 'clip')} lack usable frames: {named}")
            return _in_memory(prepared)

    def _probabilities(self, fold: str, prepared: PreparedInputs) -> npt.NDArray[np.float32]:
        path = self._files[fold]
        read = weights.read(path)
        self._check(read, path)
        info = weights.nameless(self.classes, self.description.kind)
        network = weights.built(self.method, info, read.tensors, path)
        return probabilities_of_all(network, prepared, self.numerics, self.description.kind)

    def _check(self, read: weights.Weights, path: Path) -> None:
        if read.facts.classes != self.classes:
            raise StoreError(
                f"{path} is for the classes {', '.join(read.facts.classes)}, but its run is for "
                f"{', '.join(self.classes)}; {_REMEDY}."
            )
        if read.facts.run != self.header.identity:
            raise StoreError(f"{path} is of another run than its folder; {_REMEDY}.")
        if not read.facts.self_contained:
            raise StoreError(
                f"{path} is not enough to build the network of {self.method.name}: it keeps numbers of its training "
                "clips outside of its state. Have the method register them as buffers."
            )


def probabilities_of_all(
    network: nn.Module, prepared: PreparedInputs, numerics: Numerics, kind: KindName = SINGLE_NAME
) -> npt.NDArray[np.float32]:
    """Probabilities `(clip class)` of all prepared clips by a network, which is moved to the device."""
    import torch

    from merbench.training.device.inputs import DeviceInputs
    from merbench.training.pinning import pinned
    from merbench.training.probabilities import network_probabilities

    network.to(numerics.torch_device, numerics.dtype)
    inputs = DeviceInputs(prepared, numerics)
    with pinned(numerics):
        clips = torch.arange(prepared.count, device=inputs.index_device)
        return network_probabilities(network, inputs, clips, numerics, kind).cpu().numpy()


_REMEDY = "run the same command again with --keep-weights"


def _in_memory(prepared: PreparedInputs) -> PreparedInputs:
    # what is mapped to a file of the folder goes with it
    frames = prepared.frames
    return dataclasses.replace(
        prepared,
        frames=None if frames is None else dataclasses.replace(frames, images=np.array(frames.images)),
        arrays=tuple(dataclasses.replace(each, values=np.array(each.values)) for each in prepared.arrays),
    )
