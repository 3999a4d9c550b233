"""A method on folds: outcomes, one by one as they are done."""

from __future__ import annotations

import dataclasses
import pickle
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from merbench.data.labelled_clips import LabelledClips
from merbench.entries.attribution import attributed
from merbench.entries.recipe import Training
from merbench.errors import EntryError, ProtocolError
from merbench.experiments.fold_runs import FoldRun
from merbench.method import FittedMethod, Method, NetworkMethod, Samples, TrainInfo, fitted_predictor
from merbench.results.fold_result import FoldResult

if TYPE_CHECKING:
    from torch import Tensor, nn

    from merbench.inputs.prepared import PreparedInputs
    from merbench.training.device.inputs import DeviceInputs
    from merbench.training.fold_job import FoldJob, Start
    from merbench.training.numerics import Numerics

OnEpoch = Callable[[str, int], None]
OnNote = Callable[[str], None]


#: Called with a fold run, an epoch from 0 on, and the probabilities of the held-out clips after it, on the device.
OnWatched = Callable[[FoldRun, int, "Tensor"], None]


@dataclasses.dataclass(frozen=True, slots=True)
class _Predicted:
    """Probabilities `(epoch clip class)` of the watched clips, and whether random numbers led to them."""

    probabilities: npt.NDArray[np.float32]
    has_epochs: bool
    draws: bool


class Evaluator:
    """A method with all that its fold runs share: the inputs, on the device once.

    `numerics` change where not as many folds could be trained at once as they say. `start_of`, if it is set, gives the
    values that the networks of a fold start from.
    """

    def __init__(
        self,
        method: Method,
        training: Training | None,
        task: LabelledClips,
        prepared: PreparedInputs | None,
        *,
        seed: int,
        numerics: Numerics | None,
        on_trained: Callable[[FoldRun, nn.Module], None] = lambda fold_run, network: None,
        on_watched: OnWatched | None = None,
    ) -> None:
        self.on_trained, self.on_watched = on_trained, on_watched
        self.start_of: Callable[[str], Start | None] = lambda fold: None
        self.method, self.training, self.task = method, training, task
        self.prepared, self.seed, self.numerics = prepared, seed, numerics
        self.own_labels = task.labels()
        #: What clips are trained on as; the truth of what the rule inner keeps back, too.
        self.labels = task.training_labels()
        self._inputs: DeviceInputs | None = None

    def outcomes(
        self,
        todo: Sequence[FoldRun],
        on_epoch: OnEpoch = lambda fold, epoch: None,
        *,
        among: Sequence[FoldRun] | None = None,
        on_note: OnNote = lambda note: None,
    ) -> Iterator[FoldResult]:
        """The outcome of every fold run, as soon as it and those trained at once with it are done.

        Who is trained with whom depends on all trials of a run, `among`, so that a run that is taken up again gives
        the same numbers; those of `among` that are not in `todo` are trained again where that takes it.
        """
        wanted = {(fold_run.fold, fold_run.kind) for fold_run in todo}
        for pack in self._packs(todo if among is None else among):
            if wanted.isdisjoint((fold_run.fold, fold_run.kind) for fold_run in pack):
                continue
            start = time.perf_counter()
            for fold_run in pack:
                _require_clips(fold_run)
            with attributed(self.method, f"in fold {', '.join(fold_run.fold for fold_run in pack)}"):
                results = self._probabilities(pack, on_epoch, on_note)
            seconds = (time.perf_counter() - start) / len(pack)
            for fold_run, predicted in zip(pack, results, strict=True):
                self._check(predicted.probabilities, fold_run)
                if (fold_run.fold, fold_run.kind) in wanted:
                    yield self._outcome(fold_run, predicted, seconds)

    def _outcome(self, fold_run: FoldRun, predicted: _Predicted, seconds: float) -> FoldResult:
        return FoldResult(
            fold=fold_run.fold,
            kind=fold_run.kind,
            keys=tuple(self.task.clips.index[fold_run.watch]),
            truth=(self.own_labels if fold_run.kind == "outer" else self.labels)[fold_run.watch],
            probabilities=predicted.probabilities,
            has_epochs=predicted.has_epochs,
            draws=predicted.draws,
            seconds=seconds,
            peak_memory=self._peak_memory(),
            kind_of_task=self.task.kind_name,
        )

    def _packs(self, among: Sequence[FoldRun]) -> list[list[FoldRun]]:
        if self.numerics is None or self.numerics.parallel_folds <= 1 or self.training is None:
            return [[fold_run] for fold_run in among]
        from merbench.training.grouping import group_folds
        from merbench.training.sampling import epoch_shape

        # inner folds of a tuning trial and splits of inner are numbered in their kind, and go together
        kinds = [
            (fold_run.kind.partition(" ")[0].partition("-")[0], epoch_shape(self.training, self.labels[fold_run.train]))
            for fold_run in among
        ]
        groups = group_folds(kinds, [len(fold_run.watch) for fold_run in among], self.numerics.parallel_folds)
        return [[among[place] for place in pack] for pack in groups]

    def _probabilities(self, pack: Sequence[FoldRun], on_epoch: OnEpoch, on_note: OnNote) -> list[_Predicted]:
        if isinstance(self.method, NetworkMethod):
            trained = self._trained(self.method, pack, on_epoch, on_note)
            return [_Predicted(probabilities, has_epochs=True, draws=True) for probabilities in trained]
        if isinstance(self.method, FittedMethod):
            return [self._fitted(self.method, fold_run) for fold_run in pack]
        raise EntryError(f"{self.method.name}: a method is a FittedMethod or a NetworkMethod.")

    def _trained(
        self, method: NetworkMethod, pack: Sequence[FoldRun], on_epoch: OnEpoch, on_note: OnNote
    ) -> list[npt.NDArray[np.float32]]:
        from merbench.training.fit import fit_folds
        from merbench.training.pinning import pinned

        training, numerics, inputs = self.engine(method)
        by_stream = {_stream(fold_run): fold_run for fold_run in pack}

        def report_epoch(name: str, epoch: int, probabilities: Tensor) -> None:
            on_epoch(by_stream[name].fold, epoch)
            if self.on_watched is not None:
                self.on_watched(by_stream[name], epoch, probabilities)

        with pinned(numerics):
            trained = fit_folds(
                method,
                training,
                [self.fold_job(fold_run) for fold_run in pack],
                inputs,
                seed=self.seed,
                numerics=numerics,
                on_epoch=report_epoch,
                on_note=on_note,
            )
        for fold_run, each in zip(pack, trained, strict=True):
            self.on_trained(fold_run, each.network)
        reached = max(each.parallel_folds for each in trained)
        if reached < min(len(pack), numerics.parallel_folds):
            self.numerics = dataclasses.replace(numerics, parallel_folds=reached)
        return [each.probabilities for each in trained]

    def measured(self, todo: Sequence[FoldRun], on_note: OnNote = lambda note: None) -> Numerics | None:
        """The numerics, with what was left open measured: folds trained at once, and whether steps are compiled."""
        if not isinstance(self.method, NetworkMethod) or self.numerics is None or not self.numerics.open or not todo:
            return self.numerics
        from merbench.training.autotune import choose_parallelism

        training, numerics, inputs = self.engine(self.method)
        tasks = [self.fold_job(fold_run) for fold_run in todo]
        return choose_parallelism(
            self.method, training, tasks, inputs, seed=self.seed, numerics=numerics, on_note=on_note
        )

    def engine(self, method: NetworkMethod) -> tuple[Training, Numerics, DeviceInputs]:
        """What trains networks: the recipe's training, the numerics, and the inputs on the device."""
        from merbench.training.device.inputs import DeviceInputs

        if self.training is None or self.prepared is None or self.numerics is None:
            raise EntryError(f"{method.name}: a network needs a recipe with training, and inputs.")
        if self._inputs is None:
            self._inputs = DeviceInputs(self.prepared, self.numerics)
        return self.training, self.numerics, self._inputs

    def fold_job(self, fold_run: FoldRun) -> FoldJob:
        """The training of a fold run, as the engine takes it."""
        from merbench.training.fold_job import FoldJob

        return FoldJob(
            name=_stream(fold_run),
            train=fold_run.train,
            held_out=self._watched(fold_run),
            info=self._info(fold_run),
            start=self.start_of(fold_run.fold),
        )

    def _fitted(self, method: FittedMethod, fold_run: FoldRun) -> _Predicted:
        from merbench.training.randomness import generator

        numbers = generator(self.seed, _stream(fold_run), "fit")
        unused = pickle.dumps(numbers.bit_generator.state)
        predictor = fitted_predictor(method, self._info(fold_run), self._samples(fold_run.train), numbers)
        values = predictor.probabilities(self._samples(self._watched(fold_run)))
        self._check(values, fold_run)  # before the cast, which drops imaginary parts
        probabilities = np.asarray(values, dtype=np.float32)
        has_epochs = probabilities.ndim == 3
        return _Predicted(
            probabilities if has_epochs else probabilities[None],
            has_epochs=has_epochs,
            draws=pickle.dumps(numbers.bit_generator.state) != unused,
        )

    def _watched(self, fold_run: FoldRun) -> npt.NDArray[np.int64]:
        """The rows of the inputs that are watched: clips as they are tested; training clips kept back as trained on."""
        if self.prepared is None or fold_run.kind != "outer":
            return fold_run.watch
        return self.prepared.tested_rows(fold_run.watch)

    def _info(self, fold_run: FoldRun) -> TrainInfo:
        return train_info(self.task, fold_run.train)

    def _samples(self, positions: npt.NDArray[np.int64]) -> Samples:
        if self.prepared is None:
            return Samples(count=len(positions))
        return Samples(
            count=len(positions),
            frames=self._annotated(positions),
            arrays=tuple(array.values[positions] for array in self.prepared.arrays),
        )

    def _annotated(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8] | None:
        frames = None if self.prepared is None else self.prepared.frames
        if frames is None:
            return None
        places = frames.annotated[positions]
        images = frames.images[positions[:, None], np.arange(places.shape[1])[None], places]
        return np.moveaxis(images, 2, -1)

    def _check(self, probabilities: object, fold_run: FoldRun) -> None:
        fault = self.task.kind.probability_fault(probabilities, len(fold_run.watch), len(self.task.classes))
        if fault:
            raise EntryError(f"{self.method.name}, fold {fold_run.fold}: {fault}.")

    def _peak_memory(self) -> int:
        if self.numerics is not None and self.numerics.device.startswith("cuda"):
            import torch

            return torch.cuda.max_memory_allocated(self.numerics.torch_device)
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _require_clips(fold_run: FoldRun) -> None:
    if not len(fold_run.train) or not len(fold_run.watch):
        raise ProtocolError(
            f"fold {fold_run.fold}: it has {len(fold_run.train)} training and {len(fold_run.watch)} held-out clips; it "
            "needs one of each at least."
        )


def train_info(task: LabelledClips, train: npt.NDArray[np.int64]) -> TrainInfo:
    """What a method may know of the clips at those positions of a task, which it is trained on."""
    clips = task.clips.iloc[train]
    return TrainInfo(
        classes=task.classes,
        labels=task.training_labels()[train],
        subjects=tuple(clips["subject"]),
        action_units=tuple(clips["action_units"]),
        kind=task.kind_name,
    )


def _stream(fold_run: FoldRun) -> str:
    return fold_run.fold if fold_run.kind == "outer" else f"{fold_run.fold} ({fold_run.kind})"
