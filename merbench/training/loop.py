"""The one loop that trains networks, and keeps what they say of the held-out clips after every epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from merbench.errors import TrainingError
from merbench.method import NetworkMethod, TrainInfo
from merbench.training.augmentation import draw_affine, is_plain
from merbench.training.batches import epoch_order, steps_an_epoch
from merbench.training.device_inputs import DeviceInputs
from merbench.training.losses import loss_for
from merbench.training.numerics import Numerics
from merbench.training.randomness import generator, hand_generator, seeded, torch_seed
from merbench.training.recipe import Training
from merbench.training.schedule import learning_rates

#: Raised whenever the same inputs and seeds would give other numbers than before.
ENGINE_REVISION = 1
_WATCH_BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldTask:
    """One training: positions of the clips trained on and watched, and what is known of those trained on.

    The labels of the watched clips are not here: the engine never has them.
    """

    name: str
    train: npt.NDArray[np.int64]
    watch: npt.NDArray[np.int64]
    info: TrainInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What one training left: probabilities `(epoch clip class)` of the watched clips, and the network."""

    probabilities: npt.NDArray[np.float32]
    network: nn.Module


def fit_folds(
    method: NetworkMethod,
    training: Training,
    tasks: Sequence[FoldTask],
    inputs: DeviceInputs,
    *,
    seed: int,
    numerics: Numerics,
    on_epoch: Callable[[str, int], None] = lambda fold, epoch: None,
) -> list[Trained]:
    """What each training left, in the order of `tasks`; the numbers do not depend on that order.

    Raises:
        TrainingError: if a network's outputs stop being finite.
    """
    return [_Fold(method, training, task, inputs, seed, numerics).fit(on_epoch) for task in tasks]


class _Fold:
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
        self.steps = steps_an_epoch(len(task.train), training.batch)
        self.rates = learning_rates(training, self.steps)
        self.order = generator(seed, task.name, "order")
        self.draws = generator(seed, task.name, "augmentation")
        self.labels = torch.as_tensor(task.info.labels, device=self.device)
        self.train = torch.as_tensor(task.train, device=self.device)
        self.watch = torch.as_tensor(task.watch, device=self.device)
        self.loss = loss_for(training, task.info.labels, len(task.info.classes), self.device)

    def fit(self, on_epoch: Callable[[str, int], None]) -> Trained:
        with seeded(torch_seed(self.seed, self.task.name, "network"), self.device):
            network = self._network()
            optimiser = _optimiser(self.training, network, self.device)
            watched = []
            for epoch in range(self.training.epochs):
                self._train_epoch(network, optimiser, epoch)
                watched.append(self._probabilities(network))
                on_epoch(self.task.name, epoch)
        probabilities = torch.stack(watched).cpu().numpy()
        self._check(probabilities)
        return Trained(probabilities=probabilities, network=network)

    def _network(self) -> nn.Module:
        network = self.method.network(self.task.info).to(self.device, self.numerics.dtype)
        hand_generator(network, self.device, torch_seed(self.seed, self.task.name, "dropout"))
        if any(weight.ndim == 5 for weight in network.parameters()):  # of 3D convolutions, to which it is no layout
            return network
        return network.to(memory_format=torch.channels_last)

    def _train_epoch(self, network: nn.Module, optimiser: torch.optim.Optimizer, epoch: int) -> None:
        network.train()
        order = epoch_order(self.task.info.labels, self.training.batch, self.training.sampling, self.order)
        picks = torch.from_numpy(self.inputs.picks(self.task.train[order], self.draws)).to(self.device)
        affine = self._affine(order.shape)
        positions = torch.from_numpy(order).to(self.device)
        for step in range(self.steps):
            chosen = positions[step]
            views = self.inputs.training(self.train[chosen], picks[step], None if affine is None else affine[step])
            for group in optimiser.param_groups:
                group["lr"] = self.rates[epoch, step]
            self._step(network, optimiser, views, self.labels[chosen])

    def _step(
        self, network: nn.Module, optimiser: torch.optim.Optimizer, views: tuple[Tensor, ...], truth: Tensor
    ) -> None:
        optimiser.zero_grad(set_to_none=True)
        with self._autocast():
            logits = network(*views)
        wanted = (len(truth), len(self.task.info.classes))
        if logits.shape != wanted:
            raise TrainingError(
                f"{self.method.name}, fold {self.task.name}: the network gives {tuple(logits.shape)}, "
                f"but logits must be (clip class) {wanted}."
            )
        self.loss(logits.to(self.numerics.dtype), truth).backward()
        if self.training.clip_gradient > 0:
            nn.utils.clip_grad_norm_(network.parameters(), self.training.clip_gradient)
        optimiser.step()

    def _affine(self, shape: tuple[int, ...]) -> Tensor | None:
        if is_plain(self.training):
            return None
        return torch.from_numpy(draw_affine(self.training, shape, self.inputs.size, self.draws)).to(self.device)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.numerics.autocast)

    @torch.no_grad()
    def _probabilities(self, network: nn.Module) -> Tensor:
        network.eval()
        with self._autocast():
            logits = [network(*self.inputs.held_out(clips)) for clips in self.watch.split(_WATCH_BATCH)]
        return torch.softmax(torch.cat(logits).to(self.numerics.dtype), dim=1).float()

    def _check(self, probabilities: npt.NDArray[np.float32]) -> None:
        finite = np.isfinite(probabilities).all(axis=(1, 2))
        if not finite.all():
            epoch = int(np.argmin(finite)) + 1
            raise TrainingError(
                f"{self.method.name}, fold {self.task.name}: the outputs are not finite after epoch {epoch}; "
                "lower learning_rate, or set precision to float32."
            )


def _optimiser(training: Training, network: nn.Module, device: torch.device) -> torch.optim.Optimizer:
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    rate, decay = training.learning_rate, training.weight_decay
    if training.optimiser == "sgd":
        return torch.optim.SGD(weights, lr=rate, momentum=training.momentum, weight_decay=decay)
    kind = torch.optim.AdamW if training.optimiser == "adamw" else torch.optim.Adam
    return kind(weights, lr=rate, weight_decay=decay, fused=device.type in ("cuda", "cpu"))
