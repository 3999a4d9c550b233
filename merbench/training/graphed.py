"""Folds whose steps are captured once and replayed, for networks whose kernels are shorter than their launches.

A captured step is one launch. It reads and writes fixed places in memory: what differs from step to step, which is the
plan of the step, the learning rate and the masks of dropout, is copied there before each replay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import torch
from torch import Tensor

from merbench.entries.recipe import Training
from merbench.method import NetworkMethod
from merbench.training.device.inputs import DeviceInputs, StepPlan
from merbench.training.fine_tuning import to_training
from merbench.training.fold_job import FoldJob, TrainedFold, require_finite
from merbench.training.masks import MasksAhead
from merbench.training.memory import is_out_of_memory
from merbench.training.numerics import Numerics
from merbench.training.optim import optimiser_for, set_rate
from merbench.training.pinning import pin
from merbench.training.randomness import dropouts
from merbench.training.serial import FoldTrainer
from merbench.training.threaded import uses_global_rng

#: Steps of each size that are taken before one is captured: what a library sets up in its first ones is not replayed.
BEFORE_REPLAY = 2


class CannotGraph(Exception):
    """Raised for networks whose steps cannot be captured; their folds are trained serially."""


class Lane(Protocol):
    """Where one fold is computed, next to others."""

    def use(self) -> AbstractContextManager[object]:
        """A block that computes there."""
        ...

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """What replays the work, which is not done yet."""
        ...

    def join(self) -> None:
        """Have what follows outside of the lane wait for what was begun there."""
        ...


class Stream:
    """A stream of a GPU as a lane, with CUDA graphs."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)
        self._stream.wait_stream(torch.cuda.current_stream(device))

    def use(self) -> AbstractContextManager[object]:
        """A block on this stream."""
        return torch.cuda.stream(self._stream)

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """The replay of a graph in memory of its own."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self._stream):
            work()
        replay: Callable[[], None] = graph.replay
        return replay

    def join(self) -> None:
        """Have the current stream wait for this one."""
        torch.cuda.current_stream(self._device).wait_stream(self._stream)


class Replayed:
    """Work on fixed places in memory: done a few times, then captured, then replayed."""

    def __init__(self, work: Callable[[], None], lane: Lane, masks: Callable[[], Sequence[MasksAhead]]) -> None:
        self._work, self._lane, self._masks = work, lane, masks
        self._left = BEFORE_REPLAY
        self._used: list[MasksAhead] = []
        self._replay: Callable[[], None] | None = None

    def __call__(self) -> None:
        """Do the work once.

        Raises:
            CannotGraph: if it cannot be captured.
        """
        if self._left:
            self._left -= 1
            self._eagerly()
            return
        if self._replay is None:
            self._replay = self._captured()
        for masks in self._used:
            masks.advance()
        self._replay()

    def _eagerly(self) -> None:
        before = {masks: masks.taken for masks in self._masks()}
        self._work()
        times = {masks: masks.taken - before.get(masks, 0) for masks in self._masks()}
        self._used = [masks for masks, count in times.items() if count]
        if max(times.values(), default=0) > 1:
            raise CannotGraph("it calls a layer of dropout several times in a step")

    def _captured(self) -> Callable[[], None]:
        for masks in self._used:
            masks.hold()
        try:
            return self._lane.capture(self._work)
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise
            raise CannotGraph(str(error).splitlines()[0] if str(error) else type(error).__name__) from error


class GraphedFold:
    """One fold in its lane."""

    def __init__(self, fold: FoldTrainer, lane: Lane) -> None:
        self.fold, self.lane = fold, lane
        with lane.use():
            self.network = fold.new_network()
            self.optimiser = optimiser_for(fold.training, self.network.parameters(), fold.device, fold.groups)
            self.inputs, self.forward = fold.parted(self.network)
        self.steps: list[StepPlan] = []
        self._by_size: dict[int, tuple[StepPlan, Replayed]] = {}
        self._probabilities: Tensor | None = None
        self._watch = Replayed(self._evaluate, lane, self._masks)

    def begin_epoch(self) -> int:
        """Draw and send the plan of the next epoch; the number of its steps."""
        pin(self.fold.numerics)
        with self.lane.use():
            self.steps = list(self.fold.inputs.steps(self.fold.sampler.epoch()))
        return len(self.steps)

    def step(self, epoch: int, number: int) -> None:
        """Take a step."""
        plan = self.steps[number]
        with self.lane.use():
            slot, work = self._slot(plan)
            for place, value in zip(slot.tensors, plan.tensors, strict=True):
                place.copy_(value)
            head_alone = epoch < self.fold.training.head_epochs
            set_rate(self.optimiser, self.fold.rates[epoch, number], head_alone=head_alone)
            work()

    def watch(self) -> Tensor:
        """Probabilities `(clip class)` of the held-out clips."""
        with self.lane.use():
            self._watch()
            assert self._probabilities is not None
            return self._probabilities.clone()

    def _slot(self, plan: StepPlan) -> tuple[StepPlan, Replayed]:
        size = len(plan.truth)
        if size not in self._by_size:
            slot = plan.copied()
            self._by_size[size] = slot, Replayed(lambda: self._train(slot), self.lane, self._masks)
        return self._by_size[size]

    def _train(self, slot: StepPlan) -> None:
        to_training(self.network, self.fold.training, self.fold.method.name)
        self.fold.step(self.network, self.forward, self.optimiser, self.inputs.views(slot), slot.truth)

    def _evaluate(self) -> None:
        probabilities = self.fold.held_out_probabilities(self.network)
        if self._probabilities is None:
            self._probabilities = torch.empty_like(probabilities)
        self._probabilities.copy_(probabilities)

    def _masks(self) -> list[MasksAhead]:
        return [masks for layer in dropouts(self.network) for masks in (layer.masks or {}).values()]


class GraphedTrainer:
    """Folds with equal steps an epoch, each with graphs of its own in a lane of its own.

    Raises:
        CannotGraph: if inputs stay on the host, or the network draws from torch's global generator.
    """

    def __init__(
        self,
        method: NetworkMethod,
        training: Training,
        jobs: Sequence[FoldJob],
        inputs: DeviceInputs,
        seed: int,
        numerics: Numerics,
        lane: Callable[[torch.device], Lane] = Stream,
    ) -> None:
        self.method, self.training = method, training
        folds = [FoldTrainer(method, training, job, inputs, seed, numerics) for job in jobs]
        if inputs.index_device != numerics.torch_device:
            raise CannotGraph("inputs stay on the host, whose memory they need")
        if uses_global_rng(folds[0]):
            raise CannotGraph("it uses torch's global random generator")
        self.folds = [GraphedFold(fold, lane(numerics.torch_device)) for fold in folds]

    def fit(self, on_epoch: Callable[[str, int, Tensor], None]) -> list[TrainedFold]:
        """The trained folds: the bits of one fold at a time."""
        watched: list[list[Tensor]] = [[] for _ in self.folds]
        for epoch in range(self.training.epochs):
            self.train_epoch(epoch)
            for each, seen in zip(self.folds, watched, strict=True):
                seen.append(each.watch())
            for each, seen in zip(self.folds, watched, strict=True):
                each.lane.join()
                on_epoch(each.fold.job.name, epoch, seen[-1])
        return [self._trained(each, seen) for each, seen in zip(self.folds, watched, strict=True)]

    def train_epoch(self, epoch: int, most: int | None = None) -> None:
        """Train all folds for an epoch, or its first steps: a step of each in turns, so that lanes are never empty."""
        count = min(each.begin_epoch() for each in self.folds)
        for number in range(count if most is None else min(count, most)):
            for each in self.folds:
                each.step(epoch, number)

    def _trained(self, each: GraphedFold, seen: Sequence[Tensor]) -> TrainedFold:
        by_epoch = torch.stack(list(seen)).cpu().numpy()
        require_finite(self.method.name, each.fold.job, by_epoch, each.fold.numerics.precision)
        each.optimiser.zero_grad(set_to_none=True)  # gradients lie in a graph's memory
        return TrainedFold(probabilities=by_epoch, network=each.network, parallel_folds=len(self.folds))
