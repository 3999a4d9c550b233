"""The search space: what of the declared parameters is searched, and in which range."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from merbench.entries.parameters import Parameter, Parameters, Value
from merbench.entries.recipe import Training
from merbench.errors import MerbenchError
from merbench.experiments.experiment import Experiment
from merbench.kind_names import MULTI_NAME, KindName
from merbench.method import Method, declared_inputs

if TYPE_CHECKING:
    import optuna

Values: TypeAlias = dict[str, Value]
#: By parameter: others, and the values of each of them with which it has no effect.
Unused: TypeAlias = Mapping[str, Mapping[str, tuple[Value, ...]]]

#: Whole numbers of at most so many steps are searched over their whole range; chosen here.
_FEW = 8
#: What is searched only if a file says so.
_FIXED = frozenset({"epochs", "frozen_statistics", "layer_decay"})
#: The factor around the recipe's value within which values on a logarithmic scale are searched; chosen here.
_FACTORS = {int: 4.0, float: 10.0}


def unused_of(method: Method) -> Unused:
    """What the parameters of a method and of the engine declare as `unless`."""
    return {each.name: each.unless for each in (*Training.declared(), *method.parameters.declared()) if each.unless}


def is_used(name: str, values: Mapping[str, Value], unused: Unused) -> bool:
    """Whether a parameter has an effect together with `values`, and so has each parameter that it depends on."""
    return all(
        values.get(other) not in idle and is_used(other, values, unused) for other, idle in unused.get(name, {}).items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One parameter that is searched: among `choices`, or from `low` to `high`, on a logarithmic scale if `log`."""

    name: str
    choices: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: int | None = None
    whole: bool = False

    def suggest(self, trial: optuna.Trial) -> Value:
        """The value that a trial is to take."""
        if self.choices:
            return cast("Value", trial.suggest_categorical(self.name, self.choices))
        if self.whole:
            step = {} if self.log else {"step": self.step or 1}
            return trial.suggest_int(self.name, int(self.low), int(self.high), log=self.log, **step)
        return trial.suggest_float(self.name, self.low, self.high, log=self.log)

    def contains(self, value: Value) -> bool:
        """Whether a value is within the range."""
        if self.choices:
            return value in self.choices
        inside = not isinstance(value, str) and self.low <= value <= self.high
        return inside and (self.step is None or (float(value) - self.low) % self.step == 0)

    def phrase(self) -> str:
        """The range as a phrase."""
        if self.choices:
            return ", ".join(map(str, self.choices))
        step = f", step {self.step}" if self.step else ""
        return f"{self.low:g} to {self.high:g}{', logarithmic' if self.log else ''}{step}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """What is searched, conditions first, and the values that a file sets for all trials."""

    dimensions: tuple[Dimension, ...]
    fixed: Mapping[str, Value] = field(default_factory=dict)
    unused: Unused = field(default_factory=dict)

    def suggest(self, trial: optuna.Trial, base: Mapping[str, Value]) -> Values:
        """The values of a trial: of all that is searched and means something beside the others, and those set."""
        current: Values = {**base, **self.fixed}
        taken: Values = dict(self.fixed)
        for dimension in self.dimensions:
            if is_used(dimension.name, current, self.unused):
                current[dimension.name] = taken[dimension.name] = dimension.suggest(trial)
        return taken

    def start(self, base: Mapping[str, Value]) -> Values:
        """The recipe's own values, as far as they are within the ranges: the first trial."""
        return {each.name: base[each.name] for each in self.dimensions if each.contains(base[each.name])}

    def as_dict(self) -> dict[str, Any]:
        """The space as plain data, for identities and records."""
        plain: dict[str, Any] = json.loads(json.dumps({each.name: asdict(each) for each in self.dimensions}))
        return {**plain, **{name: {"fixed": value} for name, value in self.fixed.items()}}

    def sent(self) -> dict[str, Any]:
        """The space as plain data, for workers."""
        dimensions = [asdict(each) for each in self.dimensions]
        return {"dimensions": dimensions, "fixed": dict(self.fixed), "unused": dict(self.unused)}

    @classmethod
    def from_sent(cls, sent: Mapping[str, Any]) -> Space:
        """The space that `sent` described."""
        dimensions = tuple(Dimension(**each) for each in sent["dimensions"])
        return cls(dimensions=dimensions, fixed=sent["fixed"], unused=sent["unused"])


#: Choices that are not searched unless asked for: how inputs are scaled and moved, and what epochs and batches are.
_FORM = frozenset({"order", "last_batch", "scale", "normalise", "interpolation"})


def declared_of(method: Method, training: Training | None) -> dict[str, Parameter]:
    """Every parameter that a space may name: the method's, and of a network those of its training."""
    trained = Training.declared() if training is not None else ()
    return {each.name: each for each in (*method.Parameters.declared(), *trained)}


def values_of(experiment: Experiment) -> Values:
    """The recipe's values of all of them, with the user's settings."""
    trained = {} if experiment.training is None else experiment.training.values()
    return {**experiment.method.parameters.values(), **trained}


def default_space(experiment: Experiment) -> Space:
    """What is searched unless a file says otherwise: every choice, and numbers near the recipe's.

    Left as they are: what the user set, files and free text, numbers that are at their lower bound (switched off) or
    would change what is read of the clips, the number of epochs, which inner training chooses itself, and what is for
    networks that start from weights.
    """
    base = values_of(experiment)
    known = declared_of(experiment.method, experiment.training)
    unused = unused_of(experiment.method)
    dimensions = [
        dimension
        for name, declared in known.items()
        if name not in experiment.changed and name not in _FIXED and not (declared.choices and name in _FORM)
        if (dimension := _dimension(declared, base[name], experiment.kind_name)) is not None
        if dimension.choices or not _changes_inputs(experiment.method, dimension, base[name])
    ]
    return Space(dimensions=ordered(dimensions, unused), unused=unused)


def _dimension(declared: Parameter, value: Value, kind: KindName) -> Dimension | None:
    if isinstance(declared.default, bool):
        return Dimension(name=declared.name, choices=(False, True))
    if declared.choices:
        choices = _losses(value) if declared.name == "loss" else declared.choices
        if kind == MULTI_NAME:
            choices = _of_units(declared.name, choices)
        return Dimension(name=declared.name, choices=choices) if len(choices) > 1 else None
    if isinstance(value, str) or declared.is_file:
        return None
    low, high = _near(declared, float(value))
    if not low < high:
        return None
    whole = isinstance(declared.default, int)
    return Dimension(name=declared.name, low=low, high=high, log=declared.log, step=declared.step, whole=whole)


def _losses(value: Value) -> tuple[Value, ...]:
    # the margin loss is of lengths, the others are of logits: which of them a network gives is no matter of choice
    return ("margin",) if value == "margin" else ("cross-entropy", "focal")


def _of_units(name: str, choices: Sequence[Value]) -> tuple[Value, ...]:
    from merbench.training.unit_losses import unserved

    return tuple(choice for choice in choices if not unserved(name, choice))


def _near(declared: Parameter, value: float) -> tuple[float, float]:
    least = -math.inf if declared.low is None else declared.low
    most = math.inf if declared.high is None else declared.high
    whole = isinstance(declared.default, int)
    if whole and (most - least) / (declared.step or 1) <= _FEW:
        return least, most
    if declared.log:
        factor = _FACTORS[int if whole else float]
        low, high = max(least, value / factor), min(most, value * factor)
        return (math.ceil(low), math.floor(high)) if whole else (low, high)
    if value <= least or math.isinf(least):
        return value, value  # switched off, or nothing to measure nearness by
    step = declared.step or 1
    high = min(most, 2 * value)
    return (least, high - (high - least) % step) if whole else (least, high)


def _changes_inputs(method: Method, dimension: Dimension, value: Value) -> bool:
    if dimension.name not in method.Parameters.names():
        return False
    other = dimension.high if value != dimension.high else dimension.low
    try:
        return declared_inputs(type(method)(method.parameters.changed({dimension.name: other}))) != declared_inputs(
            method
        )
    except MerbenchError:
        return True


def ordered(dimensions: Sequence[Dimension], unused: Unused) -> tuple[Dimension, ...]:
    """The dimensions with conditions before what depends on them, else as declared."""

    def depth(name: str) -> int:
        return 1 + max(map(depth, unused[name])) if name in unused else 0

    return tuple(sorted(dimensions, key=lambda each: depth(each.name)))


def applied(method: Method, training: Training | None, values: Mapping[str, object]) -> tuple[Method, Training | None]:
    """The method and training with some values replaced.

    Raises:
        UsageError: for a value that its parameter cannot have, or beside the others.
    """
    own = method.Parameters.names()
    parameters: Parameters = method.parameters.changed({k: v for k, v in values.items() if k in own})
    trained = {k: v for k, v in values.items() if k not in own}
    return type(method)(parameters), training if training is None else training.changed(trained)
