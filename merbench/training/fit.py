"""The one loop that trains networks, and keeps their probabilities of the held-out clips after every epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from merbench.entries.recipe import Training
from merbench.errors import TrainingError
from merbench.method import NetworkMethod
from merbench.plural import plural
from merbench.training import memory
from merbench.training.compile import CannotCompile
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fold_job import FoldJob, TrainedFold
from merbench.training.graphed import CannotGraph, GraphedTrainer
from merbench.training.grouping import group_folds
from merbench.training.numerics import Numerics
from merbench.training.pinning import pinned
from merbench.training.probabilities import compiled_batches
from merbench.training.sampling import epoch_shape
from merbench.training.serial import FoldTrainer
from merbench.training.threaded import fit_threaded, uses_global_rng
from merbench.training.vmapped import CannotVmap, VmappedTrainer

__all__ = ["ENGINE_REVISION", "FoldJob", "TrainedFold", "fit_folds"]

#: Raised whenever the same inputs and seeds would give other results than before.
ENGINE_REVISION = 1

#: Called with a fold's name, an epoch, counted from 0, and the held-out probabilities after it, `(clip class)`. These
#: are on the device: whoever reads them waits for it.
OnEpoch = Callable[[str, int, Tensor], None]
OnNote = Callable[[str], None]


def fit_folds(
    method: NetworkMethod,
    training: Training,
    jobs: Sequence[FoldJob],
    inputs: DeviceInputs,
    *,
    seed: int,
    numerics: Numerics,
    on_epoch: OnEpoch = lambda fold, epoch, probabilities: None,
    on_note: OnNote = lambda note: None,
) -> list[TrainedFold]:
    """The result of each training, in the order of `jobs`; results do not depend on that order.

    As many folds as `numerics.parallel_folds` says are trained at once, if they have equal steps an epoch and their
    network allows it; half as many where memory does not suffice, and those folds start anew. `on_note` receives a
    sentence on either.

    Raises:
        TrainingError: if a network's outputs stop being finite, its results on a GPU cannot be repeated, or memory
            does not suffice for one fold.
    """
    with pinned(numerics):
        return _Folds(method, training, inputs, seed, numerics, on_epoch, on_note).fit_all(jobs)


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

    def fit_all(self, jobs: Sequence[FoldJob]) -> list[TrainedFold]:
        """The result of each training, in the order of `jobs`."""
        kinds = [epoch_shape(self.training, job.info.labels) for job in jobs]
        if self.numerics.compile:
            sizes = [(shape.size, compiled_batches(len(job.held_out))) for shape, job in zip(kinds, jobs, strict=True)]
            self.warm_up([jobs[place] for place in {size: place for place, size in enumerate(sizes)}.values()])
        trained: dict[int, TrainedFold] = {}
        for group in group_folds(kinds, [len(job.held_out) for job in jobs], max(self.numerics.parallel_folds, 1)):
            trained.update(zip(group, self.fit([jobs[place] for place in group]), strict=True))
        shared = self.inputs.shared.held
        while shared is not None and shared.notes:
            self.on_note(shared.notes.pop())  # once, whatever the number of folds that share it
        return [trained[place] for place in range(len(jobs))]

    def fit(self, jobs: Sequence[FoldJob]) -> list[TrainedFold]:
        """The result of each training, at once or in halves."""
        trained = self._attempt(jobs)
        if trained is not None:
            return trained
        memory.release(self.numerics.torch_device)
        half = -(-len(jobs) // 2)
        self.on_note(f"{plural(len(jobs), 'fold')} at once do not fit in memory: {half} are trained at once instead")
        return [*self.fit(jobs[:half]), *self.fit(jobs[half:])]

    def warm_up(self, jobs: Sequence[FoldJob]) -> None:
        """Compile a step and a test for each of these jobs, which differ in how many clips these take."""
        try:
            for job in jobs:
                self._fold(job).warm_up()
        except CannotCompile as error:
            raise TrainingError(
                f"{self.method.name} cannot be compiled by torch here ({error}); train it with --compile no."
            ) from error

    def _attempt(self, jobs: Sequence[FoldJob]) -> list[TrainedFold] | None:
        """The result of each training; None where memory does not suffice: then nothing keeps the first try alive."""
        try:
            if self.numerics.parallelism == "graphed":
                return self._graphed(jobs)
            return self._serial(jobs) if len(jobs) == 1 else self._parallel(jobs)
        except (RuntimeError, MemoryError) as error:
            self._require_deterministic(error)
            if not memory.is_out_of_memory(error):
                raise
            if len(jobs) > 1:
                return None
            raise TrainingError(
                f"{self.method.name}, fold {jobs[0].name}: the memory of {self.numerics.device} does not suffice "
                "for one fold; set a smaller batch or size, or choose another device."
            ) from error

    def _require_deterministic(self, error: BaseException) -> None:
        if "does not have a deterministic implementation" in str(error):
            operation = str(error).split()[0]
            raise TrainingError(
                f"{self.method.name} calls {operation}, whose results on a GPU differ from run to run; replace it in "
                "the network by operations that are deterministic, or train with --device cpu or --deterministic no."
            ) from error

    def _parallel(self, jobs: Sequence[FoldJob]) -> list[TrainedFold]:
        shared = (self.method, self.training, jobs, self.inputs, self.seed, self.numerics)
        if self.numerics.parallelism == "threaded":
            if uses_global_rng(self._fold(jobs[0])):
                self.on_note(f"{self.method.name} uses torch's global random generator: one fold is trained at a time")
                return self._serial(jobs)
            return fit_threaded(*shared, self.on_epoch)
        try:
            return VmappedTrainer(*shared).fit(self.on_epoch)
        except CannotVmap as why:
            self.on_note(f"{self.method.name} cannot be vmapped ({why}): one fold is trained at a time")
        return self._serial(jobs)

    def _graphed(self, jobs: Sequence[FoldJob]) -> list[TrainedFold]:
        try:
            trainer = GraphedTrainer(self.method, self.training, jobs, self.inputs, self.seed, self.numerics)
            return trainer.fit(self.on_epoch)
        except CannotGraph as why:
            self.on_note(f"{self.method.name} cannot be captured in CUDA graphs ({why}): one fold is trained at a time")
        return self._serial(jobs)

    def _serial(self, jobs: Sequence[FoldJob]) -> list[TrainedFold]:
        return [self._fold(job).fit(self.on_epoch) for job in jobs]

    def _fold(self, job: FoldJob) -> FoldTrainer:
        return FoldTrainer(self.method, self.training, job, self.inputs, self.seed, self.numerics)
