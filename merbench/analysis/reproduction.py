"""A printed result beside the one obtained, under every rule, and the verdict."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Unpack

from merbench.analysis.table import Table
from merbench.entries.reproduction import Reproduction
from merbench.errors import UsageError
from merbench.experiments.events import Observer
from merbench.experiments.reproductions import changed_settings, find_reproduction, specification_of
from merbench.experiments.runs import Execution, Finished, run_all
from merbench.experiments.specify import RunKeywords
from merbench.plural import plural
from merbench.results.run import Run
from merbench.selection import RANKED, Rule
from merbench.spec import ExecutorName, MetricName, RunSpec

Verdict = Literal["reproduced", "not reproduced", "no verdict"]
METRICS: Mapping[MetricName, str] = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """What came of a reproduction: the runs, one a seed, the score under each rule, and the verdict with its reason.

    Scores are means over the runs.
    """

    reproduction: Reproduction
    runs: tuple[Run, ...]
    scores: Mapping[Rule, float]
    verdict: Verdict
    reason: str


def reproduce(
    name: str,
    *,
    seeds: int = 1,
    executor: ExecutorName = "local",
    workers: int | None = None,
    out: Path | str | None = None,
    runs: Path | str = "runs",
    observer: Observer | None = None,
    **keywords: Unpack[RunKeywords],
) -> Reproduced:
    """The printed result of that name, run again and judged by the paper's own rule.

    `merbench reproduce --list` prints all names.

    It is the ordinary run of the reproduction's method, recipe, protocol and data, and goes on where an earlier start
    stopped. `keywords` are those of `merbench.run` that say where data lie and what computes; what the reproduction
    fixes is refused.

    >>> import merbench
    >>> merbench.reproduce("lbp-top", recipe="quick")
    Traceback (most recent call last):
    merbench.errors.UsageError: recipe cannot be chosen: lbp-top fixes what is run; for another run use: merbench run
    --method lbp-top.

    Raises:
        MissingData: if data are not configured, with the command that says where they are.
        MerbenchError: for names, settings or folders that cannot be used.
    """
    reproduction = find_reproduction(name)
    specs = seeded(reproduction, seeds, keywords)
    execution = Execution(executor=executor, workers=workers, out=out, runs=runs)
    return reproduce_specs(reproduction, specs, execution, lambda: observer or Observer())


def seeded(reproduction: Reproduction, seeds: int, keywords: RunKeywords) -> list[RunSpec]:
    """The specifications of a reproduction's runs, one a seed, from the given one on.

    Raises:
        MerbenchError: for keywords that cannot be used, or data that are not configured.
    """
    if seeds < 1:
        raise UsageError(f"seeds={seeds} is not possible: it must be a whole number from 1.")
    first = keywords.get("seed") or 0
    every: Any = [{**keywords, "seed": seed} for seed in range(first, first + seeds)]
    return [specification_of(reproduction, **each) for each in every]


def reproduce_specs(
    reproduction: Reproduction,
    specs: Sequence[RunSpec],
    execution: Execution,
    observers: Callable[[], Observer] = Observer,
) -> Reproduced:
    """The runs of those specifications, judged.

    Raises:
        MerbenchError: for names, settings, data or folders that cannot be used.
    """
    finished = list(run_all(specs, execution, observers))
    done = tuple(each.run for each in finished)
    rules = [rule for rule in done[0].rules if rule == "last" or done[0].has_epochs]
    scores = {rule: statistics.fmean(_score(run, rule, reproduction.metric) for run in done) for rule in rules}
    verdict, reason = judged(reproduction, scores, departures(reproduction, specs[0], finished[0]))
    return Reproduced(reproduction=reproduction, runs=done, scores=scores, verdict=verdict, reason=reason)


def _score(run: Run, rule: Rule, metric: MetricName) -> float:
    value: float = getattr(run.scores(rule), metric)
    return value


def departures(reproduction: Reproduction, spec: RunSpec, finished: Finished) -> list[str]:
    """Why a run cannot stand for the printed one: a line for each thing in which they differ; empty if none."""
    task, experiment = finished.prepared.task, finished.prepared.experiment
    changed = ", ".join(f"{name}={value}" for name, value in changed_settings(reproduction, spec).items())
    states = [
        f"the annotation of {name} is {task.states[name]}, the printed number is of {state}"
        for name, state in reproduction.states.items()
        if task.states.get(name) != state
    ]
    return [
        *([f"settings were changed ({changed})"] if changed else []),
        *(["the faces are synthetic"] if experiment.synthetic else []),
        *states,
        *(
            [f"{plural(len(task.clips), 'clip')} were tested, the printed number is of {reproduction.clips}"]
            if len(task.clips) != reproduction.clips
            else []
        ),
    ]


def judged(
    reproduction: Reproduction, scores: Mapping[Rule, float], departures: Sequence[str] = ()
) -> tuple[Verdict, str]:
    """The verdict on scores by rule, and the sentence that gives its reason."""
    score, printed = scores[reproduction.rule], reproduction.printed.ratio
    if departures:
        return "no verdict", f"{'; '.join(departures)}."
    gap = f"{score:.4f} under {reproduction.rule} is {abs(score - printed):.4f} from {printed:.4f}"
    if reproduction.accepts(score):
        return "reproduced", f"{gap}, within {reproduction.tolerance:g}."
    return "not reproduced", f"{gap}, more than {reproduction.tolerance:g}."


def comparison_table(result: Reproduced) -> Table:
    """Expected beside obtained, a row for each rule; 80 columns hold it."""
    reproduction = result.reproduction
    rows = []
    for rule, score in result.scores.items():
        own = rule == reproduction.rule
        printed = reproduction.printed.ratio
        rows.append(
            (
                rule if rule in RANKED else f"{rule}*",
                "the paper's" if own and reproduction.printed.rule == rule else "judged" if own else "",
                f"{printed:.4f}" if own else "–",
                f"{score:.4f}",
                f"{score - printed:+.4f}" if own else "–",
            )
        )
    seeds = f", mean of {plural(len(result.runs), 'seed')}" if len(result.runs) > 1 else ""
    return Table(
        title=f"{reproduction.name}: {METRICS[reproduction.metric]} on {reproduction.printed.data}{seeds}",
        columns=("rule", "", "expected", "obtained", "difference"),
        rows=tuple(rows),
        text_columns=2,
    )


def facts(reproduction: Reproduction) -> list[str]:
    """What is reproduced, line by line: the printed number with its source, the run, and what is not known."""
    printed = reproduction.printed
    rule = {"unknown": "rule unknown", "none": "no epochs to choose from"}.get(printed.rule, f"rule {printed.rule}")
    scheme = f", scheme {reproduction.scheme}" if reproduction.scheme else ""
    needs = [f"{name} of {state}" for name, state in reproduction.states.items()]
    value = f"{printed.value} %" if printed.unit == "percent" else printed.value
    data = " + ".join(reproduction.datasets)
    cost = reproduction.duration
    run = f"{reproduction.method}, recipe {reproduction.recipe}, {reproduction.protocol} on {data}{scheme}"
    return [
        f"expected: {printed.metric} {value} ({rule}), {printed.method}, {printed.data}",
        f"source: {printed.source} ({printed.evidence})",
        f"tolerance: {reproduction.tolerance:g}: {reproduction.tolerance_reason}",
        f"run: {run}, {plural(reproduction.clips, 'clip')}",
        *([f"data: {', '.join(needs)}"] if needs else []),
        *(f"needs --set {name}=FILE: {what}" for name, what in reproduction.files.items()),
        *([f"remark: {reproduction.remark}"] if reproduction.remark else []),
        *(
            [
                (
                    f"duration: about {cost.hours} core hours, estimated from {cost.timed}, timed on: {cost.machine}"
                    f"{', beside other work' if cost.busy else ''}"
                )
            ]
            if cost
            else []
        ),
    ]
