"""Ablation: which settings of a method are compared."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from merbench.entries.parameters import Parameter, Value
from merbench.entries.recipe import Training
from merbench.errors import UnknownName, UsageError
from merbench.experiments.experiment import Experiment
from merbench.kind_names import MULTI_NAME
from merbench.method import Method, NetworkMethod

#: Values to compare by parameter; the first is the one that the others are compared to.
Over = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A setting to compare: its label in tables, and what it changes of the first one."""

    label: str
    changed: Mapping[str, Value]


def read_over(text: str, experiment: Experiment) -> Over:
    """What ``attention,position_depth=1,2,3`` names; every part that the method declares, if the text is empty.

    A bare name means all of a parameter's choices that serve the kind of task. The experiment's own value comes first,
    whether named or not.

    Raises:
        UnknownName: for a parameter that neither the method nor its training has.
        UsageError: for a value that cannot be, for numbers without values, and if there is nothing to compare.
    """
    known = _known(experiment.method)
    texts = _read_texts(text, known) or {
        name: [] for name, declared in known.items() if declared.components is not None
    }
    if not texts:
        raise UsageError(
            f"{experiment.method.name} has no components; name the parameters to vary: --vary NAME=VALUE,VALUE."
        )
    own = _values(experiment)
    over = {name: _compared_values(known[name], listed, own[name]) for name, listed in texts.items()}
    if experiment.kind_name == MULTI_NAME:
        over = {name: values if texts[name] else _of_units(name, values) for name, values in over.items()}
    lonely = [name for name, values in over.items() if len(values) < 2]
    if lonely:
        raise UsageError(
            f"--vary {lonely[0]}: {over[lonely[0]][0]} is what it is already; name another value to compare it to."
        )
    return over


def _of_units(name: str, values: Sequence[Value]) -> tuple[Value, ...]:
    from merbench.training.unit_losses import unserved

    return tuple(value for value in values if not unserved(name, value))


def variants(over: Over, experiment: Experiment, *, grid: bool) -> list[Variant]:
    """The settings to compare: the experiment's own, then one parameter changed at a time, or every combination.

    Settings that differ only in parameters without effect, which `Parameter.unless` declares, are one network; the
    first of them stays.

    Raises:
        UsageError: if a parameter to vary has no effect in any of them.
    """
    known = _known(experiment.method)
    first = {name: values[0] for name, values in over.items()}
    if grid:
        combined = [dict(zip(over, values, strict=True)) for values in itertools.product(*over.values())]
    else:
        combined = [first, *({name: value} for name, values in over.items() for value in values[1:])]
    changed = [{name: value for name, value in each.items() if value != first[name]} for each in combined]
    changed = [each for each in changed if not _idle(each, experiment)]
    for name in over:
        if not any(name in each for each in changed):
            raise UsageError(
                f"--vary {name}: it has no effect with {_pairs(_where_idle(known[name], experiment))}; change that "
                "with --set, or vary another parameter."
            )
    return [Variant(label=_pairs(each) or f"unchanged ({_pairs(first)})", changed=each) for each in changed]


def left_out(over: Over, compared: Sequence[Variant]) -> int:
    """How many combinations of a grid are not among those compared, as they repeat one of them."""
    return math.prod(len(values) for values in over.values()) - len(compared)


def _idle(changed: Mapping[str, Value], experiment: Experiment) -> bool:
    known, values = _known(experiment.method), {**_values(experiment), **changed}
    return any(known[name].is_idle(values) for name in changed)


def _where_idle(declared: Parameter, experiment: Experiment) -> dict[str, Value]:
    own = _values(experiment)
    return {name: own[name] for name, without in declared.unless.items() if own[name] in without}


def _pairs(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _known(method: Method) -> dict[str, Parameter]:
    trained = Training.declared() if isinstance(method, NetworkMethod) else ()
    return {declared.name: declared for declared in (*method.Parameters.declared(), *trained)}


def _values(experiment: Experiment) -> dict[str, Value]:
    trained = {} if experiment.training is None else experiment.training.values()
    return {**experiment.method.parameters.values(), **trained}


def _read_texts(text: str, known: Mapping[str, Parameter]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for word in (word.strip() for word in text.split(",") if word.strip()):
        name, equals, value = (part.strip() for part in word.partition("="))
        if not equals and name not in known and texts and texts[list(texts)[-1]]:
            texts[list(texts)[-1]].append(word)  # one more value of the parameter before
            continue
        if name not in known and name in ("alignment", "apex"):
            raise UsageError(f"--vary {name}: it is no parameter of the method; merbench sensitivity compares them.")
        if name not in known:
            raise UnknownName("parameter to vary", name, known)
        if name in texts:
            raise UsageError(f"--vary {name} is given twice; give it once.")
        texts[name] = [value] if equals else []
    return texts


def _compared_values(declared: Parameter, texts: Sequence[str], own: Value) -> tuple[Value, ...]:
    choices: Sequence[object] = texts or declared.choices or ((True, False) if isinstance(own, bool) else ())
    if not choices:
        raise UsageError(
            f"--vary {declared.name}: it has no list of choices; give values, such as "
            f"--vary {declared.name}={own},… ({declared.name} must be {declared.rule})."
        )
    return tuple(dict.fromkeys([own, *(declared.read(choice) for choice in choices)]))
