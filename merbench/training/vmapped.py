"""Several folds at once: their weights stacked in one tensor each, every operation applied to all of them."""

from __future__ import annotations

import dataclasses
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
from merbench.kind_names import SINGLE_NAME
from merbench.method import NetworkMethod
from merbench.training.device.inputs import DeviceInputs
from merbench.training.device.transfer import array_to
from merbench.training.fine_tuning import to_training
from merbench.training.fold_job import FoldJob, TrainedFold, require_finite, require_logits
from merbench.training.frozen_features import FeatureInputs
from merbench.training.frozen_prefix import Prefix
from merbench.training.losses import cross_entropies, loss, weights_for
from merbench.training.memory import is_out_of_memory
from merbench.training.network_equality import difference
from merbench.training.numerics import Numerics
from merbench.training.optim import optimiser_for, set_rate
from merbench.training.pinning import pin
from merbench.training.probabilities import HELD_OUT_BATCH, activated
from merbench.training.randomness import draw_ahead, set_generators, torch_seed
from merbench.training.sampling import stack_plans
from merbench.training.serial import FoldTrainer
from merbench.training.vmap_autocast import VmapAutocast
from merbench.training.vmap_layers import VmapLayers


class CannotVmap(Exception):
    """Raised for networks that `vmap` cannot run as one; their folds are trained serially."""


class VmappedTrainer:
    """Folds with equal steps an epoch, trained as one: each with its own draws, statistics and optimiser state.

    Raises:
        CannotVmap: if the networks differ in structure, or do what `vmap` cannot.
    """

    def __init__(
        self,
        method: NetworkMethod,
        training: Training,
        jobs: Sequence[FoldJob],
        inputs: DeviceInputs,
        seed: int,
        numerics: Numerics,
    ) -> None:
        self.method, self.training, self.jobs = method, training, list(jobs)
        # the channels of all folds lie side by side, so channels last would keep those of one fold apart
        self.seed, self.numerics = seed, dataclasses.replace(numerics, channels_last=False)
        self.device = numerics.torch_device
        self.folds = [FoldTrainer(method, training, job, inputs, seed, self.numerics) for job in jobs]
        self.inputs = self.folds[0].inputs
        self.rates = self.folds[0].rates
        self.kind = self.jobs[0].info.kind
        self.weights = self._class_weights()
        self.networks = [fold.new_network() for fold in self.folds]
        differences = [why for network in self.networks[1:] if (why := difference(self.networks[0], network))]
        if differences:
            raise CannotVmap(
                f"the networks of different folds differ in more than the values of their tensors: {differences[0]}"
            )
        self.template = self.networks[0]
        self.prefix = self._shared_prefix()
        self.parameters = _stacked([dict(network.named_parameters()) for network in self.networks])
        self.buffers = _stacked([dict(network.named_buffers()) for network in self.networks])
        self._share()
        seeds = [torch_seed(seed, job.name, "dropout") for job in jobs]
        self.generators = set_generators(self.template, self.device, seeds)
        self.held_out, self.held_out_counts = self._held_out()

    def fit(self, on_epoch: Callable[[str, int, Tensor], None]) -> list[TrainedFold]:
        """The trained folds."""
        with quiet():
            return self._fit(on_epoch)

    def _fit(self, on_epoch: Callable[[str, int, Tensor], None]) -> list[TrainedFold]:
        self.check()
        optimiser = optimiser_for(self.training, self.parameters.values(), self.device, self.folds[0].groups)
        probabilities = []
        for epoch in range(self.training.epochs):
            self.train_epoch(optimiser, epoch)
            probabilities.append(self._probabilities())
            for job, own, count in zip(self.jobs, probabilities[-1], self.held_out_counts, strict=True):
                on_epoch(job.name, epoch, own[:count])
        by_fold = torch.stack(probabilities, 1).cpu().numpy()  # fold epoch clip class
        return [self._trained(place, by_fold[place]) for place in range(len(self.jobs))]

    def check(self) -> None:
        """Check that a step can be taken and gives the same logits as each network by itself; no weight is changed.

        Raises:
            CannotVmap: if not.
        """
        state = [generator.get_state() for generator in self.generators]
        buffers = {name: value.clone() for name, value in self.buffers.items()}
        plan = stack_plans([fold.sample_plan() for fold in self.folds])
        views, truth = next(self.inputs.batches(plan))
        with _refusals():
            self._loss(self._logits(views, buffers, train=True), truth).backward()
            self._compare(tuple(view[:, :2] for view in views))
        for parameter in self.parameters.values():
            parameter.grad = None
        for generator, before in zip(self.generators, state, strict=True):
            generator.set_state(before)
        draw_ahead(self.template, self.device.type == "cuda")

    def train_epoch(self, optimiser: torch.optim.Optimizer, epoch: int, most: int | None = None) -> None:
        """Train all folds for an epoch, or its first steps."""
        pin(self.numerics)
        plan = stack_plans([fold.sampler.epoch() for fold in self.folds])
        for step, (views, truth) in enumerate(islice(self.inputs.batches(plan), most)):
            set_rate(optimiser, self.rates[epoch, step], head_alone=epoch < self.training.head_epochs)
            optimiser.zero_grad(set_to_none=True)
            self._loss(self._logits(views, self.buffers, train=True), truth).backward()
            if self.training.clip_gradient > 0:
                _clip(self.parameters.values(), self.training.clip_gradient)
            optimiser.step()

    def _logits(self, views: tuple[Tensor, ...], buffers: dict[str, Tensor], *, train: bool) -> Tensor:
        """Logits `(fold clip class)` of views `(fold clip ...)`."""
        if train:
            to_training(self.template, self.training, self.method.name)
        else:
            self.template.eval()

        def one(parameters: dict[str, Tensor], buffers: dict[str, Tensor], *views: Tensor) -> Tensor:
            def run(*views: Tensor) -> Tensor:
                output: Tensor = functional_call(self.template, (parameters, buffers), views)
                return output

            return run(*views) if self.prefix is None else self.prefix.rest(self.template, run)(*views)

        with VmapLayers(), VmapAutocast() if self.numerics.autocast else nullcontext():
            logits: Tensor = vmap(one)(self.parameters, buffers, *views)
        require_logits(self.method.name, self.jobs[0], tuple(logits.shape[1:]), views[0].shape[1])
        return logits.to(self.numerics.dtype)

    def _loss(self, logits: Tensor, truth: Tensor) -> Tensor:
        """The sum over folds: each one's gradient is that of its own loss."""
        kind, training = self.kind, self.training
        if self.weights is None and training.loss == "cross-entropy" and kind == SINGLE_NAME:
            each = cross_entropies(training, logits, truth)
        elif self.weights is None:
            each = vmap(lambda logits, truth: loss(training, logits, truth, None, kind))(logits, truth)
        else:
            each = vmap(lambda logits, truth, weights: loss(training, logits, truth, weights, kind))(
                logits, truth, self.weights
            )
        total: Tensor = each.sum()
        return total

    @torch.no_grad()
    def _probabilities(self) -> Tensor:
        """Probabilities `(fold clip class)` of the held-out clips; folds with fewer repeat some."""
        chunks = []
        for clips in self.held_out.split(HELD_OUT_BATCH, dim=1):
            views = self.inputs.held_out(clips.reshape(-1))
            views = tuple(view.unflatten(0, clips.shape) for view in views)
            chunks.append(self._logits(views, self.buffers, train=False))
        return activated(torch.cat(chunks, 1), self.kind).float()

    @torch.no_grad()
    def _compare(self, views: tuple[Tensor, ...]) -> None:
        """Refuse networks whose own logits of a few clips differ from vmapped ones: they keep state of their own."""
        stacked = self._logits(views, self.buffers, train=False)
        own = []
        for place, network in enumerate(self.networks):
            with self.folds[place].autocast():
                network.eval()
                forward = network if self.prefix is None else self.prefix.rest(network)
                own.append(forward(*(view[place].clone() for view in views)).to(stacked.dtype))
        tolerance = 0.1 if self.numerics.autocast else 1e-3 if stacked.dtype == torch.float32 else 1e-8
        if not torch.allclose(stacked, torch.stack(own), rtol=tolerance, atol=tolerance, equal_nan=True):
            raise CannotVmap("vmapped logits differ from those of each network by itself")

    def _trained(self, place: int, probabilities: np.ndarray) -> TrainedFold:
        own = probabilities[:, : self.held_out_counts[place]]
        require_finite(self.method.name, self.jobs[place], own, self.numerics.precision)
        network = self.networks[place]
        for name, parameter in network.named_parameters():
            parameter.data = self.parameters[name].detach()[place].clone()
        for name, buffer in network.named_buffers():
            buffer.data = self.buffers[name][place].clone()
        return TrainedFold(probabilities=own, network=network.eval(), parallel_folds=len(self.jobs))

    def _share(self) -> None:
        """Make the networks' own tensors views of the stacked ones, so that memory holds them once."""
        for place, network in enumerate(self.networks):
            for name, parameter in network.named_parameters():
                parameter.data = self.parameters[name].detach()[place]
            for name, buffer in network.named_buffers():
                buffer.data = self.buffers[name][place]

    def _shared_prefix(self) -> Prefix | None:
        """The fixed part of the networks, if they agree in it; then the inputs are what it gives of the clips."""
        first = self.folds[0]
        shared = first.shared(self.template)
        if shared is None or shared.prefix is None:
            return None
        if not all(shared.serves(network, shared.key) for network in self.networks[1:]):
            return None
        self.inputs = FeatureInputs(self.inputs, shared, self.template, self.numerics)
        return shared.prefix

    def _class_weights(self) -> Tensor | None:
        infos = [job.info for job in self.jobs]
        by_fold = [weights_for(self.training, info.labels, len(info.classes), self.device, self.kind) for info in infos]
        weighted = [weights for weights in by_fold if weights is not None]
        return torch.stack(weighted) if weighted else None

    def _held_out(self) -> tuple[Tensor, list[int]]:
        counts = [len(job.held_out) for job in self.jobs]
        padded = np.stack([np.resize(job.held_out, max(counts)) for job in self.jobs])
        return array_to(padded, self.inputs.index_device), counts


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
    """A block without torch's warnings on operations that it runs fold by fold: autotuning measures what they cost."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="There is a performance drop")
        yield


@contextmanager
def _refusals() -> Iterator[None]:
    """A block in which torch's refusals to vmap an operation become `CannotVmap`."""
    try:
        yield
    except (RuntimeError, NotImplementedError, TypeError, ValueError) as error:
        if isinstance(error, TrainingError) or is_out_of_memory(error):
            raise
        raise CannotVmap(str(error).splitlines()[0] if str(error) else type(error).__name__) from error
