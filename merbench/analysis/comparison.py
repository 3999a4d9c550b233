"""Methods on one task, each against each: differences, how sure they are, and the clips behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from merbench.analysis.statistics import (
    ALPHA,
    Difference,
    Disagreement,
    Interval,
    McNemar,
    disagreements,
    holm,
    interval,
    mcnemar,
    paired_difference,
)
from merbench.errors import UsageError
from merbench.results.record import Record, Task
from merbench.results.seed_groups import Group, grouped

_PARTS = {
    "protocol": "the protocol",
    "data": "the data",
    "scheme": "the scheme",
    "labels": "the labels fingerprint",
    "alignment": "the alignment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two methods: the first less the second, p as it is and corrected for all pairs, and the clips they differ on."""

    a: str
    b: str
    difference: Difference
    p_holm: float
    mcnemar: McNemar
    clips: tuple[Disagreement, ...]

    @property
    def distinguishable(self) -> bool:
        """Whether the corrected p is at most 0.05."""
        return self.p_holm <= ALPHA


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Methods with their scores under a rule, and every pair of them."""

    task: Task
    metric: str
    rule: str
    leaky: bool
    clips: int
    subjects: int
    groups: tuple[Group, ...]
    scores: tuple[Interval, ...]
    pairs: tuple[Pair, ...]


def compare(
    records: Sequence[Record], rule: str = "last", metric: str = "uf1", draws: int = 2000, seed: int = 0
) -> Comparison:
    """Every pair of the methods in `records`, seeds of a method together; the higher score stands first.

    Raises:
        UsageError: for records of different tasks, of a single method, or twice the same.
    """
    _require_one_task(records)
    _require_once(records)
    groups = grouped(records)
    if len(groups) < 2:
        raise UsageError(
            f"All that was named is of one method, {groups[0].name}; name runs of a second one to compare it with."
        )
    scored = [(interval(group.records, rule, metric, draws, seed), group) for group in groups]
    scored.sort(key=lambda found: (-found[0].value, found[1].name))
    ordered = [group for _, group in scored]
    raw = [
        (a, b, paired_difference(a.records, b.records, rule, metric, draws, seed)) for a, b in combinations(ordered, 2)
    ]
    corrected = holm([difference.p for _, _, difference in raw])
    content = records[0].content
    return Comparison(
        task=records[0].task,
        metric=metric,
        rule=rule,
        leaky=content["leaky"],
        clips=content["clips"],
        subjects=raw[0][2].subjects,
        groups=tuple(ordered),
        scores=tuple(score for score, _ in scored),
        pairs=tuple(_pair(*found, p_holm, rule) for found, p_holm in zip(raw, corrected, strict=True)),
    )


def _pair(a: Group, b: Group, difference: Difference, p_holm: float, rule: str) -> Pair:
    return Pair(
        a=a.name,
        b=b.name,
        difference=difference,
        p_holm=p_holm,
        mcnemar=mcnemar(a.records, b.records, rule),
        clips=tuple(disagreements(a.records, b.records, rule)),
    )


def _require_one_task(records: Sequence[Record]) -> None:
    for other in records[1:]:
        for part, word in _PARTS.items():
            one, two = getattr(records[0].task, part), getattr(other.task, part)
            if one != two:
                raise UsageError(
                    f"{records[0].name} and {other.name} are of different tasks: {word} is {one} for the one and {two} "
                    "for the other; compare runs of one task."
                )


def _require_once(records: Sequence[Record]) -> None:
    seen: dict[str, Record] = {}
    for record in records:
        twin = seen.setdefault(str(record.content["identity"]), record)
        if twin is not record:
            raise UsageError(f"{twin.name} and {record.name} are one and the same run; name it once.")
