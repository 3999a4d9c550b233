"""Each check of a method is proven by a method that is built to fail it, and by one that passes all."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn

from merbench.entries.parameters import Parameters
from merbench.entries.recipe import Recipe, Training
from merbench.inputs import Frames, Inputs
from merbench.method import FittedMethod, Method, NetworkMethod, Predictor, Samples, TrainInfo
from merbench.testing import METHOD_CHECKS, MethodChecks, check_method
from merbench.testing.conformance import Verdict, verdict_of

Array = npt.NDArray[Any]


def verdict(name: str, method: Method | type[Method]) -> tuple[Verdict, str]:
    """What comes of one check."""
    [check] = [check for check in METHOD_CHECKS if check.name == name]
    return verdict_of(check, lambda: method, method.check_exempt)


def motion(samples: Samples) -> npt.NDArray[np.float64]:
    """The change from onset to apex `(clip value)`."""
    assert samples.frames is not None
    frames = samples.frames.astype(np.float64)
    return (frames[:, 1] - frames[:, 0]).reshape(len(frames), -1)


class Nearest(Predictor):
    """The nearer a class mean, the more probable the class."""

    def __init__(self, means: Array) -> None:
        self.means = means

    def seen(self, samples: Samples) -> npt.NDArray[np.float64]:
        return motion(samples)

    def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
        apart = np.linalg.norm(self.seen(held_out)[:, None] - self.means[None], axis=2)
        near = np.exp(-(apart - apart.min(axis=1, keepdims=True)) / 20)
        return (near / near.sum(axis=1, keepdims=True)).astype(np.float32)


class Fair(FittedMethod):
    """The nearest class mean of the motion."""

    name = "fair"
    title = "Made for a test"
    family = "hand-crafted"

    def inputs(self) -> Inputs:
        return Inputs(frames=Frames(at=("onset", "apex"), size=(16, 16)))

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        return Nearest(self.means(train, samples))

    def means(self, train: TrainInfo, samples: Samples) -> Array:
        seen, labels = motion(samples), train.labels
        mean = [
            seen[labels == label].mean(axis=0) if (labels == label).any() else np.full(seen.shape[1], 1e3)
            for label in range(len(train.classes))
        ]
        return np.stack(mean)


class NoTitle(Fair):
    title = " "


class BadName(Fair):
    name = "Bad Name"


class NoInputs(Fair):
    def inputs(self) -> Inputs:
        return {"frames": 3}  # type: ignore[return-value]


class Exempted(Fair):
    check_exempt: ClassVar = {"nothing-of-the-kind": "because"}


class ExemptFromHonesty(Fair):
    check_exempt: ClassVar = {"labels": "I would rather read them"}


class ExemptWithoutReason(Fair):
    check_exempt: ClassVar = {"learns": " "}


class Doubled(Fair):
    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        class Twice(Nearest):
            def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
                return 2 * super().probabilities(held_out)

        return Twice(self.means(train, samples))


class Unseeded(Fair):
    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        means = self.means(train, samples)
        return Nearest(means + np.random.default_rng().normal(0, 5, means.shape))


class Peeking(Fair):
    """Finds the held-out labels in the frame of its caller."""

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        caller = sys._getframe(1)
        while "fold_run" not in caller.f_locals:
            assert caller.f_back is not None
            caller = caller.f_back
        seen = caller.f_locals
        truth = np.eye(len(train.classes), dtype=np.float32)[seen["self"].labels[seen["fold_run"].watch]]

        class Known(Predictor):
            def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
                return truth

        return Known()


class Remembering(Fair):
    """Keeps the labels of all clips that it ever trained on, and knows them again when they are held out."""

    kept: ClassVar[dict[bytes, int]] = {}

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        assert samples.frames is not None
        kept = self.kept
        kept.update({clip.tobytes(): int(label) for clip, label in zip(samples.frames, train.labels, strict=True)})

        class Knowing(Nearest):
            def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
                assert held_out.frames is not None
                found = super().probabilities(held_out)
                for place, clip in enumerate(held_out.frames):
                    if clip.tobytes() in kept:
                        found[place] = np.eye(found.shape[1])[kept[clip.tobytes()]]
                return found

        return Knowing(self.means(train, samples))


class Transductive(Fair):
    """Centres what is held out by its own mean."""

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        class Centred(Nearest):
            def seen(self, samples: Samples) -> npt.NDArray[np.float64]:
                return motion(samples) - motion(samples).mean(axis=0)

        return Centred(self.means(train, samples))


class Counting(Fair):
    """Is another method at every fold."""

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.folds = 0

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        self.folds += 1
        return Nearest(self.means(train, samples) + 10 * self.folds)


class Ordered(Fair):
    """Says of a clip what suits its place in the line."""

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        class Placed(Nearest):
            def seen(self, samples: Samples) -> npt.NDArray[np.float64]:
                return motion(samples) + 10 * np.arange(samples.count)[:, None]

        return Placed(self.means(train, samples))


class Lambda(Fair):
    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.scale = lambda value: value


class Seeding(Fair):
    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        np.random.seed(0)  # noqa: NPY002 (what it must not do)
        return super().fit(train, samples, generator)


class Hoarding(Fair):
    """Keeps the frames of every fold."""

    hoard: ClassVar[list[Array]] = []

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        assert samples.frames is not None
        self.hoard.append(np.tile(samples.frames, 4))
        return super().fit(train, samples, generator)


class Picky(Fair):
    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        if len(set(train.labels.tolist())) < 2:
            raise ValueError("at least 2 classes are needed")
        return super().fit(train, samples, generator)


class Blind(Fair):
    """Sees nothing, and says that every class is alike."""

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        return Nearest(np.zeros_like(self.means(train, samples)))


class Layer(nn.Module):
    """The difference of two frames through one layer."""

    def __init__(self, classes: int, scale: float = 1.0) -> None:
        super().__init__()
        self.head = nn.Linear(3 * 64, classes)
        with torch.no_grad():
            self.head.weight.mul_(scale)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        found: Tensor = self.head(nn.functional.adaptive_avg_pool2d(apex - onset, 8).flatten(1))
        return found


class FairNetwork(NetworkMethod):
    """One layer over the motion."""

    name = "fair-network"
    title = "Made for a test"
    family = "image network"
    learning_settings: ClassVar = {"epochs": 40}

    def inputs(self) -> Inputs:
        return Inputs(frames=Frames(at=("onset", "apex"), size=(16, 16)))

    @classmethod
    def recipes(cls) -> dict[str, Recipe]:
        recipe = Recipe(source="a test", training=Training(epochs=10, batch=16, learning_rate=0.02))
        return {"published": recipe, "quick": recipe}

    def network(self, train: TrainInfo) -> nn.Module:
        return Layer(len(train.classes))


class CountingNetwork(FairNetwork):
    """Every network is scaled by how many there were before it."""

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.made = 0

    def network(self, train: TrainInfo) -> nn.Module:
        self.made += 1
        return Layer(len(train.classes), scale=float(self.made))


class Deterministic(FairNetwork):
    def network(self, train: TrainInfo) -> nn.Module:
        torch.use_deterministic_algorithms(not torch.are_deterministic_algorithms_enabled())
        return super().network(train)


class BatchSeeing(FairNetwork):
    """Normalises by the batch that it is shown, held out or not."""

    def network(self, train: TrainInfo) -> nn.Module:
        class Normalised(Layer):
            def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
                motion = apex - onset
                return super().forward(torch.zeros_like(motion), motion - motion.mean(0, keepdim=True))

        return Normalised(len(train.classes))


@pytest.mark.parametrize(
    ("name", "method", "why"),
    [
        ("exemptions", Exempted, "there is no such check"),
        ("labels", ExemptFromHonesty, "no entry can be exempt"),
        ("learns", ExemptWithoutReason, "gives no reason"),
        ("declaration", NoTitle, "lacks a title"),
        ("declaration", BadName, "lower-case"),
        ("declaration", NoInputs, "must give Inputs"),
        ("probabilities", Doubled, "must sum to 1, not to 2"),
        ("seed", Unseeded, "other probabilities the second time"),
        ("labels", Peeking, "they are read"),
        ("folds", Remembering, "depends on the folds that were trained before"),
        ("frames", Transductive, "depend on what is held out"),
        ("frames", BatchSeeing, "depend on what is held out"),
        ("folds", Counting, "depends on the folds that were trained before"),
        ("clips", Ordered, "the order of the held-out clips"),
        ("pickle", Lambda, "cannot be pickled"),
        ("state", Seeding, "NumPy's global random state"),
        ("memory", Hoarding, "memory grows with every fold"),
        ("poor-folds", Picky, "at least 2 classes are needed"),
        ("packing", CountingNetwork, "together with another"),
        ("learns", Blind, "held-out clips are right"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""),
)
def test_a_check_finds_what_it_is_there_for(name: str, method: type[Method], why: str) -> None:
    try:
        found, detail = verdict(name, method)
    finally:
        torch.use_deterministic_algorithms(False)
    assert (found, why in detail) == ("failed", True), detail


def test_torch_settings_that_a_network_changes_are_put_back() -> None:
    assert verdict("state", Deterministic)[0] == "passed"
    assert not torch.are_deterministic_algorithms_enabled()


QUICK = (
    "declaration",
    "seed",
    "labels",
    "frames",
    "folds",
    "clips",
    "state",
    "memory",
    "poor-folds",
    "packing",
    "learns",
)


@pytest.mark.parametrize("method", [Fair, FairNetwork], ids=["fitted", "network"])
@pytest.mark.parametrize("name", QUICK)
def test_a_fair_method_passes(name: str, method: type[Method]) -> None:
    found, detail = verdict(name, method)
    assert found == "passed" or (name, method) == ("packing", Fair), detail


STRANGE = """
import multiprocessing
import numpy as np
from merbench.inputs import Inputs
from merbench.method import FittedMethod, Predictor


class Shares(Predictor):
    def __init__(self, shares):
        self.shares = shares

    def probabilities(self, held_out):
        return self.shares[None].repeat(held_out.count, axis=0)


class Strange(FittedMethod):
    '''The class shares, or not.'''

    name = "strange"
    title = "Made for a test"
    family = "control"

    def inputs(self):
        return Inputs()

    def fit(self, train, samples, generator):
        counts = np.bincount(train.labels, minlength=len(train.classes)) + 1.0
        counts[0] += {more}
        return Shares((counts / counts.sum()).astype(np.float32))
"""


@pytest.mark.slow
def test_a_plugin_passes_whole_in_a_spawned_process_too(entry: Callable[..., Any]) -> None:
    found = {result.name: result for result in check_method(entry(STRANGE.format(more=0)))}
    assert [result for result in found.values() if result.verdict == "failed"] == []
    assert found["process"].verdict == "passed"
    assert found["learns"].detail == "a control: it is there to be beaten"


@pytest.mark.slow
def test_a_method_that_is_another_one_elsewhere_is_found(entry: Callable[..., Any]) -> None:
    found = verdict("process", entry(STRANGE.format(more="5 * (multiprocessing.parent_process() is not None)")))
    assert found[0] == "failed"
    assert "in another process" in found[1]
    assert multiprocessing.parent_process() is None


def test_a_method_of_no_file_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fair, "__module__", "__main__")
    found, detail = verdict("process", Fair)
    assert found == "failed"
    assert "__main__" in detail


def test_an_instance_is_checked_with_its_parameters() -> None:
    assert verdict("declaration", Fair())[0] == "passed"


def test_what_is_exempt_is_shown_with_its_reason() -> None:
    class Humble(Blind):
        check_exempt: ClassVar = {"learns": "it looks at one frame"}

    assert verdict("learns", Humble) == ("exempt", "it looks at one frame")


def test_the_face_has_a_test_for_every_check() -> None:
    tests = {name for name in vars(MethodChecks) if name.startswith("test_")}
    assert tests == {f"test_{check.name.replace('-', '_')}" for check in METHOD_CHECKS}


class TestTheFace(MethodChecks):
    """Inherited with one fixture, it runs; a check is taken out as any test is."""

    test_process = None  # a class of a test file is not found by another process

    @pytest.fixture
    def method(self) -> type[Fair]:
        return Fair
