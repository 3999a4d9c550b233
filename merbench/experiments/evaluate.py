"""A method on folds: outcomes, one by one as they are done."""

from __future__ import annotations

import dataclasses
import resource
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from merbench.data.task import Task
from merbench.entries.attribution import blamed
from merbench.entries.recipe import Training
from merbench.errors import EntryError, ProtocolError
from merbench.method import FittedMethod, Method, NetworkMethod, Samples, TrainInfo
from merbench.protocol import Fold
from merbench.results.fold_result import Outcome
from merbench.selection import inner_subjects

if TYPE_CHECKING:
    from torch import Tensor, nn

    from merbench.inputs.prepared import PreparedInputs
    from merbench.training.device.inputs import DeviceInputs
    from merbench.training.fold_job import FoldTask
    from merbench.training.numerics import Numerics

OnEpoch = Callable[[str, int], None]
OnNote = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One training to do: clip positions to train on and to watch, by the fold and the kind of outcome."""

    fold: str
    kind: str
    train: npt.NDArray[np.int64]
    watch: npt.NDArray[np.int64]


#: Told of a trial, an epoch, counted from 0, and the probabilities of the held-out clips after it, on the device.
OnWatched = Callable[[Trial, int, "Tensor"], None]


def trials(task: Task, folds: Sequence[Fold], kinds: Collection[str]) -> list[Trial]:
    """The trainings that the folds ask for: `outer` ones, and `inner` ones where that rule is wanted.

    Raises:
        ProtocolError: if a fold has too few training subjects to keep one back.
    """
    place = {key: index for index, key in enumerate(task.clips.index)}
    found = []
    for fold in folds:
        train = np.array([place[key] for key in fold.train])
        watch = np.array([place[key] for key in fold.test])
        if "outer" in kinds:
            found.append(Trial(fold=fold.name, kind="outer", train=train, watch=watch))
        if "inner" in kinds:
            found.append(_inner(task, fold.name, train))
    return found


def _inner(task: Task, fold: str, train: npt.NDArray[np.int64]) -> Trial:
    subjects = task.clips["subject"].to_numpy()[train]
    kept_back = np.isin(subjects, inner_subjects(list(subjects)))
    if kept_back.all():
        raise ProtocolError(
            f"fold {fold}: the rule inner needs at least 2 training subjects, there is one; use --rules last,oracle."
        )
    return Trial(fold=fold, kind="inner", train=train[~kept_back], watch=train[kept_back])


class Evaluator:
    """A method with all that its trials share: the inputs, on the device once.

    `numerics` change where not as many folds could be trained at once as they say.
    """

    def __init__(
        self,
        method: Method,
        training: Training | None,
        task: Task,
        prepared: PreparedInputs | None,
        *,
        seed: int,
        numerics: Numerics | None,
        on_trained: Callable[[Trial, nn.Module], None] = lambda trial, network: None,
        on_watched: OnWatched | None = None,
    ) -> None:
        self.on_trained, self.on_watched = on_trained, on_watched
        self.method, self.training, self.task = method, training, task
        self.prepared, self.seed, self.numerics = prepared, seed, numerics
        self.labels = np.array(task.labels(), dtype=np.int64)
        self._inputs: DeviceInputs | None = None

    def outcomes(
        self,
        todo: Sequence[Trial],
        on_epoch: OnEpoch = lambda fold, epoch: None,
        *,
        among: Sequence[Trial] | None = None,
        on_note: OnNote = lambda note: None,
    ) -> Iterator[Outcome]:
        """The outcome of every trial, as soon as it and those trained at once with it are done.

        Who is trained with whom depends on all trials of a run, `among`, so that a run that is taken up again gives
        the same numbers; those of `among` that are not in `todo` are trained again where that takes it.
        """
        wanted = {(trial.fold, trial.kind) for trial in todo}
        for pack in self._packs(todo if among is None else among):
            if wanted.isdisjoint((trial.fold, trial.kind) for trial in pack):
                continue
            start = time.perf_counter()
            for trial in pack:
                _require_clips(trial)
            with blamed(self.method, f"in fold {', '.join(trial.fold for trial in pack)}"):
                found = self._probabilities(pack, on_epoch, on_note)
            seconds = (time.perf_counter() - start) / len(pack)
            for trial, (probabilities, has_epochs) in zip(pack, found, strict=True):
                self._check(probabilities, trial)
                if (trial.fold, trial.kind) in wanted:
                    yield self._outcome(trial, probabilities, has_epochs, seconds)

    def _outcome(
        self, trial: Trial, probabilities: npt.NDArray[np.float32], has_epochs: bool, seconds: float
    ) -> Outcome:
        return Outcome(
            fold=trial.fold,
            kind=trial.kind,
            keys=tuple(self.task.clips.index[trial.watch]),
            truth=self.labels[trial.watch],
            probabilities=probabilities,
            has_epochs=has_epochs,
            seconds=seconds,
            peak_memory=self._peak_memory(),
        )

    def _packs(self, among: Sequence[Trial]) -> list[list[Trial]]:
        if self.numerics is None or self.numerics.packing <= 1 or self.training is None:
            return [[trial] for trial in among]
        from merbench.training.grouping import kind_of, packs

        # inner folds of a tuning trial are numbered in their kind, and go together
        kinds = [(trial.kind.partition(" ")[0], *kind_of(self.training, len(trial.train))) for trial in among]
        found = packs(kinds, [len(trial.watch) for trial in among], self.numerics.packing)
        return [[among[place] for place in pack] for pack in found]

    def _probabilities(
        self, pack: Sequence[Trial], on_epoch: OnEpoch, on_note: OnNote
    ) -> list[tuple[npt.NDArray[np.float32], bool]]:
        if isinstance(self.method, NetworkMethod):
            return [(found, True) for found in self._trained(self.method, pack, on_epoch, on_note)]
        if isinstance(self.method, FittedMethod):
            return [self._fitted(self.method, trial) for trial in pack]
        raise EntryError(f"{self.method.name}: a method is a FittedMethod or a NetworkMethod.")

    def _trained(
        self, method: NetworkMethod, pack: Sequence[Trial], on_epoch: OnEpoch, on_note: OnNote
    ) -> list[npt.NDArray[np.float32]]:
        from merbench.training.fit import fit_folds
        from merbench.training.numerics import applied

        training, numerics, inputs = self._engine(method)
        by_stream = {_stream(trial): trial for trial in pack}

        def told(name: str, epoch: int, probabilities: Tensor) -> None:
            on_epoch(by_stream[name].fold, epoch)
            if self.on_watched is not None:
                self.on_watched(by_stream[name], epoch, probabilities)

        with applied(numerics):
            trained = fit_folds(
                method,
                training,
                [self.fold_task(trial) for trial in pack],
                inputs,
                seed=self.seed,
                numerics=numerics,
                on_epoch=told,
                on_note=on_note,
            )
        for trial, each in zip(pack, trained, strict=True):
            self.on_trained(trial, each.network)
        reached = max(each.packing for each in trained)
        if reached < min(len(pack), numerics.packing):
            self.numerics = dataclasses.replace(numerics, packing=reached)
        return [each.probabilities for each in trained]

    def measured(self, todo: Sequence[Trial], on_note: OnNote = lambda note: None) -> Numerics | None:
        """The numerics, with what was left open measured: folds trained at once, and whether steps are compiled."""
        if not isinstance(self.method, NetworkMethod) or self.numerics is None or not self.numerics.open or not todo:
            return self.numerics
        from merbench.training.autotune import choose_packing

        training, numerics, inputs = self._engine(self.method)
        tasks = [self.fold_task(trial) for trial in todo]
        return choose_packing(self.method, training, tasks, inputs, seed=self.seed, numerics=numerics, on_note=on_note)

    def _engine(self, method: NetworkMethod) -> tuple[Training, Numerics, DeviceInputs]:
        from merbench.training.device.inputs import DeviceInputs

        if self.training is None or self.prepared is None or self.numerics is None:
            raise EntryError(f"{method.name}: a network needs a recipe with training, and inputs.")
        if self._inputs is None:
            self._inputs = DeviceInputs(self.prepared, self.numerics)
        return self.training, self.numerics, self._inputs

    def fold_task(self, trial: Trial) -> FoldTask:
        """The training of a trial, as the engine is told of it."""
        from merbench.training.fold_job import FoldTask

        return FoldTask(name=_stream(trial), train=trial.train, watch=trial.watch, info=self._info(trial))

    def _fitted(self, method: FittedMethod, trial: Trial) -> tuple[npt.NDArray[np.float32], bool]:
        from merbench.training.randomness import generator

        draws = generator(self.seed, _stream(trial), "fit")
        predictor = method.fit(self._info(trial), self._samples(trial.train), draws)
        probabilities = np.asarray(predictor.probabilities(self._samples(trial.watch)), dtype=np.float32)
        has_epochs = probabilities.ndim == 3
        return (probabilities if has_epochs else probabilities[None]), has_epochs

    def _info(self, trial: Trial) -> TrainInfo:
        return train_info(self.task, trial.train)

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
        found = frames.images[positions[:, None], np.arange(places.shape[1])[None], places]
        return np.moveaxis(found, 2, -1)

    def _check(self, probabilities: npt.NDArray[np.float32], trial: Trial) -> None:
        wanted = (len(trial.watch), len(self.task.classes))
        if probabilities.shape[1:] != wanted or not np.isfinite(probabilities).all():
            raise EntryError(
                f"{self.method.name}, fold {trial.fold}: probabilities must be finite and (clip class) {wanted}, "
                f"not {probabilities.shape[1:]}."
            )

    def _peak_memory(self) -> int:
        if self.numerics is not None and self.numerics.device.startswith("cuda"):
            import torch

            return torch.cuda.max_memory_allocated(self.numerics.torch_device)
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _require_clips(trial: Trial) -> None:
    if not len(trial.train) or not len(trial.watch):
        raise ProtocolError(
            f"fold {trial.fold}: it has {len(trial.train)} training and {len(trial.watch)} held-out clips; it needs "
            "one of each at least."
        )


def train_info(task: Task, train: npt.NDArray[np.int64]) -> TrainInfo:
    """What a method may know of the clips at those positions of a task, which it is trained on."""
    clips = task.clips.iloc[train]
    return TrainInfo(
        classes=task.classes,
        labels=np.array(task.labels(), dtype=np.int64)[train],
        subjects=tuple(clips["subject"]),
        action_units=tuple(clips["action_units"]),
    )


def _stream(trial: Trial) -> str:
    return trial.fold if trial.kind == "outer" else f"{trial.fold} ({trial.kind})"
