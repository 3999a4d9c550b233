"""Ablation: which settings of a method are compared, and the table of what each is worth."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.errors import UnknownName, UsageError
from merbench.experiment import Experiment
from merbench.method import Method, NetworkMethod
from merbench.parameters import Parameter, Value
from merbench.record import Run
from merbench.summary import Table, heading
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
    """The settings to compare: the experiment's own, then one parameter changed at a time, or every combination."""
    known = _known(experiment.method)
    published = all(known[name].default == values[0] for name, values in over.items())
    first = {name: values[0] for name, values in over.items()}
    if grid:
        combined = [dict(zip(over, values, strict=True)) for values in itertools.product(*over.values())]
    else:
        combined = [first, *({name: value} for name, values in over.items() for value in values[1:])]
    changed = [{name: value for name, value in each.items() if value != first[name]} for each in combined]
    own = f"{'as published' if published else 'as set'} ({_pairs(first)})"
    return [Variant(label=_pairs(each) or own, changed=each) for each in changed]


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
            "Rule last; counts are pooled over folds (MEGC 2019); mean ± standard deviation over seeds.",
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


def _difference(runs: Sequence[Run], first: Sequence[Run]) -> tuple[str, ...]:
    return tuple(f"{value:+.3f}" for value in paired_uf1(runs, first))


def paired_uf1(a_runs: Sequence[Run], b_runs: Sequence[Run]) -> tuple[float, float, float]:
    """Mean UF1 over the seeds of `a_runs` less that of `b_runs`, and its 95 % percentile interval.

    The bootstrap (2000 draws, always the same) draws the same subjects for both, each with all its clips and seeds.
    """
    a, b = (np.stack([_by_subject(run) for run in runs]) for runs in (a_runs, b_runs))
    subjects = a.shape[1]
    times = np.random.default_rng(0).multinomial(subjects, np.full(subjects, 1 / subjects), size=2000)

    def uf1(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        hits, involved = 2 * np.einsum("...cc->...c", counts), counts.sum(-1) + counts.sum(-2)
        f1 = np.divide(hits, involved, out=np.zeros(involved.shape), where=involved > 0)
        mean: npt.NDArray[np.float64] = f1.mean(-1)
        return mean

    drawn = [uf1(np.einsum("ds,ksij->kdij", times, counts)).mean(0) for counts in (a, b)]
    low, high = np.quantile(drawn[0] - drawn[1], [0.025, 0.975])
    return float(uf1(a.sum(1)).mean() - uf1(b.sum(1)).mean()), float(low), float(high)


def _by_subject(run: Run) -> npt.NDArray[np.int64]:
    """Counts `(subject true predicted)` under `last`, subjects sorted."""
    subjects = np.array([key.split("/")[:2] for keys in run.keys for key in keys])
    truth, predicted = (np.concatenate(labels) for labels in zip(*run.predictions("last"), strict=True))
    _, place = np.unique(subjects, axis=0, return_inverse=True)
    counts = np.zeros((place.max() + 1, len(run.classes), len(run.classes)), dtype=np.int64)
    np.add.at(counts, (place.ravel(), truth, predicted), 1)
    return counts


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
