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

    epochs: int = parameter(50, "chosen here: no paper covers every network", low=1, high=100_000, log=True)
    batch: int = parameter(32, "chosen here: MMNet's batch", low=1, high=4096, log=True)
    optimiser: str = parameter("adamw", "chosen here: MMNet's optimiser", choices=("adamw", "adam", "sgd"))
    learning_rate: float = parameter(8e-4, "chosen here: MMNet's rate", low=1e-7, high=10.0, log=True)
    weight_decay: float = parameter(0.0, "chosen here: none unless a recipe says so", low=0.0, high=10.0)
    momentum: float = parameter(
        0.9,
        "chosen here: the usual momentum; used by sgd alone",
        low=0.0,
        high=0.999,
        unless={"optimiser": ("adamw", "adam")},
    )
    schedule: str = parameter(
        "constant", "chosen here: none unless a recipe says so", choices=("constant", "exponential", "step", "cosine")
    )
    decay: float = parameter(
        0.987,
        "MMNet's released code; used by the exponential schedule, and by step every `decay_epochs` epochs",
        low=0.01,
        high=1.0,
        unless={"schedule": ("constant", "cosine")},
    )
    decay_epochs: int = parameter(
        50,
        "MMNet's released code: exponential decay stops after this many epochs; with step, epochs between decays",
        low=1,
        high=100_000,
        unless={"schedule": ("constant", "cosine")},
    )
    warmup_epochs: float = parameter(0.0, "chosen here: none unless a recipe says so", low=0.0, high=1000.0)
    loss: str = parameter("cross-entropy", "as published by nearly all", choices=("cross-entropy", "focal", "margin"))
    margin_present: float = parameter(
        0.9,
        "Sabour et al., NIPS 2017, eq. 4: the length that the true class should reach",
        low=0.5,
        high=1.0,
        unless={"loss": ("cross-entropy", "focal")},
        later=True,
    )
    margin_absent: float = parameter(
        0.1,
        "Sabour et al., NIPS 2017, eq. 4: the length that other classes should stay under",
        low=0.0,
        high=0.5,
        unless={"loss": ("cross-entropy", "focal")},
        later=True,
    )
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
    sampling: str = parameter(
        "plain",
        "plain, as published; balanced: drawn, every class equally likely; repeated: every clip as often as its class "
        "goes into the largest, rounded",
        choices=("plain", "balanced", "repeated"),
    )
    order: str = parameter(
        "shuffled",
        "shuffled anew every epoch; by-class: the clips of the first class, then those of the next, in every epoch",
        choices=("shuffled", "by-class"),
        later=True,
    )
    last_batch: str = parameter(
        "wrapped",
        "filled with clips from the start of the epoch, so that no batch is small, which costs up to a batch an epoch; "
        "short: as many clips as are left; dropped: they are left out, unless there are no others",
        choices=("wrapped", "short", "dropped"),
        later=True,
    )
    flip: float = parameter(0.0, "no augmentation unless a recipe says so", low=0.0, high=1.0)
    rotation: float = parameter(0.0, "degrees either way; none unless a recipe says so", low=0.0, high=180.0)
    pad: float = parameter(
        0.0,
        "random crop: shift either way, in pixels of a 224-pixel image; none unless a recipe says so",
        low=0.0,
        high=112.0,
    )
    interpolation: str = parameter(
        "bilinear",
        "chosen here: how a rotated or shifted image is read between its pixels; torchvision's default is nearest",
        choices=("bilinear", "nearest"),
        later=True,
    )
    colour_jitter: float = parameter(
        0.0,
        "brightness, contrast, saturation and hue of a clip's frames, changed by up to this share in an order that is "
        "random; none unless a recipe says so",
        low=0.0,
        high=0.5,
        later=True,
    )
    clip_gradient: float = parameter(0.0, "largest gradient norm; 0: not clipped, as published", low=0.0, high=1e6)
    inner_splits: int = parameter(
        1,
        "splits of the training subjects by which the rule inner chooses the epoch, each a further training: the first "
        "keeps back every fifth subject, the others as many at random",
        low=1,
        high=100,
        later=True,
    )

    frozen: str = parameter(
        "",
        "none unless a recipe says so: parts of the network that keep their values, separated by commas: conv1,layer1",
        later=True,
    )
    frozen_statistics: bool = parameter(
        False, "chosen here: batch norms update their statistics, except in frozen parts", later=True
    )
    layer_decay: float = parameter(
        1.0,
        "none unless a recipe says so: ratio of a layer's learning rate to the next one's (Clark et al., ICLR 2020)",
        low=0.01,
        high=1.0,
        later=True,
    )
    head_epochs: int = parameter(
        0,
        "none unless a recipe says so: first epochs, in which only the classifier is trained (Kumar et al., ICLR 2022)",
        low=0,
        high=100_000,
        later=True,
    )

    @property
    def clip_order(self) -> str:
        """In which order an epoch takes the clips, and what becomes of its last batch, in words."""
        order = "clips class after class" if self.order == "by-class" else "clips shuffled every epoch"
        order = {"balanced": "clips drawn, every class equally likely"}.get(self.sampling, order)
        repeated = ", those of rare classes repeated" if self.sampling == "repeated" else ""
        last = {"wrapped": "filled from the epoch's start", "short": "short", "dropped": "dropped"}[self.last_batch]
        return f"{order}{repeated}; last batch {last}"

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
