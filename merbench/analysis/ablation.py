"""Ablation: which settings of a method are compared, and the table of what each is worth."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from merbench.analysis.statistics import paired_difference
from merbench.analysis.tables import COMBINED, Table, based_on, heading
from merbench.entries.parameters import Parameter, Value
from merbench.errors import UnknownName, UsageError
from merbench.experiments.experiment import Experiment
from merbench.method import Method, NetworkMethod
from merbench.results.run import Run
from merbench.training import Training

#: Values to go through by parameter; the first is the one that the others are compared to.
Over = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A setting to compare: its label in tables, and what it changes of the first one."""

    label: str
    changed: Mapping[str, Value]


def read_over(text: str, experiment: Experiment) -> Over:
    """What ``attention,position_depth=1,2,3`` names; every part that the method declares, if the text is empty.

    A bare name stands for all of a parameter's choices. The experiment's own value comes first, whether named or not.

    Raises:
        UnknownName: for a parameter that neither the method nor its training has.
        UsageError: for a value that cannot be, for numbers without values, and if there is nothing to compare.
    """
    known = _known(experiment.method)
    asked = _asked(text, known) or {name: [] for name, declared in known.items() if declared.parts is not None}
    if not asked:
        raise UsageError(
            f"{experiment.method.name} declares no parts; name parameters to go through: --over NAME=VALUE,VALUE."
        )
    own = _values(experiment)
    over = {name: _through(known[name], given, own[name]) for name, given in asked.items()}
    lonely = [name for name, values in over.items() if len(values) < 2]
    if lonely:
        raise UsageError(
            f"--over {lonely[0]}: {over[lonely[0]][0]} is what it is already; name another value to compare it to."
        )
    return over


def variants(over: Over, experiment: Experiment, *, grid: bool) -> list[Variant]:
    """The settings to compare: the experiment's own, then one parameter changed at a time, or every combination.

    Settings that differ only in parameters without effect, which `Parameter.unless` declares, are one network; the
    first of them stays.

    Raises:
        UsageError: if a parameter to go through has no effect in any of them.
    """
    known = _known(experiment.method)
    published = all(known[name].default == values[0] for name, values in over.items())
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
                f"--over {name}: it has no effect with {_pairs(_where_idle(known[name], experiment))}; change that "
                "with --set, or go through another parameter."
            )
    own = f"{'published' if published else 'own'} values ({_pairs(first)})"
    return [Variant(label=_pairs(each) or own, changed=each) for each in changed]


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


def ablation_table(compared: Sequence[tuple[str, Sequence[Run]]]) -> Table:
    """A row for each label and its runs, one a seed; the first row is what the others are compared to."""
    (_, first), *others = compared
    rows = [_row(compared[0][0], first, None), *(_row(label, runs, first) for label, runs in others)]
    return Table(
        title=heading(first[0]),
        columns=("setting", "UF1", "UAR", "optimism", "UF1 difference", "from", "to", "parameters", "minutes", "seeds"),
        rows=tuple(rows),
        notes=(
            f"In all rows: {based_on(first[0])}.",
            f"Rule last; mean ± standard deviation over seeds. {COMBINED[first[0].averaged]}",
            "Optimism: UF1 under oracle less UF1 under last. Minutes of training a seed.",
            "Difference: UF1 less that of the first row; from, to: its 95 % interval, by a bootstrap over subjects.",
        ),
    )


def _row(label: str, runs: Sequence[Run], first: Sequence[Run] | None) -> tuple[str, ...]:
    scores = [run.scores("last") for run in runs]
    gains = [run.optimism for run in runs if run.optimism is not None and "oracle" in run.rules]
    parameters = runs[0].manifest["parameter_count"]
    return (
        label,
        _spread([found.uf1 for found in scores]),
        _spread([found.uar for found in scores]),
        f"{np.mean(gains):+.3f}" if gains else "–",
        *(("–",) * 3 if first is None else _difference(runs, first)),
        f"{parameters:,}" if parameters else "–",
        f"{np.mean([run.seconds for run in runs]) / 60:.1f}",
        str(len(runs)),
    )


def _difference(runs: Sequence[Run], first: Sequence[Run]) -> tuple[str, str, str]:
    found = paired_difference(runs, first, rule="last", metric="uf1")
    interval = ("–", "–") if found.subjects < 2 else (f"{found.low:+.3f}", f"{found.high:+.3f}")
    return f"{found.difference:+.3f}", *interval


def _spread(values: Sequence[float]) -> str:
    mean = f"{np.mean(values):.3f}"
    return mean if len(values) == 1 else f"{mean} ± {np.std(values, ddof=1):.3f}"


def _known(method: Method) -> dict[str, Parameter]:
    trained = Training.declared() if isinstance(method, NetworkMethod) else ()
    return {declared.name: declared for declared in (*method.Parameters.declared(), *trained)}


def _values(experiment: Experiment) -> dict[str, Value]:
    trained = {} if experiment.training is None else experiment.training.values()
    return {**experiment.method.parameters.values(), **trained}


def _asked(text: str, known: Mapping[str, Parameter]) -> dict[str, list[str]]:
    asked: dict[str, list[str]] = {}
    for word in (word.strip() for word in text.split(",") if word.strip()):
        name, equals, value = (part.strip() for part in word.partition("="))
        if not equals and name not in known and asked and asked[list(asked)[-1]]:
            asked[list(asked)[-1]].append(word)  # one more value of the parameter before
            continue
        if name not in known:
            raise UnknownName("parameter to go through", name, known)
        if name in asked:
            raise UsageError(f"--over {name} is given twice; give it once.")
        asked[name] = [value] if equals else []
    return asked


def _through(declared: Parameter, given: Sequence[str], own: Value) -> tuple[Value, ...]:
    choices: Sequence[object] = given or declared.choices or ((True, False) if isinstance(own, bool) else ())
    if not choices:
        raise UsageError(
            f"--over {declared.name}: it has no list of choices; give values, such as "
            f"--over {declared.name}={own},… ({declared.name} must be {declared.rule})."
        )
    return tuple(dict.fromkeys([own, *(declared.read(choice) for choice in choices)]))
