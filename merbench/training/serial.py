"""One fold at a time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import torch
from torch import Tensor, nn

from merbench.entries.recipe import Training
from merbench.method import NetworkMethod, built_network
from merbench.training.compile import compiling, forward_of
from merbench.training.device.inputs import DeviceInputs
from merbench.training.epoch_plan import EpochPlan
from merbench.training.exact_convolutions import with_exact_convolutions
from merbench.training.fine_tuning import RateGroup, freeze, groups_of, to_training
from merbench.training.fold_job import (
    FoldJob,
    TrainedFold,
    batch_of_one_refused,
    load_start,
    require_finite,
    require_logits,
)
from merbench.training.frozen_features import FeatureInputs, Shared, find_shared
from merbench.training.losses import loss_for
from merbench.training.numerics import Numerics
from merbench.training.optim import learning_rates, optimiser_for, set_rate
from merbench.training.pinning import pin
from merbench.training.probabilities import autocast_of, probabilities_of
from merbench.training.randomness import GLOBAL_RNG, seeded, set_generator, torch_seed
from merbench.training.sampling import EpochSampler


class FoldTrainer:
    """One fold's training: its random streams, its learning rates, and its steps."""

    def __init__(
        self,
        method: NetworkMethod,
        training: Training,
        job: FoldJob,
        inputs: DeviceInputs,
        seed: int,
        numerics: Numerics,
    ) -> None:
        self.method, self.training, self.job = method, training, job
        self.inputs, self.seed, self.numerics = inputs.laid_out(numerics), seed, numerics
        self.device = numerics.torch_device
        self.sampler = EpochSampler(training, job, inputs, seed)
        self.rates = learning_rates(training, self.sampler.shape.steps)
        self.groups: tuple[RateGroup, ...] = ()
        self._parted: tuple[nn.Module, DeviceInputs, Callable[..., Tensor]] | None = None
        self.held_out = torch.as_tensor(job.held_out, device=inputs.index_device)
        self.loss = loss_for(training, job.info.labels, len(job.info.classes), self.device, job.info.kind)

    def fit(self, on_epoch: Callable[[str, int, Tensor], None]) -> TrainedFold:
        """The trained fold, under a global random seed of its own, for networks that draw from torch's generators."""
        with seeded(torch_seed(self.seed, self.job.name, "network"), self.device):
            return self._fit(self.build_network(), on_epoch)

    def fit_threaded(self, on_epoch: Callable[[str, int, Tensor], None]) -> TrainedFold:
        """The trained fold, in one of several threads; only for networks that draw nothing from global generators."""
        return self._fit(self.new_network(), on_epoch)

    def new_network(self) -> nn.Module:
        """The network before its first step; torch's global generators are restored."""
        with GLOBAL_RNG, seeded(torch_seed(self.seed, self.job.name, "network"), self.device):
            return self.build_network()

    def build_network(self) -> nn.Module:
        """The network that the method builds, on the device, with dropout from the fold's own stream."""
        pin(self.numerics)
        network = built_network(self.method, self.job.info)
        if self.job.start is not None:
            load_start(self.method.name, self.job, network, self.job.start)
        freeze(network, self.training, self.method.name)
        self.groups = groups_of(network, self.training, self.method, self.job.info)
        pin(self.numerics)  # the method's code may have changed torch's settings
        network = network.to(self.device, self.numerics.dtype)
        if self.device.type == "cpu" and self.numerics.autocast:
            network = with_exact_convolutions(network)
        set_generator(network, self.device, torch_seed(self.seed, self.job.name, "dropout"))
        if self.numerics.channels_last is False or any(weight.ndim == 5 for weight in network.parameters()):
            return network  # 3D convolutions have no channels-last layout
        return network.to(memory_format=torch.channels_last)

    def _fit(self, network: nn.Module, on_epoch: Callable[[str, int, Tensor], None]) -> TrainedFold:
        optimiser = optimiser_for(self.training, network.parameters(), self.device, self.groups)
        probabilities = []
        for epoch in range(self.training.epochs):
            self.train_epoch(network, optimiser, epoch)
            probabilities.append(self.held_out_probabilities(network))
            on_epoch(self.job.name, epoch, probabilities[-1])
        by_epoch = torch.stack(probabilities).cpu().numpy()
        require_finite(self.method.name, self.job, by_epoch, self.numerics.precision)
        return TrainedFold(probabilities=by_epoch, network=network)

    def train_epoch(
        self, network: nn.Module, optimiser: torch.optim.Optimizer, epoch: int, most: int | None = None
    ) -> None:
        """Train for an epoch, or its first steps."""
        pin(self.numerics)
        to_training(network, self.training, self.method.name)
        inputs, forward = self.parted(network)
        for step, (views, truth) in enumerate(islice(inputs.batches(self.sampler.epoch()), most)):
            set_rate(optimiser, self.rates[epoch, step], head_alone=epoch < self.training.head_epochs)
            self.step(network, forward, optimiser, views, truth)

    def step(
        self,
        network: nn.Module,
        forward: Callable[..., Tensor],
        optimiser: torch.optim.Optimizer,
        views: tuple[Tensor, ...],
        truth: Tensor,
    ) -> None:
        """Take a step on views `(clip ...)` and labels `(clip)` of some clips."""
        optimiser.zero_grad(set_to_none=True)
        with self.autocast(), batch_of_one_refused(self.method.name, self.job):
            logits = forward(*views)
        require_logits(self.method.name, self.job, tuple(logits.shape), len(truth))
        self.loss(logits.to(self.numerics.dtype), truth).backward()
        if self.training.clip_gradient > 0:
            nn.utils.clip_grad_norm_(network.parameters(), self.training.clip_gradient)
        optimiser.step()

    def warm_up(self) -> None:
        """Take a step of a throw-away network and test it, which compiles what all folds share.

        Raises:
            CannotCompile: if torch's compiler fails.
        """
        threads = torch.get_num_threads()
        torch.set_num_threads(self.numerics.threads)  # compiled code depends on it
        try:
            network = self.new_network()
            optimiser = optimiser_for(self.training, network.parameters(), self.device, self.groups)
            with compiling():
                self.train_epoch(network, optimiser, 0, 1)
                self.held_out_probabilities(network)
        finally:
            torch.set_num_threads(threads)

    def sample_plan(self) -> EpochPlan:
        """A plan of an epoch for checks and measurements; the training's own random streams are not touched."""
        return EpochSampler(self.training, self.job, self.inputs, self.seed).epoch()

    def autocast(self) -> torch.autocast:
        """A block in which the forward pass runs in the precision of the run."""
        return autocast_of(self.numerics)

    def held_out_probabilities(self, network: nn.Module) -> Tensor:
        """Probabilities `(clip class)` of the held-out clips."""
        inputs, forward = self.parted(network)
        compiled, kind = bool(self.numerics.compile), self.job.info.kind
        network.eval()
        return probabilities_of(forward, inputs, self.held_out, self.numerics, kind, compiled=compiled)

    def parted(self, network: nn.Module) -> tuple[DeviceInputs, Callable[..., Tensor]]:
        """What a network before its first step is trained on, and its forward pass on that.

        Where what its frozen part gives of the clips is known, that is what the rest of it is trained on.
        """
        if self._parted is None or self._parted[0] is not network:
            shared = self.shared(network)
            if shared is None or shared.prefix is None or shared.table is None:
                self._parted = network, self.inputs, forward_of(network, bool(self.numerics.compile))
            else:
                inputs = FeatureInputs(self.inputs, shared, network, self.numerics)
                self._parted = network, inputs, shared.prefix.rest(network)
        return self._parted[1:]

    def shared(self, network: nn.Module) -> Shared | None:
        """The part of a network before its first step that is fixed by this training, and computed once for all."""
        if not self.numerics.frozen_once or self.numerics.compile or not self.training.frozen:
            return None
        key = (self.method.name, self.training.frozen, self.training.frozen_statistics, self.numerics)
        return self.inputs.shared.get(
            lambda held: held.serves(network, key),
            lambda: find_shared(self.new_network, self._to_training, self.inputs, self.numerics, key),
        )

    def _to_training(self, network: nn.Module) -> None:
        to_training(network, self.training, self.method.name)
