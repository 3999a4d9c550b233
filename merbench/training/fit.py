"""The one loop that trains networks, and keeps what they say of the held-out clips after every epoch."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from merbench.entries.recipe import Training
from merbench.errors import TrainingError
from merbench.method import NetworkMethod
from merbench.training.compile import CannotCompile
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fold_job import FoldTask, Trained
from merbench.training.grouping import kind_of, packs
from merbench.training.numerics import Numerics
from merbench.training.serial import Fold
from merbench.training.threaded import draws_globally, fit_beside
from merbench.training.vmapped import CannotStack, Stack

__all__ = ["ENGINE_REVISION", "FoldTask", "Trained", "fit_folds"]

#: Raised whenever the same inputs and seeds would give other numbers than before.
ENGINE_REVISION = 1

#: Told of a fold by name, an epoch, counted from 0, and the held-out probabilities after it, `(clip class)`. These lie
#: on the device: whoever looks at them waits for it.
OnEpoch = Callable[[str, int, Tensor], None]
OnNote = Callable[[str], None]


def fit_folds(
    method: NetworkMethod,
    training: Training,
    tasks: Sequence[FoldTask],
    inputs: DeviceInputs,
    *,
    seed: int,
    numerics: Numerics,
    on_epoch: OnEpoch = lambda fold, epoch, probabilities: None,
    on_note: OnNote = lambda note: None,
) -> list[Trained]:
    """What each training left, in the order of `tasks`; the numbers do not depend on that order.

    As many folds as `numerics.packing` says are trained at once, if they have equal steps an epoch and their network
    allows it; half as many where memory does not suffice, those folds begun anew. `on_note` is told of either.

    Raises:
        TrainingError: if a network's outputs stop being finite, or memory does not suffice for one fold.
    """
    run = _Folds(method, training, inputs, seed, numerics, on_epoch, on_note)
    kinds = [kind_of(training, len(task.train)) for task in tasks]
    if numerics.compiled:
        run.rehearse([tasks[place] for place in {size: place for place, (size, _) in enumerate(kinds)}.values()])
    found: dict[int, Trained] = {}
    for pack in packs(kinds, [len(task.watch) for task in tasks], max(numerics.packing, 1)):
        found.update(zip(pack, run.fit([tasks[place] for place in pack]), strict=True))
    return [found[place] for place in range(len(tasks))]


@dataclass(frozen=True, slots=True)
class _Folds:
    """How all folds are trained."""

    method: NetworkMethod
    training: Training
    inputs: DeviceInputs
    seed: int
    numerics: Numerics
    on_epoch: OnEpoch
    on_note: OnNote

    def fit(self, tasks: Sequence[FoldTask]) -> list[Trained]:
        """What each training left, at once or in halves."""
        found = self._attempt(tasks)
        if found is not None:
            return found
        _free(self.numerics.torch_device)
        half = -(-len(tasks) // 2)
        self.on_note(f"{len(tasks)} folds at once do not fit in memory: {half} are trained at once instead")
        return [*self.fit(tasks[:half]), *self.fit(tasks[half:])]

    def rehearse(self, tasks: Sequence[FoldTask]) -> None:
        """Compile a step for each of these, which have other numbers of clips a step."""
        try:
            for task in tasks:
                self._fold(task).rehearse()
        except CannotCompile as fault:
            raise TrainingError(
                f"{self.method.name} cannot be compiled by torch here ({fault}); train it without --compiled yes."
            ) from fault

    def _attempt(self, tasks: Sequence[FoldTask]) -> list[Trained] | None:
        """What each training left; None where memory does not suffice, so that nothing holds on to what was begun."""
        try:
            return self._alone(tasks) if len(tasks) == 1 else self._at_once(tasks)
        except torch.OutOfMemoryError as fault:
            if len(tasks) > 1:
                return None
            raise TrainingError(
                f"{self.method.name}, fold {tasks[0].name}: the memory of {self.numerics.device} does not suffice "
                "for one fold; set a smaller batch or size, or choose another device."
            ) from fault

    def _at_once(self, tasks: Sequence[FoldTask]) -> list[Trained]:
        given = (self.method, self.training, tasks, self.inputs, self.seed, self.numerics)
        if self.numerics.together == "beside":
            if draws_globally(self._fold(tasks[0])):
                self.on_note(f"{self.method.name} draws randomness of its own: one fold is trained at a time")
                return self._alone(tasks)
            return fit_beside(*given, self.on_epoch)
        try:
            return Stack(*given).fit(self.on_epoch)
        except CannotStack as why:
            self.on_note(f"{self.method.name} cannot be stacked ({why}): one fold is trained at a time")
        return self._alone(tasks)

    def _alone(self, tasks: Sequence[FoldTask]) -> list[Trained]:
        return [self._fold(task).fit(self.on_epoch) for task in tasks]

    def _fold(self, task: FoldTask) -> Fold:
        return Fold(self.method, self.training, task, self.inputs, self.seed, self.numerics)


def _free(device: torch.device) -> None:
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
