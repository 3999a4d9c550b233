"""The contract of a method, and what a method is handed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from merbench.entries import parameters as typed
from merbench.entries.attribution import attributed
from merbench.entries.recipe import Recipe
from merbench.entries.reproduction import Reproduction
from merbench.errors import EntryError, UnknownName
from merbench.inputs import Inputs
from merbench.kind_names import BOTH, SINGLE, SINGLE_NAME, KindName

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from torch import nn

Family = Literal["control", "hand-crafted", "flow network", "image network", "sequence", "graph"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainInfo:
    """What is known of a fold's training clips besides what they look like.

    `labels` are indices into `classes`, `(clip)`, or, of a multi-label task, 0 or 1 `(clip unit)`; `subjects` are
    qualified; `action_units` are numbers, sides dropped.
    """

    classes: tuple[str, ...]
    labels: npt.NDArray[np.int64]
    subjects: tuple[str, ...]
    action_units: tuple[tuple[int, ...], ...]
    kind: KindName = SINGLE_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Clips as a method sees them, without labels: `frames` is uint8 `(clip moment height width rgb)`, if declared.

    `arrays` has one array `(clip ...)` for each that is declared, in that order.
    """

    count: int
    frames: npt.NDArray[np.uint8] | None = None
    arrays: tuple[npt.NDArray[Any], ...] = ()


#: The recipe of a method with nothing to choose.
_DEFAULTS = Recipe(source="the defaults; nothing to choose")


class Predictor(ABC):
    """What fitting gives: it says how probable each class is."""

    @abstractmethod
    def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
        """Probabilities `(clip class)`; `(epoch clip class)` from a method that has epochs.

        Those of a clip sum to one, or, of a multi-label task, each lies within 0..1.
        """


class Method(ABC):
    """A method under a name: its parameters, what it sees, and its recipes.

    The module that defines it imports neither torch nor other heavy packages before it is used. With a `suffix`, the
    name of one of its parameters, it is also called ``name:value`` for each value (see `merbench.entries.variants`).
    """

    entry_kind: ClassVar[str] = "method"
    name: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[Family]
    year: ClassVar[int | None] = None
    reference: ClassVar[str] = ""
    suffix: ClassVar[str] = ""
    #: Raised whenever training gives other results than before on equal inputs and seeds, be it by rounding.
    revision: ClassVar[int] = 1
    #: The kinds of task that it serves; it is refused for others before anything is trained.
    kinds: ClassVar[frozenset[KindName]] = SINGLE
    Parameters: ClassVar[type[typed.Parameters]] = typed.Parameters
    #: For `merbench check`: settings that make it small, those that it learns by, and what it is exempt from, and why.
    check_settings: ClassVar[Mapping[str, object]] = MappingProxyType({})
    learning_settings: ClassVar[Mapping[str, object]] = MappingProxyType({})
    check_exempt: ClassVar[Mapping[str, str]] = MappingProxyType({})
    #: The named settings; every method has `published` and `quick`. A class method of this name, which gave them
    #: before, is still read: see `recipes_of`.
    recipes: ClassVar[Mapping[str, Recipe]] = MappingProxyType({"published": _DEFAULTS, "quick": _DEFAULTS})
    #: Printed results that `merbench reproduce` compares with; a subclass has none of its base class.
    reproductions: ClassVar[tuple[Reproduction, ...]] = ()

    def __init__(self, parameters: typed.Parameters | None = None) -> None:
        self.parameters = parameters or self.Parameters()

    @abstractmethod
    def inputs(self) -> Inputs:
        """What it sees, which may depend on the parameters."""

    @classmethod
    def recipe(cls, name: str, classes: int) -> Recipe:
        """The recipe of that name for that many classes.

        Raises:
            UnknownName: if there is none.
        """
        recipes = recipes_of(cls)
        if name not in recipes:
            raise UnknownName(f"recipe of {cls.name}", name, recipes)
        return recipes[name]

    def parameter_count(self, classes: int) -> int | None:
        """How many parameters are trainable; None where nothing is counted."""
        return None


def recipes_of(method: type[Method]) -> Mapping[str, Recipe]:
    """The recipes of a method by name, whether it declares them or, as plugins did before, gives them when called."""
    recipes: object = method.recipes
    with attributed(method, "declaring its recipes"):
        recipes = recipes() if callable(recipes) else recipes
    if not isinstance(recipes, Mapping) or not all(isinstance(each, Recipe) for each in recipes.values()):
        raise EntryError(
            f"{method.name}: recipes must be a mapping of names to Recipe, such as "
            '{"published": Recipe(source="the paper, section 4"), "quick": ...}.'
        )
    return cast("Mapping[str, Recipe]", recipes)


def declared_inputs(method: Method) -> Inputs:
    """What a method declares that it sees.

    Raises:
        EntryError: if that is no `Inputs`.
    """
    with attributed(method, "declaring its inputs"):
        declared: object = method.inputs()
    if not isinstance(declared, Inputs):
        raise EntryError(
            f"{method.name}: inputs() gives {type(declared).__name__}, but must give Inputs, such as "
            'Inputs(frames=Frames(at=("onset", "apex"), size=(64, 64))).'
        )
    return declared


def built_network(method: NetworkMethod, train: TrainInfo) -> nn.Module:
    """The network that a method builds for a fold.

    Raises:
        EntryError: if that is no network that can be trained.
    """
    from torch import nn
    from torch.nn.parameter import UninitializedParameter

    with attributed(method, "building its network"):
        network: object = method.network(train)
    if not isinstance(network, nn.Module):
        raise EntryError(
            f"{method.name}: network() returns {type(network).__name__}, but must return a torch.nn.Module."
        )
    parameters = list(network.parameters())
    if any(isinstance(each, UninitializedParameter) for each in parameters):
        raise EntryError(
            f"{method.name}: network() returns lazy layers, whose sizes are unknown before the first clip; give sizes, "
            "as in nn.Linear(128, 5)."
        )
    if not any(each.requires_grad for each in parameters):
        raise EntryError(
            f"{method.name}: network() returns a network without trainable parameters; a rule is a FittedMethod."
        )
    return network


def fitted_predictor(
    method: FittedMethod, train: TrainInfo, samples: Samples, generator: np.random.Generator
) -> Predictor:
    """What fitting a method to training clips gives.

    Raises:
        EntryError: if that cannot say probabilities.
    """
    with attributed(method, "in fit()"):
        predictor: object = method.fit(train, samples, generator)
    if not callable(getattr(predictor, "probabilities", None)):
        raise EntryError(
            f"{method.name}: fit() returns {type(predictor).__name__}, but must return a Predictor, which has "
            "probabilities(held_out)."
        )
    return cast("Predictor", predictor)


class FittedMethod(Method):
    """A method without epochs of its own: features, or a rule, fitted in one go.

    >>> class Mine(FittedMethod):
    ...     name, title, family = "mine", "My rule", "hand-crafted"
    ...     def inputs(self):
    ...         return Inputs()
    ...     def fit(self, train, samples, generator): ...
    >>> sorted(Mine.recipes)
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

    The engine turns its outputs into probabilities: by the softmax, or, of multi-label tasks, by a sigmoid each.
    """

    kinds: ClassVar[frozenset[KindName]] = BOTH

    @abstractmethod
    def network(self, train: TrainInfo) -> nn.Module:
        """A fresh network, called with what is declared: frames first, then arrays.

        That is one normalised tensor `(clip 3 height width)` a moment, then one tensor `(clip ...)` an array, such as
        flow `(clip channel height width)`. Its final `state_dict()` is what `--keep-weights` keeps; if its class has a
        method `attention`, it can be explained: see `merbench.inference.attention.Attends`.
        """

    def parameter_count(self, classes: int) -> int | None:
        """How many parameters of the network are trainable for that many classes."""
        import numpy as np
        import torch

        names = tuple(str(number) for number in range(classes))
        info = TrainInfo(classes=names, labels=np.arange(classes), subjects=names, action_units=((),) * classes)
        with torch.random.fork_rng(devices=[]):  # drawing initial weights must not move the caller's random state
            weights = list(built_network(self, info).parameters())
        return sum(weight.numel() for weight in weights if weight.requires_grad)
