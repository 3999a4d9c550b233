"""The contract of a method, and what a method is handed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from merbench.entries import parameters as typed
from merbench.errors import EntryError, UnknownName
from merbench.inputs import Inputs
from merbench.training import Recipe

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from torch import nn

Family = Literal["control", "hand-crafted", "flow network", "image network", "sequence", "graph"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainInfo:
    """What is known of a fold's training clips besides what they look like.

    `labels` are indices into `classes`, `(clip)`; `subjects` are qualified; `action_units` are numbers, sides dropped.
    """

    classes: tuple[str, ...]
    labels: npt.NDArray[np.int64]
    subjects: tuple[str, ...]
    action_units: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Clips as a method sees them, without labels: `frames` is uint8 `(clip moment height width rgb)`, if declared.

    `arrays` has one array `(clip ...)` for each that is declared, in that order.
    """

    count: int
    frames: npt.NDArray[np.uint8] | None = None
    arrays: tuple[npt.NDArray[Any], ...] = ()


class Predictor(ABC):
    """What fitting gives: it says how probable each class is."""

    @abstractmethod
    def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
        """Probabilities `(clip class)`; `(epoch clip class)` from a method that has epochs."""


class Method(ABC):
    """A method under a name: its parameters, what it sees, and its recipes.

    The module that defines it imports neither torch nor other heavy packages before it is used. With a `suffix`, the
    name of one of its parameters, it also goes by ``name:value`` for each value of that (see `merbench.entries.variants`).
    """

    name: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[Family]
    year: ClassVar[int | None] = None
    reference: ClassVar[str] = ""
    suffix: ClassVar[str] = ""
    Parameters: ClassVar[type[typed.Parameters]] = typed.Parameters
    #: For `merbench check`: settings that make it small, those that it learns by, and what it is exempt from, and why.
    check_settings: ClassVar[Mapping[str, object]] = MappingProxyType({})
    learning_settings: ClassVar[Mapping[str, object]] = MappingProxyType({})
    check_exempt: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init__(self, parameters: typed.Parameters | None = None) -> None:
        self.parameters = parameters or self.Parameters()

    @abstractmethod
    def inputs(self) -> Inputs:
        """What it sees, which may depend on the parameters."""

    @classmethod
    def recipes(cls) -> Mapping[str, Recipe]:
        """The named settings; every method has `published` and `quick`."""
        plain = Recipe(source="the defaults; nothing to choose")
        return {"published": plain, "quick": plain}

    @classmethod
    def recipe(cls, name: str, classes: int) -> Recipe:
        """The recipe of that name for that many classes.

        Raises:
            UnknownName: if there is none.
        """
        recipes = cls.recipes()
        if name not in recipes:
            raise UnknownName(f"recipe of {cls.name}", name, recipes)
        return recipes[name]

    def parameter_count(self, classes: int) -> int | None:
        """How many numbers are trained; None where nothing is counted."""
        return None


def declared_inputs(method: Method) -> Inputs:
    """What a method declares that it sees.

    Raises:
        EntryError: if that is no `Inputs`.
    """
    declared: object = method.inputs()
    if not isinstance(declared, Inputs):
        raise EntryError(
            f"{method.name}: inputs() gives {type(declared).__name__}, but must give Inputs, such as "
            'Inputs(frames=Frames(at=("onset", "apex"), size=(64, 64))).'
        )
    return declared


class FittedMethod(Method):
    """A method without epochs of its own: features, or a rule, fitted in one go.

    >>> class Mine(FittedMethod):
    ...     name, title, family = "mine", "My rule", "hand-crafted"
    ...     def inputs(self):
    ...         return Inputs()
    ...     def fit(self, train, samples, generator): ...
    >>> sorted(Mine.recipes())
    ['published', 'quick']
    """

    @abstractmethod
    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        """A predictor fitted to the training clips; every draw comes from `generator`."""


class NetworkMethod(Method):
    """A method that is a network; the engine trains it by a recipe.

    >>> class Mine(NetworkMethod):
    ...     name, title, family = "mine", "My network", "image network"
    ...     def inputs(self):
    ...         return Inputs()
    ...     def network(self, train):
    ...         from torch import nn
    ...         return nn.Linear(4, len(train.classes))
    >>> Mine().parameter_count(3)
    15
    """

    @abstractmethod
    def network(self, train: TrainInfo) -> nn.Module:
        """A fresh network, called with what is declared: frames first, then arrays.

        That is one normalised tensor `(clip 3 height width)` a moment, then one tensor `(clip ...)` an array, such as
        flow `(clip channel height width)`. Its final `state_dict()` is what `--keep-weights` keeps; if its class has a
        method `attention`, it can be explained: see `merbench.inference.attention.Attends`.
        """

    def parameter_count(self, classes: int) -> int | None:
        """How many numbers the network trains for that many classes."""
        import numpy as np
        import torch

        names = tuple(str(number) for number in range(classes))
        info = TrainInfo(classes=names, labels=np.arange(classes), subjects=names, action_units=((),) * classes)
        with torch.random.fork_rng(devices=[]):  # drawing initial weights must not move the caller's random state
            weights = list(self.network(info).parameters())
        return sum(weight.numel() for weight in weights if weight.requires_grad)
