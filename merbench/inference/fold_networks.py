"""The network of a fold: from its kept weights, or trained again with the same seed and numerics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from merbench.errors import StoreError
from merbench.experiments.checkpoints import require_weights
from merbench.experiments.evaluate import Evaluator, Trial, train_info, trials
from merbench.experiments.prepare import Prepared
from merbench.inference.attention import Maps, attending, attention_maps
from merbench.results import weights
from merbench.results.run import Run
from merbench.results.store import Store
from merbench.training.device.inputs import DeviceInputs
from merbench.training.numerics import Numerics, applied

if TYPE_CHECKING:
    from torch import Tensor, nn

#: How far probabilities may lie from the run's, by precision: rounding on another device stays below, a choice.
_FAR = {"bfloat16": 0.05}
_BATCH = 64


def kept_folds(run: Run) -> list[str]:
    """The folds whose weights lie in the run's folder."""
    assert run.path is not None
    store = Store(run.path)
    return [fold for fold in run.manifest["folds"] if store.weights(fold).is_file()]


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
        self.trials = {trial.fold: trial for trial in trials(prepared.task, prepared.folds, ("outer",))}
        self.outcomes = {outcome.fold: outcome for outcome in run.outer}
        self._inputs = DeviceInputs(prepared.inputs, self.numerics)
        self._require_attention()

    def seen(self, fold: str, places: Sequence[int]) -> tuple[npt.NDArray[np.float32], Maps]:
        """Probabilities `(clip class)` and attention maps of held-out clips of a fold, by their places in it.

        Raises:
            UsageError: if the network has no attention interface.
            StoreError: if its probabilities are not those that the run keeps.
        """
        network = self._network(fold)
        clips = self.trials[fold].watch[list(places)]
        parts = [self._seen(network, batch) for batch in np.array_split(clips, range(_BATCH, len(clips), _BATCH))]
        probabilities = np.concatenate([found for found, _ in parts])
        self._check(fold, places, probabilities)
        blocks = zip(*(maps for _, maps in parts), strict=True)
        return probabilities, [_joined(block) for block in blocks]

    def _require_attention(self) -> None:
        first = next(iter(self.trials.values()))
        with torch.random.fork_rng(devices=[]):
            attending(self.method.network(train_info(self.prepared.task, first.train)), self.method.name)

    def _seen(self, network: nn.Module, clips: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float32], Maps]:
        device = self.numerics.torch_device
        with applied(self.numerics), torch.no_grad():
            views = self._inputs.held_out(torch.as_tensor(clips, device=device))
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=self.numerics.autocast):
                logits: Tensor = network(*views)
                maps = attention_maps(attending(network, self.method.name), views, self.method.name)
            return torch.softmax(logits.to(self.numerics.dtype), dim=1).float().cpu().numpy(), maps

    def _network(self, fold: str) -> nn.Module:
        if fold not in self.kept:
            return self._trained_again(fold)
        trial, path = self.trials[fold], self.store.weights(fold)
        read = weights.read(path)
        if read.about.get("run") != self.run.manifest["identity"]:
            raise StoreError(f"{path} is of another run; delete it and run this one again with --keep-weights.")
        network = weights.built(self.method, train_info(self.prepared.task, trial.train), read.tensors, path)
        return network.to(self.numerics.torch_device, self.numerics.dtype)

    def _trained_again(self, fold: str) -> nn.Module:
        experiment, found = self.prepared.experiment, []
        self._require_numerics()
        self.say(f"{fold}: no weights kept, trained again (merbench run … --keep-weights keeps them)")

        def take(trial: Trial, network: nn.Module) -> None:
            if (trial.fold, trial.kind) == (fold, "outer"):
                found.append(network)

        evaluator = Evaluator(
            experiment.method,
            experiment.training,
            self.prepared.task,
            self.prepared.inputs,
            seed=experiment.seed,
            numerics=Numerics(**self.run.manifest["numerics"]),
            on_trained=take,
        )
        list(evaluator.outcomes([self.trials[fold]], among=list(self.trials.values())))
        return found[0].eval()

    def _require_numerics(self) -> None:
        kept: dict[str, Any] = self.run.manifest["numerics"]
        files = [d.name for d in self.method.Parameters.declared() if d.is_file]
        started = [name for name in files if self.run.manifest["description"]["parameters"][name]]
        now = asdict(self.numerics.adopting({"compiled": False, **kept}))
        differing = [
            f"{name} {kept[name]} then, {value} now" for name, value in now.items() if kept.get(name, value) != value
        ]
        differing += [f"it began with the weights of {name}, whose place is not kept" for name in started]
        if differing:
            raise StoreError(
                f"{self.run.path} keeps no weights, and training again would give another network "
                f"({'; '.join(differing)}). Run it anew with --keep-weights."
            )

    def _check(self, fold: str, places: Sequence[int], probabilities: npt.NDArray[np.float32]) -> None:
        kept = self.outcomes[fold].probabilities[-1][list(places)]
        far = float(np.abs(kept - probabilities).max(initial=0.0))
        if not far <= _FAR.get(self.numerics.precision, 1e-3):
            raise StoreError(
                f"{self.run.path}, fold {fold}: the network gives probabilities that lie up to {far:.3f} from those of "
                "the run, so it is not the run's. Run it anew with --keep-weights."
            )


def _joined(block: Sequence[npt.NDArray[np.float32] | None]) -> npt.NDArray[np.float32] | None:
    found = [part for part in block if part is not None]
    return np.concatenate(found) if len(found) == len(block) else None
