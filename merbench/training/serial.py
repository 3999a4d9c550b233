"""One fold at a time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from threading import Lock

import torch
from torch import Tensor, nn

from merbench.entries.recipe import Training
from merbench.method import NetworkMethod
from merbench.training.compile import compiling, forward_of
from merbench.training.device.inputs import DeviceInputs
from merbench.training.draws import Draws
from merbench.training.epoch_plan import Drawn
from merbench.training.fold_job import FoldTask, Trained, require_finite, require_logits
from merbench.training.losses import loss_for
from merbench.training.numerics import Numerics
from merbench.training.optim import optimiser_for, set_rate
from merbench.training.randomness import hand_generator, seeded, torch_seed
from merbench.training.schedule import learning_rates

#: Held-out clips that are looked at at once: a choice.
WATCH_BATCH = 64
#: torch's global generators, which initial weights are drawn from, are for one fold at a time.
GLOBAL_DRAWS = Lock()


class Fold:
    """The state of one training."""

    def __init__(
        self,
        method: NetworkMethod,
        training: Training,
        task: FoldTask,
        inputs: DeviceInputs,
        seed: int,
        numerics: Numerics,
    ) -> None:
        self.method, self.training, self.task = method, training, task
        self.inputs, self.seed, self.numerics = inputs, seed, numerics
        self.device = numerics.torch_device
        self.draws = Draws(training, task, inputs, seed)
        self.rates = learning_rates(training, self.draws.steps)
        self.watch = torch.as_tensor(task.watch, device=inputs.index_device)
        self.loss = loss_for(training, task.info.labels, len(task.info.classes), self.device)

    def fit(self, on_epoch: Callable[[str, int, Tensor], None]) -> Trained:
        """What the training leaves, in a block of its own global randomness, for networks that draw from it."""
        with seeded(torch_seed(self.seed, self.task.name, "network"), self.device):
            return self._fit(self.built(), on_epoch)

    def fit_beside(self, on_epoch: Callable[[str, int, Tensor], None]) -> Trained:
        """What the training leaves while others go on; only for networks that draw nothing from global generators."""
        return self._fit(self.fresh(), on_epoch)

    def fresh(self) -> nn.Module:
        """The network before its first step; torch's global generators are left as they were."""
        with GLOBAL_DRAWS, seeded(torch_seed(self.seed, self.task.name, "network"), self.device):
            return self.built()

    def built(self) -> nn.Module:
        """The network as the method makes it, on the device, its dropout fed by the fold's own stream."""
        network = self.method.network(self.task.info).to(self.device, self.numerics.dtype)
        hand_generator(network, self.device, torch_seed(self.seed, self.task.name, "dropout"))
        if any(weight.ndim == 5 for weight in network.parameters()):  # of 3D convolutions, to which it is no layout
            return network
        return network.to(memory_format=torch.channels_last)

    def _fit(self, network: nn.Module, on_epoch: Callable[[str, int, Tensor], None]) -> Trained:
        optimiser = optimiser_for(self.training, network.parameters(), self.device)
        watched = []
        for epoch in range(self.training.epochs):
            self.train_epoch(network, optimiser, epoch)
            watched.append(self.watched(network))
            on_epoch(self.task.name, epoch, watched[-1])
        probabilities = torch.stack(watched).cpu().numpy()
        require_finite(self.method.name, self.task, probabilities)
        return Trained(probabilities=probabilities, network=network)

    def train_epoch(
        self, network: nn.Module, optimiser: torch.optim.Optimizer, epoch: int, most: int | None = None
    ) -> None:
        """Train for an epoch, or its first steps."""
        network.train()
        forward = forward_of(network, bool(self.numerics.compiled))
        for step, (views, truth) in enumerate(islice(self.inputs.batches(self.draws.epoch()), most)):
            set_rate(optimiser, self.rates[epoch, step])
            self._step(network, forward, optimiser, views, truth)

    def _step(
        self,
        network: nn.Module,
        forward: Callable[..., Tensor],
        optimiser: torch.optim.Optimizer,
        views: tuple[Tensor, ...],
        truth: Tensor,
    ) -> None:
        optimiser.zero_grad(set_to_none=True)
        with self.autocast():
            logits = forward(*views)
        require_logits(self.method.name, self.task, tuple(logits.shape), len(truth))
        self.loss(logits.to(self.numerics.dtype), truth).backward()
        if self.training.clip_gradient > 0:
            nn.utils.clip_grad_norm_(network.parameters(), self.training.clip_gradient)
        optimiser.step()

    def rehearse(self) -> None:
        """Nothing but a step of a throw-away network, which compiles what all folds share; threads must not compile.

        Raises:
            CannotCompile: if torch's compiler fails.
        """
        threads = torch.get_num_threads()
        torch.set_num_threads(self.numerics.threads)  # which is part of what is compiled for
        try:
            network = self.fresh()
            optimiser = optimiser_for(self.training, network.parameters(), self.device)
            with compiling():
                self.train_epoch(network, optimiser, 0, 1)
        finally:
            torch.set_num_threads(threads)

    def draws_once(self) -> Drawn:
        """An epoch as it may be drawn, which is not one of those trained on: for checks and measurements."""
        return Draws(self.training, self.task, self.inputs, self.seed).epoch()

    def autocast(self) -> torch.autocast:
        """A block in which the forward pass runs in the precision of the run."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.numerics.autocast)

    @torch.no_grad()
    def watched(self, network: nn.Module) -> Tensor:
        """Probabilities `(clip class)` of the held-out clips."""
        network.eval()
        with self.autocast():
            logits = [network(*self.inputs.held_out(clips)) for clips in self.watch.split(WATCH_BATCH)]
        return torch.softmax(torch.cat(logits).to(self.numerics.dtype), dim=1).float()
