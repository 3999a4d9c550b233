"""What frozen parts give is computed once, and results are those of computing it anew in every step."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from merbench.entries.recipe import Training
from merbench.inputs import Frames, Inputs
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training import frozen_features
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import FoldJob, TrainedFold, fit_folds
from merbench.training.fold_job import Start
from merbench.training.numerics import choose
from merbench.training.randomness import Dropout


def _convolution() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(inplace=True))


class Base(nn.Module):
    """A stem, a body, dropout and a classifier; `passes` counts the clips that the stem was computed for."""

    passes: ClassVar[list[int]] = []

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem, self.body = _convolution(), _convolution()
        self.dropout, self.head = Dropout(0.3), nn.Linear(3, classes)
        self.stem[0].register_forward_hook(lambda module, args, output: self.passes.append(len(output)))

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.head(self.dropout(self.body(self.stem(apex - onset)).mean((2, 3))))


class Twice(Base):
    """The stem sees either frame."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.head(self.dropout(self.body(self.stem(apex) - self.stem(onset)).mean((2, 3))))


class Sequence(Base):
    """The frames of a clip follow each other, in one pass."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        frames = self.stem(torch.stack([onset, apex], 1).flatten(0, 1)).unflatten(0, (-1, 2))
        return self.head(self.dropout(self.body(frames[:, 1] - frames[:, 0]).mean((2, 3))))


class Residual(Base):
    """Around the body there is a way for what the stem gives, and it is changed in place."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        stem = self.stem(apex - onset)
        features = self.body(stem) + stem
        return self.head(self.dropout(functional.relu_(features.neg_()).mean((2, 3))))


class Unfit(Base):
    """Some way in which what the stem gives is not fixed."""


class TrainedFirst(Unfit):
    """The body, which is trained, comes before the stem."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.head(self.stem(self.body(apex - onset)).mean((2, 3)))


class Detached(Unfit):
    """What is trained comes before the stem, without a gradient."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.head(self.body(self.stem(self.body(apex - onset).detach())).mean((2, 3)))


class Noisy(Unfit):
    """Dropout comes before the stem."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.head(self.body(self.stem(self.dropout(apex - onset))).mean((2, 3)))


class Across(Unfit):
    """What the stem sees of a clip depends on the other clips of its batch."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        motion = apex - onset
        return self.head(self.body(self.stem(motion - motion.mean(0))).mean((2, 3)))


class Needed(Unfit):
    """The trained part sees the frames, too."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.head((self.stem(apex - onset) + self.body(apex)).mean((2, 3)))


FIT, UNFIT = (Base, Twice, Sequence, Residual), (TrainedFirst, Detached, Noisy, Across, Needed)


def method_of(kind: type[Base]) -> NetworkMethod:
    class Method(NetworkMethod):
        name: ClassVar[str] = "staged"
        title: ClassVar[str] = "Made for a test"
        family = "image network"

        def inputs(self) -> Inputs:
            return Inputs(frames=Frames(at=("onset", "apex"), size=(8, 8)))

        def network(self, train: TrainInfo) -> nn.Module:
            return kind(len(train.classes))

    return Method()


def start_of(kind: type[Base]) -> Start:
    torch.manual_seed(7)
    network = kind(2)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return Start(tensors=network.state_dict())


Train = Callable[..., tuple[list[TrainedFold], int]]


@pytest.fixture
def train(prepared: PreparedFrames, tasks: list[FoldJob]) -> Train:
    """A function that trains four folds; the folds, and how many clips the stem was computed for."""

    def trained(kind: type[Base], *, once: bool, parallel: int = 1, windows: bool = False, **given: Any) -> Any:
        numerics = choose("cpu", given.pop("precision", "float32"), threads=1, parallel_folds=parallel)
        numerics = dataclasses.replace(
            numerics, frozen_once=once, parallelism=given.pop("parallelism", numerics.parallelism)
        )
        shared = given.pop("shared", True)
        on_note = given.pop("on_note", lambda note: None)
        frames = (
            prepared
            if windows
            else dataclasses.replace(
                prepared, counts=np.ones_like(prepared.counts), annotated=np.zeros_like(prepared.annotated)
            )
        )
        settings = {"epochs": 4, "batch": 5, "learning_rate": 0.05, "optimiser": "sgd", "frozen": "stem", **given}
        jobs = [dataclasses.replace(job, start=start_of(kind) if shared else None) for job in tasks]
        inputs = DeviceInputs(PreparedInputs(count=16, frames=frames), numerics)
        Base.passes.clear()
        folds = fit_folds(
            method_of(kind), Training(**settings), jobs, inputs, seed=0, numerics=numerics, on_note=on_note
        )
        return folds, sum(Base.passes)

    return trained


def assert_same(one: list[TrainedFold], other: list[TrainedFold], tolerance: float = 1e-5) -> None:
    for own, others in zip(one, other, strict=True):
        np.testing.assert_allclose(own.probabilities, others.probabilities, atol=tolerance)
        state = others.network.state_dict()
        for name, value in own.network.state_dict().items():
            torch.testing.assert_close(value, state[name], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kind", FIT)
def test_what_frozen_parts_give_is_computed_once_for_all_folds_and_epochs(kind: type[Base], train: Train) -> None:
    plain, many = train(kind, once=False)
    once, few = train(kind, once=True)
    assert_same(plain, once)
    assert few < many / 3


@pytest.mark.parametrize("kind", UNFIT)
def test_what_is_not_fixed_is_computed_in_every_step(kind: type[Base], train: Train) -> None:
    plain, many = train(kind, once=False)
    once, few = train(kind, once=True)
    for own, other in zip(plain, once, strict=True):
        np.testing.assert_array_equal(own.probabilities, other.probabilities)
    assert few >= many


@pytest.mark.parametrize("parallelism", ["threaded", "vmapped"])
@pytest.mark.parametrize("kind", [Base, Sequence])
def test_folds_at_once_share_it(kind: type[Base], parallelism: str, train: Train) -> None:
    plain, _ = train(kind, once=False, precision="float64")
    once, few = train(kind, once=True, precision="float64", parallel=4, parallelism=parallelism)
    assert [each.parallel_folds for each in once] == [4] * 4
    assert_same(plain, once, 1e-8)
    _, serial = train(kind, once=True, precision="float64")
    assert few <= serial + 40


def test_threads_give_the_bits_of_one_fold_at_a_time(train: Train) -> None:
    serial, _ = train(Base, once=True)
    threaded, _ = train(Base, once=True, parallel=4)
    for one, other in zip(serial, threaded, strict=True):
        np.testing.assert_array_equal(one.probabilities, other.probabilities)


@pytest.mark.parametrize("given", [{"flip": 0.5, "rotation": 5.0}, {"windows": True}])
@pytest.mark.parametrize("parallel", [1, 4])
def test_what_is_drawn_is_computed_anew(given: dict[str, Any], parallel: int, train: Train) -> None:
    plain, many = train(Base, once=False, precision="float64", **given)
    settings = {**given, "parallel": parallel, "parallelism": "vmapped", "precision": "float64"}
    once, few = train(Base, once=True, **settings)
    assert_same(plain, once, 1e-8)
    assert parallel > 1 or few < many  # clips that are tested are not drawn


@pytest.mark.parametrize("parallel", [1, 4])
def test_frozen_parts_of_other_values_are_not_shared(parallel: int, train: Train) -> None:
    plain, _ = train(Base, once=False, precision="float64", shared=False)
    for parallelism in ("threaded", "vmapped"):
        once, _ = train(Base, once=True, precision="float64", shared=False, parallel=parallel, parallelism=parallelism)
        assert_same(plain, once, 1e-8)


def test_features_above_the_limit_are_not_kept_which_is_said_once(
    monkeypatch: pytest.MonkeyPatch, train: Train
) -> None:
    notes: list[str] = []
    plain, many = train(Base, once=False)
    monkeypatch.setattr(frozen_features, "LARGEST", 16 * 3 * 8 * 8 * 4 - 1)
    above, again = train(Base, once=True, on_note=notes.append)
    for one, other in zip(plain, above, strict=True):
        np.testing.assert_array_equal(one.probabilities, other.probabilities)
    assert again >= many
    assert len(notes) == 1
    assert "what the frozen parts give of 16 clips" in notes[0]
    monkeypatch.setattr(frozen_features, "LARGEST", 16 * 3 * 8 * 8 * 4)
    _, few = train(Base, once=True, on_note=notes.append)
    assert few < many / 3
    assert len(notes) == 1


def test_a_trained_network_is_as_it_was_built(train: Train) -> None:
    [trained, *_], _ = train(Base, once=True)
    assert not any("forward" in vars(module) for module in trained.network.modules())
    views = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    assert trained.network(*views).shape == (2, 2)


def test_clips_that_are_tested_on_other_frames_have_features_of_both(
    prepared: PreparedFrames, tasks: list[FoldJob]
) -> None:
    """As with key-frame noise in testing alone: the rows of clips as they are tested follow those trained on."""
    still = dataclasses.replace(prepared, counts=np.ones_like(prepared.counts), annotated=0 * prepared.annotated)
    both = dataclasses.replace(
        still,
        images=np.concatenate([still.images, 255 - still.images]),
        counts=np.tile(still.counts, (2, 1)),
        annotated=np.tile(still.annotated, (2, 1)),
    )
    inputs = PreparedInputs(count=16, frames=both, tested=16)
    jobs = [dataclasses.replace(job, held_out=inputs.tested_rows(job.held_out)) for job in tasks]
    training = Training(epochs=2, batch=4, frozen="stem")

    def probabilities(*, once: bool) -> list[Any]:
        numerics = dataclasses.replace(choose("cpu", "float32", threads=1), frozen_once=once)
        on_device = DeviceInputs(inputs, numerics)
        folds = fit_folds(method_of(Base), training, jobs, on_device, seed=0, numerics=numerics)
        assert (on_device.shared.held is not None) is once
        return [fold.probabilities for fold in folds]

    for one, other in zip(probabilities(once=True), probabilities(once=False), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
