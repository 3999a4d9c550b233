"""Several folds at once: their weights stacked in one tensor each, every operation done for all of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call, vmap

from merbench.entries.recipe import Training
from merbench.errors import TrainingError
from merbench.method import NetworkMethod
from merbench.training.device.inputs import DeviceInputs
from merbench.training.device.transfer import placed
from merbench.training.draws import together
from merbench.training.fold_job import FoldTask, Trained, require_finite, require_logits
from merbench.training.losses import class_weights, loss
from merbench.training.network_equality import difference
from merbench.training.numerics import Numerics
from merbench.training.optim import optimiser_for, set_rate
from merbench.training.randomness import hand_generators, torch_seed
from merbench.training.serial import WATCH_BATCH, Fold
from merbench.training.vmap_autocast import Mixed


class CannotStack(Exception):
    """Raised for networks that `vmap` cannot run as one; folds of such are trained otherwise."""


class Stack:
    """Folds with equal steps an epoch, trained as one: each with its own draws, statistics and optimiser state.

    Raises:
        CannotStack: if the networks are unlike each other, or do what `vmap` cannot.
    """

    def __init__(
        self,
        method: NetworkMethod,
        training: Training,
        tasks: Sequence[FoldTask],
        inputs: DeviceInputs,
        seed: int,
        numerics: Numerics,
    ) -> None:
        self.method, self.training, self.tasks = method, training, list(tasks)
        self.inputs, self.seed, self.numerics = inputs, seed, numerics
        self.device = numerics.torch_device
        self.folds = [Fold(method, training, task, inputs, seed, numerics) for task in tasks]
        self.rates = self.folds[0].rates
        self.weights = self._class_weights()
        self.networks = [fold.fresh() for fold in self.folds]
        unlike = [why for network in self.networks[1:] if (why := difference(self.networks[0], network))]
        if unlike:
            raise CannotStack(f"the networks of different folds differ in more than numbers: {unlike[0]}")
        self.template = self.networks[0]
        self.parameters = _stacked([dict(network.named_parameters()) for network in self.networks])
        self.buffers = _stacked([dict(network.named_buffers()) for network in self.networks])
        self._share()
        seeds = [torch_seed(seed, task.name, "dropout") for task in tasks]
        self.generators = hand_generators(self.template, self.device, seeds)
        self.watch, self.watched = self._watch()

    def fit(self, on_epoch: Callable[[str, int, Tensor], None]) -> list[Trained]:
        """What each training left."""
        with quiet():
            return self._fit(on_epoch)

    def _fit(self, on_epoch: Callable[[str, int, Tensor], None]) -> list[Trained]:
        self.check()
        optimiser = optimiser_for(self.training, self.parameters.values(), self.device)
        watched = []
        for epoch in range(self.training.epochs):
            self.train_epoch(optimiser, epoch)
            watched.append(self._probabilities())
            for task, probabilities, count in zip(self.tasks, watched[-1], self.watched, strict=True):
                on_epoch(task.name, epoch, probabilities[:count])
        found = torch.stack(watched, 1).cpu().numpy()  # fold epoch clip class
        return [self._trained(place, found[place]) for place in range(len(self.tasks))]

    def check(self) -> None:
        """Nothing, if a step can be taken and the stack says what each network says; no number of it is changed."""
        state = [generator.get_state() for generator in self.generators]
        buffers = {name: value.clone() for name, value in self.buffers.items()}
        drawn = together([fold.draws_once() for fold in self.folds])
        views, truth = next(self.inputs.batches(drawn))
        with _refusals():
            self._loss(self._logits(views, buffers, train=True), truth).backward()
            self._compare(tuple(view[:, :2] for view in views))
        for parameter in self.parameters.values():
            parameter.grad = None
        for generator, kept in zip(self.generators, state, strict=True):
            generator.set_state(kept)

    def train_epoch(self, optimiser: torch.optim.Optimizer, epoch: int, most: int | None = None) -> None:
        """Train all folds for an epoch, or its first steps."""
        drawn = together([fold.draws.epoch() for fold in self.folds])
        for step, (views, truth) in enumerate(islice(self.inputs.batches(drawn), most)):
            set_rate(optimiser, self.rates[epoch, step])
            optimiser.zero_grad(set_to_none=True)
            self._loss(self._logits(views, self.buffers, train=True), truth).backward()
            if self.training.clip_gradient > 0:
                _clip(self.parameters.values(), self.training.clip_gradient)
            optimiser.step()

    def _logits(self, views: tuple[Tensor, ...], buffers: dict[str, Tensor], *, train: bool) -> Tensor:
        """Logits `(fold clip class)` of views `(fold clip ...)`."""
        self.template.train(train)

        def one(parameters: dict[str, Tensor], buffers: dict[str, Tensor], *views: Tensor) -> Tensor:
            found: Tensor = functional_call(self.template, (parameters, buffers), views)
            return found

        with Mixed() if self.numerics.autocast else nullcontext():
            logits: Tensor = vmap(one)(self.parameters, buffers, *views)
        require_logits(self.method.name, self.tasks[0], tuple(logits.shape[1:]), views[0].shape[1])
        return logits.to(self.numerics.dtype)

    def _loss(self, logits: Tensor, truth: Tensor) -> Tensor:
        """The sum over folds: each one's gradient is that of its own loss."""
        if self.weights is None:
            each = vmap(lambda said, true: loss(self.training, said, true, None))(logits, truth)
        else:
            each = vmap(lambda said, true, weights: loss(self.training, said, true, weights))(
                logits, truth, self.weights
            )
        total: Tensor = each.sum()
        return total

    @torch.no_grad()
    def _probabilities(self) -> Tensor:
        """Probabilities `(fold clip class)` of the watched clips; folds with fewer have some clip again and again."""
        chunks = []
        for clips in self.watch.split(WATCH_BATCH, dim=1):
            views = self.inputs.held_out(clips.reshape(-1))
            views = tuple(view.unflatten(0, clips.shape) for view in views)
            chunks.append(self._logits(views, self.buffers, train=False))
        return torch.softmax(torch.cat(chunks, 1), dim=2).float()

    @torch.no_grad()
    def _compare(self, views: tuple[Tensor, ...]) -> None:
        """Refuse networks whose own logits of a few clips are not those of the stack: they keep state of their own."""
        stacked = self._logits(views, self.buffers, train=False)
        own = []
        for place, network in enumerate(self.networks):
            with self.folds[place].autocast():
                own.append(network.eval()(*(view[place] for view in views)).to(stacked.dtype))
        tolerance = 0.1 if self.numerics.autocast else 1e-3 if stacked.dtype == torch.float32 else 1e-8
        if not torch.allclose(stacked, torch.stack(own), rtol=tolerance, atol=tolerance, equal_nan=True):
            raise CannotStack("stacked, they do not say what each says alone")

    def _trained(self, place: int, probabilities: np.ndarray) -> Trained:
        found = probabilities[:, : self.watched[place]]
        require_finite(self.method.name, self.tasks[place], found)
        network = self.networks[place]
        for name, parameter in network.named_parameters():
            parameter.data = self.parameters[name].detach()[place].clone()
        for name, buffer in network.named_buffers():
            buffer.data = self.buffers[name][place].clone()
        return Trained(probabilities=found, network=network.eval(), packing=len(self.tasks))

    def _share(self) -> None:
        """Let the networks' own tensors be parts of the stacked ones, so that memory holds them once."""
        for place, network in enumerate(self.networks):
            for name, parameter in network.named_parameters():
                parameter.data = self.parameters[name].detach()[place]
            for name, buffer in network.named_buffers():
                buffer.data = self.buffers[name][place]

    def _class_weights(self) -> Tensor | None:
        infos = [task.info for task in self.tasks]
        found = [class_weights(self.training, info.labels, len(info.classes), self.device) for info in infos]
        given = [weights for weights in found if weights is not None]
        return torch.stack(given) if given else None

    def _watch(self) -> tuple[Tensor, list[int]]:
        counts = [len(task.watch) for task in self.tasks]
        padded = np.stack([np.resize(task.watch, max(counts)) for task in self.tasks])
        return placed(padded, self.inputs.index_device), counts


def _stacked(each: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {
        name: torch.stack([tensors[name].detach() for tensors in each]).requires_grad_(first.requires_grad)
        for name, first in each[0].items()
    }


def _clip(parameters: Iterable[Tensor], largest: float) -> None:
    """Scale the gradients of each fold to a norm of at most `largest`, as `clip_grad_norm_` does for one."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norms = torch.stack([torch.linalg.vector_norm(gradient.flatten(1), dim=1) for gradient in gradients])
    scale = (largest / (torch.linalg.vector_norm(norms, dim=0) + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(scale.view(-1, *(1 for _ in gradient.shape[1:])))


@contextmanager
def quiet() -> Iterator[None]:
    """A block in which torch does not warn of operations that it does fold by fold: what that costs is measured."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="There is a performance drop")
        yield


@contextmanager
def _refusals() -> Iterator[None]:
    """A block in which what torch refuses to do for a stack is `CannotStack`."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, NotImplementedError, TypeError, ValueError) as fault:
        if isinstance(fault, TrainingError):
            raise
        raise CannotStack(str(fault).splitlines()[0] if str(fault) else type(fault).__name__) from fault
