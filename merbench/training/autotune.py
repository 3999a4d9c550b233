"""How many folds are trained at once, and whether compiled: by trial on the device and the network, never by name."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

from merbench.entries.recipe import Training
from merbench.method import NetworkMethod
from merbench.training import memory
from merbench.training.compile import CannotCompile
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fold_job import FoldTask
from merbench.training.grouping import kind_of, packs
from merbench.training.numerics import Numerics, applied, own_threads
from merbench.training.optim import optimiser_for
from merbench.training.serial import Fold
from merbench.training.threaded import draws_globally
from merbench.training.vmapped import CannotStack, Stack, quiet

#: Steps of a run, over all folds, from which on a trial is worth its time: it takes some ten, so 2 % at most.
WORTH = 500
#: Seconds that a run must last for compiling to be tried: a choice; MMNet is compiled in two to three minutes.
LONG = 3600.0
#: What a way must gain on one fold at a time to be chosen: a choice, above what repeated trials differ by.
_GAIN = 1.1
#: Of the memory that is free, what folds may take together: a choice; the rest is for what the trial did not see.
_SHARE = 0.7
#: Steps of a trial that are timed, after one that is not.
_STEPS = 2


def choose_packing(
    method: NetworkMethod,
    training: Training,
    tasks: Sequence[FoldTask],
    inputs: DeviceInputs,
    *,
    seed: int,
    numerics: Numerics,
    on_note: Callable[[str], None] = lambda note: None,
) -> Numerics:
    """The numerics with what was left open measured: what takes least time.

    One fold at a time where a run is too short for a trial, where nothing gains a tenth, or where a network cannot be
    trained otherwise; compiled only where a run lasts for an hour, on the same terms.
    """
    if not numerics.open:
        return numerics
    alone = numerics.unmeasured()
    steps = sum(kind_of(training, len(task.train))[1] for task in tasks) * training.epochs
    if steps < WORTH or (len(tasks) == 1 and numerics.compiled is not None):
        return alone
    kinds = [kind_of(training, len(task.train)) for task in tasks]
    largest = max(packs(kinds, [len(task.watch) for task in tasks], len(tasks)), key=len)
    trial = Trial(method, training, [tasks[place] for place in largest], inputs, seed, alone)
    with applied(alone):
        found = alone if numerics.packing else trial.best()
        if numerics.compiled is None:
            found = trial.compiled(found, steps)
    how = "folds at once, compiled" if found.compiled else "folds at once"
    on_note(f"{found.packing} {how}" + "".join(f"; {line}" for line in trial.lines))
    return found


class Trial:
    """A few steps in every way that fits, on throw-away networks."""

    def __init__(
        self,
        method: NetworkMethod,
        training: Training,
        tasks: Sequence[FoldTask],
        inputs: DeviceInputs,
        seed: int,
        alone: Numerics,
    ) -> None:
        self.given = (method, training)
        self.tasks, self.inputs, self.seed, self.alone = list(tasks), inputs, seed, alone
        self.device = alone.torch_device
        #: What was found, for people.
        self.lines: list[str] = []

    def best(self) -> Numerics:
        """The numerics of the way that takes least time a fold."""
        used, spent = self._alone()
        most = min(len(self.tasks), int(_SHARE * memory.free(self.device) / max(used, 1)))
        found = {self.alone: spent / _GAIN}
        for candidate in self._candidates(max(most, 1)):
            try:
                found[candidate] = self.seconds(candidate)
            except CannotStack as why:
                self.lines.append(f"{self.given[0].name} cannot be stacked ({why})")
                break
            except torch.OutOfMemoryError:
                break
            self.lines.append(f"{candidate.packing} take {found[candidate] / spent:.2f} of the time of one by one")
        return min(found, key=lambda numerics: found[numerics])

    def compiled(self, way: Numerics, steps: int) -> Numerics:
        """That way compiled, if so many steps of a fold last long enough to repay a trial, and it gains enough."""
        if way.packing > 1:
            self.lines.append("folds at once are not compiled")
            return way
        plain = self.seconds(way)
        if plain * steps < LONG:
            self.lines.append(f"about {plain * steps / 60:.0f} min are too short to try compiling")
            return way
        faster = dataclasses.replace(way, compiled=True)
        try:
            spent = self.seconds(faster)
        except CannotCompile as why:
            self.lines.append(f"{self.given[0].name} cannot be compiled ({why})")
            return way
        self.lines.append(f"compiled takes {spent / plain:.2f} of the time")
        return faster if spent < plain / _GAIN else way

    def _alone(self) -> tuple[int, float]:
        """Bytes that one fold takes at its worst, and seconds a step."""
        with memory.peak(self.device) as peak:
            spent = self.seconds(self.alone)
        return peak.bytes, spent

    def _candidates(self, most: int) -> Iterator[Numerics]:
        if self.alone.together == "beside":
            if draws_globally(self._fold(self.tasks[0])):
                self.lines.append(f"{self.given[0].name} draws randomness of its own")
                return
            counts = sorted({count for count in (2, own_threads() // 2, own_threads()) if 1 < count <= most})
            for count in counts:
                yield dataclasses.replace(self.alone, packing=count, threads=max(own_threads() // count, 1))
        else:
            for count in sorted({most, min(most, 8)} - {1}, reverse=True):
                yield dataclasses.replace(self.alone, packing=count)

    def seconds(self, numerics: Numerics) -> float:
        """Seconds a step of one fold, when as many are trained at once as `numerics` say."""
        if numerics.packing > 1 and numerics.together == "stacked":
            return self._stacked(numerics)
        folds = [self._fold(task, numerics) for task in self.tasks[: numerics.packing]]
        steppers = [_stepper(fold) for fold in folds]

        def steps(stepper: Callable[[int], None], count: int) -> None:
            torch.set_num_threads(numerics.threads)
            stepper(count)

        if numerics.compiled:
            folds[0].rehearse()
        with ThreadPoolExecutor(len(folds)) as pool, _timed(self.device) as timer:
            list(pool.map(steps, steppers, [1] * len(folds)))
            timer()
            list(pool.map(steps, steppers, [_STEPS] * len(folds)))
            return timer() / (_STEPS * len(folds))

    def _stacked(self, numerics: Numerics) -> float:
        stack = Stack(*self.given, self.tasks[: numerics.packing], self.inputs, self.seed, numerics)
        optimiser = optimiser_for(self.given[1], stack.parameters.values(), self.device)
        with quiet(), _timed(self.device) as timer:
            stack.check()
            stack.train_epoch(optimiser, 0, 1)
            timer()
            for _ in range(_STEPS):
                stack.train_epoch(optimiser, 0, 1)
            return timer() / (_STEPS * numerics.packing)

    def _fold(self, task: FoldTask, numerics: Numerics | None = None) -> Fold:
        return Fold(*self.given, task, self.inputs, self.seed, numerics or self.alone)


def _stepper(fold: Fold) -> Callable[[int], None]:
    network = fold.fresh()
    optimiser = optimiser_for(fold.training, network.parameters(), fold.device)

    def step(count: int) -> None:
        for _ in range(count):
            fold.train_epoch(network, optimiser, 0, 1)

    return step


@contextmanager
def _timed(device: torch.device) -> Iterator[Callable[[], float]]:
    """A function that gives the seconds since it was called before, when the device is done."""
    last = [time.perf_counter()]

    def timer() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        before, last[0] = last[0], time.perf_counter()
        return last[0] - before

    yield timer
