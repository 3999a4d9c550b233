"""How a network is trained, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from merbench.entries.parameters import Parameters, Value, parameter
from merbench.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Training(Parameters):
    """Everything the engine needs to train a network; recipes give the values their sources give.

    >>> Training(epochs=74, learning_rate=8e-4).batch
    32
    >>> Training(epochs=0)
    Traceback (most recent call last):
    merbench.errors.UsageError: epochs=0 is not possible: epochs must be a whole number from 1 to 100000.
    """

    epochs: int = parameter(50, "a choice: no paper covers every network", low=1, high=100_000, log=True)
    batch: int = parameter(32, "a choice: MMNet's batch", low=1, high=4096, log=True)
    optimiser: str = parameter("adamw", "a choice: MMNet's optimiser", choices=("adamw", "adam", "sgd"))
    learning_rate: float = parameter(8e-4, "a choice: MMNet's rate", low=1e-7, high=10.0, log=True)
    weight_decay: float = parameter(0.0, "a choice: none unless a recipe says so", low=0.0, high=10.0)
    momentum: float = parameter(
        0.9,
        "a choice: the usual momentum; used by sgd alone",
        low=0.0,
        high=0.999,
        unless={"optimiser": ("adamw", "adam")},
    )
    schedule: str = parameter(
        "constant", "a choice: none unless a recipe says so", choices=("constant", "exponential", "cosine")
    )
    decay: float = parameter(
        0.987,
        "MMNet's released code; used by the exponential schedule",
        low=0.5,
        high=1.0,
        unless={"schedule": ("constant", "cosine")},
    )
    decay_epochs: int = parameter(
        50,
        "MMNet's released code: exponential decay stops after this many epochs",
        low=1,
        high=100_000,
        unless={"schedule": ("constant", "cosine")},
    )
    warmup_epochs: float = parameter(0.0, "a choice: none unless a recipe says so", low=0.0, high=1000.0)
    loss: str = parameter("cross-entropy", "as published by nearly all", choices=("cross-entropy", "focal", "margin"))
    focal_gamma: float = parameter(
        2.0,
        "Lin et al., ICCV 2017: their best value",
        low=0.0,
        high=10.0,
        unless={"loss": ("cross-entropy", "margin")},
    )
    class_weights: str = parameter("none", "plain, as published", choices=("none", "balanced"))
    label_smoothing: float = parameter(
        0.0, "plain, as published", low=0.0, high=0.9, unless={"loss": ("focal", "margin")}
    )
    sampling: str = parameter("plain", "plain, as published", choices=("plain", "balanced"))
    flip: float = parameter(0.0, "no augmentation unless a recipe says so", low=0.0, high=1.0)
    rotation: float = parameter(0.0, "degrees either way; none unless a recipe says so", low=0.0, high=180.0)
    pad: float = parameter(
        0.0,
        "random crop: shift either way, in pixels of a 224-pixel image; none unless a recipe says so",
        low=0.0,
        high=112.0,
    )
    clip_gradient: float = parameter(0.0, "largest gradient norm; 0: not clipped, as published", low=0.0, high=1e6)

    def __post_init__(self) -> None:
        Parameters.__post_init__(self)
        if self.label_smoothing > 0 and self.loss != "cross-entropy":
            raise UsageError(
                f"label_smoothing={self.label_smoothing} is not possible with loss={self.loss}, which by itself keeps "
                "the network from certainty; set label_smoothing=0 or loss=cross-entropy."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A named setting of a method: its `parameters` that differ from the defaults, and the `training`, if any.

    >>> Recipe(source="the paper, section 4", parameters={"size": 112}, training=Training(epochs=50)).training.epochs
    50
    """

    source: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    training: Training | None = None
