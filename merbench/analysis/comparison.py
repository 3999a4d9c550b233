"""Methods on one task, each against each: differences, their uncertainty, and the clips behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from merbench.analysis.group_inference import inference_of
from merbench.analysis.statistics import (
    Difference,
    Disagreement,
    McNemar,
    PairInference,
    TableInference,
    disagreements,
    mcnemar,
    paired_difference,
)
from merbench.errors import UsageError
from merbench.plural import plural
from merbench.results.header import TaskIdentity
from merbench.results.opaque import alike
from merbench.results.record import RunRecord
from merbench.results.seed_groups import Group, grouped
from merbench.task_kinds import require_metric

_PARTS = {
    "protocol": "the protocol",
    "data": "the data",
    "scheme": "the scheme",
    "labels": "the labels fingerprint",
    "alignment": "the alignment",
}

#: What of a run's specification shifts key frames, by name, and its value where none are shifted.
_UNSHIFTED = {"apex_shift": 0, "keyframe_noise": 0, "keyframe_noise_side": "both", "keyframe_noise_seed": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two methods: the first less the second, over subjects and seeds, and the clips they differ on.

    `as_trained` takes the trained networks as fixed: it says which of them is better, not which method. `missing` says
    what the methods lack for a claim; empty where nothing is missing.
    """

    a: str
    b: str
    difference: PairInference
    as_trained: Difference
    missing: str
    mcnemar: McNemar
    clips: tuple[Disagreement, ...]

    @property
    def distinguishable(self) -> bool:
        """Whether the corrected p is at most 0.05."""
        return self.difference.significant


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Methods with their scores under a rule, and every pair of them."""

    task: TaskIdentity
    metric: str
    rule: str
    leaky: bool
    clips: int
    subjects: int
    groups: tuple[Group, ...]
    inference: TableInference
    pairs: tuple[Pair, ...]


def compare(
    records: Sequence[RunRecord], rule: str = "last", metric: str = "", draws: int = 2000, seed: int = 0
) -> Comparison:
    """Every pair of the methods in `records`, seeds of a method together; the higher score first.

    An empty `metric` is the one that ranks: UF1, or mean F1 of multi-label tasks.

    Raises:
        UsageError: for records of different tasks, of a single method, or twice the same.
    """
    records = alike(records)
    require_one_task(records, offer_common=True)
    require_once(records)
    metric = require_metric(records[0].kind, metric)
    groups = grouped(records)
    if len(groups) < 2:
        raise UsageError(
            f"All that was named is of one method, {groups[0].name}; name runs of a second one to compare it with."
        )
    scored = [(row.value, group) for row, group in zip(inference_of(groups, rule, metric).methods, groups, strict=True)]
    ordered = [group for _, group in sorted(scored, key=lambda pair: (-pair[0], pair[1].name))]
    inference = inference_of(ordered, rule, metric)
    missing = {row.name: row.missing for row in inference.methods}
    by_name = {(pair.first, pair.second): pair for pair in inference.pairs}
    return Comparison(
        task=records[0].task,
        metric=metric,
        rule=rule,
        leaky=records[0].leaky,
        clips=records[0].clips,
        subjects=inference.subjects,
        groups=tuple(ordered),
        inference=inference,
        pairs=tuple(
            Pair(
                a=a.name,
                b=b.name,
                difference=by_name[a.name, b.name],
                as_trained=paired_difference(a.records, b.records, rule, metric, draws, seed),
                missing="; ".join(f"{name} needs {missing[name]}" for name in (a.name, b.name) if missing[name]),
                mcnemar=mcnemar(a.records, b.records, rule),
                clips=tuple(disagreements(a.records, b.records, rule)),
            )
            for a, b in combinations(ordered, 2)
        ),
    )


def require_one_task(records: Sequence[RunRecord], *, offer_common: bool = False) -> None:
    """Refuse records of different tasks; `offer_common` says whether --common may be the remedy.

    Raises:
        UsageError: naming two records and what differs.
    """
    for other in records[1:]:
        for part, word in _PARTS.items():
            one, two = getattr(records[0].task, part), getattr(other.task, part)
            if one == two:
                continue
            differs = _causes(records[0], other) if part == "labels" else []
            listed = "; ".join(differs) or f"{word} is {one} for the one and {two} for the other"
            raise UsageError(
                f"{records[0].name} and {other.name} are of different tasks: {listed}; compare runs of one "
                f"task{_offered(records, part) if offer_common else ''}."
            )


def _causes(one: RunRecord, other: RunRecord) -> list[str]:
    """The choices that differ of those by which labels do, each in a clause; empty where none does."""
    first, second = _choices(one), _choices(other)
    return [
        f"{name} is {value} for the one and {second[name]} for the other"
        for name, value in first.items()
        if name in second and value != second[name]
    ]


def _choices(record: RunRecord) -> dict[str, object]:
    perturbed = record.description.perturbed or {}
    shifts = {name: perturbed.get(name) or unshifted for name, unshifted in _UNSHIFTED.items()}
    states = {f"the annotation of {name}": state for name, state in record.states.items()}
    return {**shifts, "apex": record.apex_policy, "corrections": record.corrections, **states}


def _offered(records: Sequence[RunRecord], part: str) -> str:
    """The way to compare runs of one task whose clips differ."""
    clips = {frozenset(key for fold in record.keys for key in fold) for record in records}
    if part != "labels" or len(clips) < 2 or not frozenset.intersection(*clips):
        return ""
    return (
        f", or add --common to compare them on the {plural(len(frozenset.intersection(*clips)), 'clip')} "
        "that all tested"
    )


def require_once(records: Sequence[RunRecord]) -> None:
    """Refuse a record that is named twice.

    Raises:
        UsageError: naming both.
    """
    seen: dict[str, RunRecord] = {}
    for record in records:
        twin = seen.setdefault(record.identity, record)
        if twin is not record:
            raise UsageError(f"{twin.name} and {record.name} are one and the same run; name it once.")
