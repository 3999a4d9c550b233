"""The network of a fold: from its kept weights, or trained again with the same seed and numerics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from merbench.errors import StoreError
from merbench.experiments.checkpoints import require_weights
from merbench.experiments.evaluate import Evaluator, train_info
from merbench.experiments.fold_runs import FoldRun, fold_runs
from merbench.experiments.prepare import Prepared
from merbench.inference.attention import Maps, attending, attention_maps
from merbench.kind_names import SINGLE_NAME, KindName
from merbench.results import weights
from merbench.results.header import NumericsRecord
from merbench.results.run import Run
from merbench.results.store import Store
from merbench.training.device.inputs import DeviceInputs
from merbench.training.device.transfer import array_to
from merbench.training.numerics import Numerics
from merbench.training.pinning import pinned
from merbench.training.probabilities import HELD_OUT_BATCH, autocast_of, network_probabilities

if TYPE_CHECKING:
    from torch import nn

#: How far probabilities may be from the run's, by precision; chosen here, above what rounding on another device does.
_FAR = {"bfloat16": 0.05}


def kept_folds(run: Run) -> list[str]:
    """The folds whose weights lie in the run's folder."""
    assert run.path is not None
    store = Store(run.path)
    return [fold for fold in run.header.folds if store.weights(fold).is_file()]


class Networks:
    """The networks of a run's folds, and what they say of the fold's held-out clips."""

    def __init__(self, run: Run, prepared: Prepared, say: Callable[[str], None]) -> None:
        experiment = prepared.experiment
        assert run.path is not None
        assert experiment.numerics is not None
        assert prepared.inputs is not None
        self.method, self.run, self.prepared, self.say = require_weights(experiment.method), run, prepared, say
        self.numerics: Numerics = experiment.numerics
        self.store, self.kept = Store(Path(run.path)), set(kept_folds(run))
        self.fold_runs = {fold_run.fold: fold_run for fold_run in fold_runs(prepared.task, prepared.folds, ("outer",))}
        self.outcomes = {outcome.fold: outcome for outcome in run.outer}
        self._inputs = DeviceInputs(prepared.inputs, self.numerics)
        self._require_attention()

    def seen(self, fold: str, places: Sequence[int]) -> tuple[npt.NDArray[np.float32], Maps]:
        """Probabilities `(clip class)` and attention maps of held-out clips of a fold, by their places in it.

        Raises:
            UsageError: if the network has no attention interface.
            StoreError: if its probabilities are not those that the run keeps.
        """
        assert self.prepared.inputs is not None
        network = self._network(fold)
        clips = self.prepared.inputs.tested_rows(self.fold_runs[fold].watch[list(places)])
        kind = self.run.kind.name
        probabilities, maps = explained(network, self._inputs, clips, self.numerics, self.method.name, kind)
        self._check(fold, places, probabilities)
        return probabilities, maps

    def _require_attention(self) -> None:
        first = next(iter(self.fold_runs.values()))
        with torch.random.fork_rng(devices=[]):
            attending(self.method.network(train_info(self.prepared.task, first.train)), self.method.name)

    def _network(self, fold: str) -> nn.Module:
        if fold not in self.kept:
            return self._trained_again(fold)
        fold_run, path = self.fold_runs[fold], self.store.weights(fold)
        read = weights.read(path)
        if read.facts.run != self.run.header.identity:
            raise StoreError(f"{path} is of another run; delete it and run this one again with --keep-weights.")
        network = weights.built(self.method, train_info(self.prepared.task, fold_run.train), read.tensors, path)
        return network.to(self.numerics.torch_device, self.numerics.dtype)

    def _trained_again(self, fold: str) -> nn.Module:
        experiment, networks = self.prepared.experiment, []
        self._require_numerics()
        self.say(f"{fold}: no weights kept, trained again (merbench run … --keep-weights keeps them)")

        def take(fold_run: FoldRun, network: nn.Module) -> None:
            if (fold_run.fold, fold_run.kind) == (fold, "outer"):
                networks.append(network)

        evaluator = Evaluator(
            experiment.method,
            experiment.training,
            self.prepared.task,
            self.prepared.inputs,
            seed=experiment.seed,
            numerics=self._recorded.restored(),
            on_trained=take,
        )
        list(evaluator.outcomes([self.fold_runs[fold]], among=list(self.fold_runs.values())))
        return networks[0].eval()

    @property
    def _recorded(self) -> NumericsRecord:
        recorded = self.run.header.numerics
        assert recorded is not None  # of a network
        return recorded

    def _require_numerics(self) -> None:
        recorded = self._recorded.as_dict()
        files = [d.name for d in self.method.Parameters.declared() if d.is_file]
        started = [name for name in files if self.run.header.description.parameters[name]]
        differences = self.numerics.adopting(recorded).differences(recorded)
        differing = [differences] if differences else []
        started += ["the run that it was given by --weights"] if self.run.header.description.start else []
        differing += [f"it began with the weights of {name}, whose place is not kept" for name in started]
        if differing:
            raise StoreError(
                f"{self.run.path} keeps no weights, and training again would give another network "
                f"({'; '.join(differing)}). Run it anew with --keep-weights."
            )

    def _check(self, fold: str, places: Sequence[int], probabilities: npt.NDArray[np.float32]) -> None:
        recorded = self.outcomes[fold].probabilities[-1][list(places)]
        far = float(np.abs(recorded - probabilities).max(initial=0.0))
        if not far <= _FAR.get(self.numerics.precision, 1e-3):
            raise StoreError(
                f"{self.run.path}, fold {fold}: the network gives probabilities that lie up to {far:.3f} from those of "
                "the run, so it is not the run's. Run it anew with --keep-weights."
            )


def explained(
    network: nn.Module,
    inputs: DeviceInputs,
    clips: npt.NDArray[np.int64],
    numerics: Numerics,
    method: str,
    kind: KindName = SINGLE_NAME,
) -> tuple[npt.NDArray[np.float32], Maps]:
    """Probabilities `(clip class)` and attention maps of the clips at some positions, by a network on the device.

    Raises:
        UsageError: naming the method, if the network has no attention interface.
    """
    positions, maps = array_to(clips, inputs.index_device), []
    with pinned(numerics), torch.no_grad():
        probabilities = network_probabilities(network, inputs, positions, numerics, kind).cpu().numpy()
        for batch in positions.split(HELD_OUT_BATCH):
            views = inputs.held_out(batch)
            with autocast_of(numerics):
                maps.append(attention_maps(attending(network, method), views, method))
    return probabilities, [_joined(block) for block in zip(*maps, strict=True)]


def _joined(block: Sequence[npt.NDArray[np.float32] | None]) -> npt.NDArray[np.float32] | None:
    present = [part for part in block if part is not None]
    return np.concatenate(present) if len(present) == len(block) else None
