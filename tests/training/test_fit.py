"""The loop: equal numbers for equal seeds, whatever runs beside it, and a sentence when a training fails."""

import dataclasses
import random
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from merbench.errors import TrainingError
from merbench.inputs import Frames, Inputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training.fit import FoldJob, TrainedFold

Fit = Callable[..., list[TrainedFold]]


class Made(NetworkMethod):
    """A method that builds whatever network a test wants."""

    name = "made"
    title = "Made for a test"
    family = "image network"

    def __init__(self, build: Callable[[TrainInfo], nn.Module]) -> None:
        super().__init__()
        self.build = build

    def inputs(self) -> Inputs:
        return Inputs(frames=Frames(at=("onset", "apex"), size=(8, 8)))

    def network(self, train: TrainInfo) -> nn.Module:
        return self.build(train)


class Recording(nn.Module):
    """Logits from one weight; it notes what it is called with."""

    def __init__(self, classes: int = 2) -> None:
        super().__init__()
        self.head = nn.Linear(3, classes)
        self.batches: list[tuple[bool, int]] = []
        self.autocast: list[bool] = []

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        self.batches.append((self.training, len(apex)))
        self.autocast.append(torch.is_autocast_enabled("cpu"))
        logits: Tensor = self.head(apex.mean((2, 3)))
        return logits


class Failing(Recording):
    """Says NaN once it was watched a number of times."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after, self.watched = after, 0

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        logits = super().forward(onset, apex)
        self.watched += not self.training
        return logits * float("nan") if self.watched > self.after else logits


def bits(trained: list[TrainedFold]) -> list[bytes]:
    return [each.probabilities.tobytes() for each in trained]


def test_probabilities_of_the_watched_clips_after_every_epoch(fit: Fit, tasks: list[FoldJob]) -> None:
    for trained in fit(tasks):
        assert trained.probabilities.shape == (3, 4, 2)
        assert trained.probabilities.dtype == np.float32
        np.testing.assert_allclose(trained.probabilities.sum(2), 1, atol=1e-6)
        assert not np.array_equal(trained.probabilities[0], trained.probabilities[1])


def test_the_planted_class_is_learnt(fit: Fit, tasks: list[FoldJob]) -> None:
    for trained, task in zip(fit(tasks, epochs=30), tasks, strict=True):
        assert (trained.probabilities[-1].argmax(1) == task.held_out % 2).all()


def test_a_repetition_is_equal_to_the_bit(fit: Fit, tasks: list[FoldJob]) -> None:
    assert bits(fit(tasks)) == bits(fit(tasks))


def test_numbers_do_not_depend_on_the_order_or_company_of_folds(fit: Fit, tasks: list[FoldJob]) -> None:
    together = bits(fit(tasks))
    assert bits(fit(tasks[::-1]))[::-1] == together
    assert [bits(fit([task]))[0] for task in tasks] == together


def test_numbers_depend_on_the_seed_and_the_fold(fit: Fit, tasks: list[FoldJob]) -> None:
    renamed = dataclasses.replace(tasks[0], name="another")
    assert len({*bits(fit([tasks[0], renamed])), *bits(fit(tasks[:1], seed=1))}) == 3


def test_numbers_do_not_depend_on_global_randomness(fit: Fit, tasks: list[FoldJob]) -> None:
    one = bits(fit(tasks[:1]))
    torch.rand(100)
    np.random.default_rng().random(100)
    assert bits(fit(tasks[:1])) == one


def test_global_randomness_is_left_as_it_was(fit: Fit, tasks: list[FoldJob]) -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].tobytes(), random.getstate()  # noqa: NPY002
    fit(tasks[:1])
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tobytes() == before[1]  # noqa: NPY002
    assert random.getstate() == before[2]


def test_a_task_has_no_place_for_labels_of_held_out_clips() -> None:
    assert [field.name for field in dataclasses.fields(FoldJob)] == ["name", "train", "held_out", "info", "start"]
    assert [field.name for field in dataclasses.fields(TrainInfo)] == [
        "classes", "labels", "subjects", "action_units", "kind",
    ]  # fmt: skip


def test_labels_of_held_out_clips_change_nothing(fit: Fit, make_task: Callable[..., FoldJob]) -> None:
    watch = range(4)
    poisoned = np.arange(16) % 2
    poisoned[:4] = 1 - poisoned[:4]
    assert bits(fit([make_task("d/0", watch)])) == bits(fit([make_task("d/0", watch, poisoned)]))
    poisoned[4] = 1 - poisoned[4]
    assert bits(fit([make_task("d/0", watch)])) != bits(fit([make_task("d/0", watch, poisoned)]))


def test_watching_changes_nothing(fit: Fit, make_task: Callable[..., FoldJob]) -> None:
    task = make_task("d/0", range(4))
    half = dataclasses.replace(task, held_out=task.held_out[:2])
    [whole], [part] = fit([task]), fit([half])
    np.testing.assert_allclose(whole.probabilities[:, :2], part.probabilities, atol=1e-6)
    for one, two in zip(whole.network.parameters(), part.network.parameters(), strict=True):
        assert torch.equal(one, two)


def test_every_step_has_as_many_clips_and_epochs_are_told(fit: Fit, tasks: list[FoldJob]) -> None:
    network, told = Recording(), []
    fit(tasks[:1], Made(lambda train: network), on_epoch=lambda fold, epoch, _: told.append((fold, epoch)), epochs=2)
    assert network.batches == [(True, 5), (True, 5), (True, 5), (False, 4)] * 2  # 12 training clips, 5 a step
    assert told == [("d/0", 0), ("d/0", 1)]


def test_a_batch_larger_than_the_fold_is_the_fold(fit: Fit, tasks: list[FoldJob]) -> None:
    network = Recording()
    fit(tasks[:1], Made(lambda train: network), epochs=1, batch=500)
    assert network.batches == [(True, 12), (False, 4)]


def test_the_network_is_told_of_its_training_clips_alone(fit: Fit, tasks: list[FoldJob]) -> None:
    told: list[TrainInfo] = []

    def build(train: TrainInfo) -> nn.Module:
        told.append(train)
        return Recording()

    fit(tasks[:1], Made(build))
    assert told == [tasks[0].info]


@pytest.mark.parametrize("after", [0, 1, 2])
def test_outputs_that_are_not_finite_are_refused_with_fold_and_epoch(
    fit: Fit, tasks: list[FoldJob], after: int
) -> None:
    with pytest.raises(TrainingError) as refused:
        fit(tasks[:1], Made(lambda train: Failing(after)))
    assert str(refused.value) == (
        f"made, fold d/0: the outputs are not finite after epoch {after + 1}; lower learning_rate."
    )


def test_a_training_that_diverges_is_refused(fit: Fit, tasks: list[FoldJob]) -> None:
    def large(train: TrainInfo) -> nn.Module:
        network = Recording()
        nn.init.constant_(network.head.weight, 1e30)
        return network

    with pytest.raises(TrainingError, match=r"fold d/0: the outputs are not finite after epoch \d+;"):
        fit(tasks[:1], Made(large), learning_rate=10.0, optimiser="sgd", weight_decay=10.0, epochs=20)


@pytest.mark.parametrize("classes", [1, 3])
def test_a_network_of_other_classes_is_refused_before_it_is_trained(
    fit: Fit, tasks: list[FoldJob], classes: int
) -> None:
    network = Recording(classes)
    with pytest.raises(TrainingError, match="made, fold d/0"):
        fit(tasks[:1], Made(lambda train: network))
    assert len(network.batches) <= 1


def test_gradients_are_clipped_to_the_norm(fit: Fit, tasks: list[FoldJob], monkeypatch: pytest.MonkeyPatch) -> None:
    norms: list[float] = []
    step = torch.optim.SGD.step

    def spied(self: torch.optim.SGD, *given: object) -> object:
        weights = [weight for group in self.param_groups for weight in group["params"]]
        norms.append(float(torch.linalg.vector_norm(torch.cat([weight.grad.flatten() for weight in weights]))))
        return step(self, *given)

    monkeypatch.setattr(torch.optim.SGD, "step", spied)
    fit(tasks[:1], optimiser="sgd", epochs=2)
    assert max(norms) > 0.02
    norms.clear()
    fit(tasks[:1], optimiser="sgd", epochs=2, clip_gradient=0.01)
    assert max(norms) == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("optimiser", ["adamw", "adam", "sgd"])
def test_every_optimiser_moves_every_weight_by_its_rate(fit: Fit, tasks: list[FoldJob], optimiser: str) -> None:
    [still] = fit(tasks[:1], optimiser=optimiser, epochs=1, learning_rate=1e-7)
    [moved] = fit(tasks[:1], optimiser=optimiser, epochs=1, learning_rate=0.01)
    for one, two in zip(still.network.parameters(), moved.network.parameters(), strict=True):
        assert not torch.equal(one, two)


def test_frozen_weights_stay(fit: Fit, tasks: list[FoldJob]) -> None:
    network = Recording()
    network.frozen = nn.Parameter(torch.ones(3), requires_grad=False)
    fit(tasks[:1], Made(lambda train: network), weight_decay=1.0)
    assert torch.equal(network.frozen, torch.ones(3))


@pytest.mark.parametrize("weights", ["none", "balanced"])
@pytest.mark.parametrize("loss", ["cross-entropy", "focal"])
def test_double_precision_runs(fit: Fit, tasks: list[FoldJob], loss: str, weights: str) -> None:
    [double] = fit(tasks[:1], precision="float64", epochs=1, loss=loss, class_weights=weights)
    assert {weight.dtype for weight in double.network.parameters()} == {torch.float64}
    assert double.probabilities.dtype == np.float32


def test_bfloat16_keeps_single_precision_weights(fit: Fit, tasks: list[FoldJob]) -> None:
    network = Recording()
    [trained] = fit(tasks[:1], Made(lambda train: network), precision="bfloat16")
    assert all(network.autocast)
    assert {weight.dtype for weight in trained.network.parameters()} == {torch.float32}
    np.testing.assert_allclose(trained.probabilities.sum(2), 1, atol=1e-6)


def test_the_rates_of_the_schedule_reach_the_optimiser(
    fit: Fit, tasks: list[FoldJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[float] = []
    step = torch.optim.SGD.step

    def spied(self: torch.optim.SGD, *given: object) -> object:
        rates.append(self.param_groups[0]["lr"])
        return step(self, *given)

    monkeypatch.setattr(torch.optim.SGD, "step", spied)
    fit(tasks[:1], optimiser="sgd", epochs=3, schedule="exponential", decay=0.5, decay_epochs=1, learning_rate=0.1)
    assert rates == pytest.approx([0.1] * 3 + [0.05] * 6)


@pytest.mark.parametrize("sampling", ["plain", "balanced"])
def test_a_recipe_without_augmentation_trains(fit: Fit, tasks: list[FoldJob], sampling: str) -> None:
    given = {"flip": 0.0, "rotation": 0.0, "pad": 0.0, "sampling": sampling}
    assert bits(fit(tasks[:1], **given)) == bits(fit(tasks[:1], **given))
    assert bits(fit(tasks[:1], **given)) != bits(fit(tasks[:1], sampling=sampling))


def test_one_clip_to_train_on_is_enough(fit: Fit, tasks: list[FoldJob]) -> None:
    info = TrainInfo(classes=("a", "b"), labels=np.array([1]), subjects=("d/9",), action_units=((),))
    [trained] = fit([FoldJob(name="d/0", train=np.array([9]), held_out=np.array([0, 1]), info=info)])
    assert trained.probabilities.shape == (3, 2, 2)


def test_more_clips_than_are_watched_at_once(fit: Fit, tasks: list[FoldJob]) -> None:
    many = dataclasses.replace(tasks[0], held_out=np.tile(tasks[0].held_out, 40))
    [trained], [once] = fit([many]), fit([tasks[0]])
    np.testing.assert_allclose(trained.probabilities, np.tile(once.probabilities, (1, 40, 1)), atol=1e-5)
