"""How many folds are trained at once, in which memory format, and whether compiled: measured on the device."""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

from merbench.entries.recipe import Training
from merbench.method import NetworkMethod
from merbench.plural import plural
from merbench.training import memory
from merbench.training.compile import CannotCompile
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fold_job import FoldJob
from merbench.training.graphed import BEFORE_REPLAY, CannotGraph, GraphedTrainer
from merbench.training.grouping import group_folds
from merbench.training.hardware import available_threads
from merbench.training.numerics import Numerics
from merbench.training.optim import optimiser_for
from merbench.training.pinning import pinned
from merbench.training.sampling import epoch_shape
from merbench.training.serial import FoldTrainer
from merbench.training.threaded import uses_global_rng
from merbench.training.vmapped import CannotVmap, VmappedTrainer, quiet

#: Steps of a run, over all folds, from which on probing is worth its time: it takes some ten steps, so 2 % at most.
WORTH = 500
#: Seconds that a run must last for compiling to be tried: chosen here; MMNet takes two to three minutes to compile.
LONG = 3600.0
#: The speed-up over one fold at a time from which on a setting is chosen: chosen here, above the noise of a probe.
_GAIN = 1.1
#: Share of the free memory that folds may take: chosen here; the rest is for what the probe did not see.
_SHARE = 0.7
#: Folds whose captured steps are replayed at once, each on a stream: chosen here; a GPU runs few small kernels at once.
_STREAMS = 8
#: Timed steps of a probe, after one that is not timed.
_STEPS = 2


def choose_parallelism(
    method: NetworkMethod,
    training: Training,
    jobs: Sequence[FoldJob],
    inputs: DeviceInputs,
    *,
    seed: int,
    numerics: Numerics,
    on_note: Callable[[str], None] = lambda note: None,
) -> Numerics:
    """The numerics with what was left open set to the fastest setting measured.

    One fold at a time where a run is too short for a probe, where nothing gains a tenth, or where a network cannot be
    trained otherwise; compiled only where a run lasts for an hour, by the same rule.
    """
    if not numerics.open:
        return numerics
    serial = numerics.without_autotuning()
    steps = sum(epoch_shape(training, job.info.labels).steps for job in jobs) * training.epochs
    settled = numerics.compile is not None and numerics.channels_last is not None
    if steps < WORTH or (len(jobs) == 1 and settled):
        return serial
    kinds = [epoch_shape(training, job.info.labels) for job in jobs]
    largest = max(group_folds(kinds, [len(job.held_out) for job in jobs], len(jobs)), key=len)
    probe = Probe(method, training, [jobs[place] for place in largest], inputs, seed, serial)
    with pinned(serial):
        if numerics.channels_last is None:
            probe.serial = probe.laid_out()
        chosen = probe.serial if numerics.parallel_folds else probe.best()
        if numerics.compile is None:
            chosen = probe.compiled(chosen, steps)
    how = "at once, compiled" if chosen.compile else "at once"
    on_note(f"{plural(chosen.parallel_folds, 'fold')} {how}" + "".join(f"; {line}" for line in probe.lines))
    return chosen


def fitting(
    method: NetworkMethod, training: Training, job: FoldJob, inputs: DeviceInputs, *, seed: int, numerics: Numerics
) -> tuple[int, int]:
    """Bytes that a step of one fold takes at its worst, and how many such folds fit at once."""
    serial = dataclasses.replace(numerics, parallel_folds=1)
    fold = FoldTrainer(method, training, job, inputs, seed, serial)
    with pinned(serial), memory.peak(serial.torch_device) as peak:
        _stepper(fold)(1)
    return peak.bytes, max(_fitting(peak.bytes, serial.torch_device), 1)


def _fitting(used: int, device: torch.device) -> int:
    memory.release(device)
    return int(_SHARE * memory.free(device) / max(used, 1))


class Probe:
    """A few timed steps of every setting that fits, on throw-away networks."""

    def __init__(
        self,
        method: NetworkMethod,
        training: Training,
        jobs: Sequence[FoldJob],
        inputs: DeviceInputs,
        seed: int,
        serial: Numerics,
    ) -> None:
        self.recipe = (method, training)
        self.jobs, self.inputs, self.seed, self.serial = list(jobs), inputs, seed, serial
        self.device = serial.torch_device
        #: What was measured, for people to read.
        self.lines: list[str] = []

    def laid_out(self) -> Numerics:
        """The numerics of one fold at a time, contiguous where that gains enough over channels last."""
        if not any(weight.ndim == 4 for weight in self._fold(self.jobs[0]).new_network().parameters()):
            return self.serial
        contiguous = dataclasses.replace(self.serial, channels_last=False)
        # twice in turns, the faster of each: another process must not decide
        spent = {numerics: self.seconds(numerics) for numerics in (self.serial, contiguous)}
        spent = {numerics: min(before, self.seconds(numerics)) for numerics, before in spent.items()}
        ratio = spent[contiguous] / spent[self.serial]
        self.lines.append(f"contiguous images take {ratio:.2f} of the time of channels last")
        return contiguous if ratio < 1 / _GAIN else self.serial

    def best(self) -> Numerics:
        """The numerics of the setting that takes least time a fold."""
        used, spent = self._serial()
        most = min(len(self.jobs), _fitting(used, self.device))
        seconds = {self.serial: spent / _GAIN}
        candidates = deque(self._candidates(max(most, 1)))
        while candidates:
            candidate = candidates.popleft()
            try:
                seconds[candidate] = self.seconds(candidate)
            except (CannotVmap, CannotGraph) as why:
                done = "vmapped" if isinstance(why, CannotVmap) else "captured in CUDA graphs"
                self.lines.append(f"{self.recipe[0].name} cannot be {done} ({why})")
                left = [each for each in candidates if each.parallelism != candidate.parallelism]
                candidates = deque(left)
                continue
            except (RuntimeError, MemoryError) as error:
                if not memory.is_out_of_memory(error):
                    raise
            if candidate in seconds:
                share = seconds[candidate] / spent
                how = " in CUDA graphs" if candidate.parallelism == "graphed" else ""
                self.lines.append(f"{candidate.parallel_folds}{how} take {share:.2f} of the time of one by one")
            else:
                self._shrink(candidate, candidates)
        return min(seconds, key=lambda numerics: seconds[numerics])

    def _shrink(self, candidate: Numerics, candidates: deque[Numerics]) -> None:
        """Put half as many folds first in line; of threads, what is still in line is larger and does not fit either."""
        self.lines.append(f"{candidate.parallel_folds} do not fit in memory")
        memory.release(self.device)
        if candidate.parallelism == "threaded":
            candidates.clear()
            return
        half = dataclasses.replace(candidate, parallel_folds=candidate.parallel_folds // 2)
        if half.parallel_folds > 1 and half not in candidates:
            candidates.appendleft(half)

    def compiled(self, setting: Numerics, steps: int) -> Numerics:
        """The setting, compiled if so many steps of a fold last long enough to repay a probe, and it gains enough."""
        if setting.parallel_folds > 1:
            self.lines.append("folds at once are not compiled")
            return setting
        plain = self.seconds(setting)
        if plain * steps < LONG:
            self.lines.append(f"about {plain * steps / 60:.0f} min are too short to try compiling")
            return setting
        faster = dataclasses.replace(setting, compile=True)
        try:
            spent = self.seconds(faster)
        except CannotCompile as why:
            self.lines.append(f"{self.recipe[0].name} cannot be compiled ({why})")
            return setting
        self.lines.append(f"compiled takes {spent / plain:.2f} of the time")
        return faster if spent < plain / _GAIN else setting

    def _serial(self) -> tuple[int, float]:
        """Bytes that one fold takes at its worst, and seconds a step."""
        with memory.peak(self.device) as peak:
            spent = self.seconds(self.serial)
        return peak.bytes, spent

    def _candidates(self, most: int) -> Iterator[Numerics]:
        if self.serial.parallelism == "threaded":
            if uses_global_rng(self._fold(self.jobs[0])):
                self.lines.append(f"{self.recipe[0].name} uses torch's global random generator")
                return
            threads = available_threads()
            counts = sorted({count for count in (2, threads // 2, threads) if 1 < count <= most})
            for count in counts:
                yield dataclasses.replace(self.serial, parallel_folds=count, threads=max(threads // count, 1))
        else:
            for count in sorted({most, min(most, 8)} - {1}, reverse=True):
                yield dataclasses.replace(self.serial, parallel_folds=count)
            if self.device.type == "cuda":
                for count in sorted({min(most, _STREAMS), 1}, reverse=True):
                    yield dataclasses.replace(self.serial, parallel_folds=count, parallelism="graphed")

    def seconds(self, numerics: Numerics) -> float:
        """Seconds a step of one fold, when as many are trained at once as `numerics` say."""
        if numerics.parallelism == "graphed":
            return self._graphed(numerics)
        if numerics.parallel_folds > 1 and numerics.parallelism == "vmapped":
            return self._vmapped(numerics)
        folds = [self._fold(job, numerics) for job in self.jobs[: numerics.parallel_folds]]
        steppers = [_stepper(fold) for fold in folds]

        def steps(stepper: Callable[[int], None], count: int) -> None:
            torch.set_num_threads(numerics.threads)
            stepper(count)

        if numerics.compile:
            folds[0].warm_up()
        with ThreadPoolExecutor(len(folds)) as pool, _timed(self.device) as timer:
            list(pool.map(steps, steppers, [1] * len(folds)))
            timer()
            list(pool.map(steps, steppers, [_STEPS] * len(folds)))
            return timer() / (_STEPS * len(folds))

    def _vmapped(self, numerics: Numerics) -> float:
        trainer = VmappedTrainer(*self.recipe, self.jobs[: numerics.parallel_folds], self.inputs, self.seed, numerics)
        optimiser = optimiser_for(self.recipe[1], trainer.parameters.values(), self.device, trainer.folds[0].groups)
        with quiet(), _timed(self.device) as timer:
            trainer.check()
            trainer.train_epoch(optimiser, 0, 1)
            timer()
            for _ in range(_STEPS):
                trainer.train_epoch(optimiser, 0, 1)
            return timer() / (_STEPS * numerics.parallel_folds)

    def _graphed(self, numerics: Numerics) -> float:
        jobs = self.jobs[: numerics.parallel_folds]
        trainer = GraphedTrainer(*self.recipe, jobs, self.inputs, self.seed, numerics)
        with _timed(self.device) as timer:
            for _ in range(BEFORE_REPLAY + 1):
                trainer.train_epoch(0, 1)
            timer()
            for _ in range(_STEPS):
                trainer.train_epoch(0, 1)
            return timer() / (_STEPS * len(jobs))

    def _fold(self, job: FoldJob, numerics: Numerics | None = None) -> FoldTrainer:
        return FoldTrainer(*self.recipe, job, self.inputs, self.seed, numerics or self.serial)


def _stepper(fold: FoldTrainer) -> Callable[[int], None]:
    network = fold.new_network()
    optimiser = optimiser_for(fold.training, network.parameters(), fold.device, fold.groups)

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
