"""How many subjects or seeds a difference takes to be found, from the variances of finished runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from merbench.analysis.comparison import require_once, require_one_task
from merbench.analysis.group_inference import runs_of
from merbench.analysis.statistics import PairVariance, pair_variances, seeds_needed, subjects_needed
from merbench.analysis.statistics.components import Components, components
from merbench.analysis.statistics.pooled import metric_named
from merbench.errors import UsageError
from merbench.results.header import TaskIdentity
from merbench.results.record import RunRecord
from merbench.results.seed_groups import Group, grouped
from merbench.task_kinds import require_metric

#: The numbers of seeds for which subjects are counted.
SEEDS = (3, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPair:
    """Two methods: the gap found with the subjects they have, and what the planned gap takes.

    `gaps` and `subjects` go by the numbers of seeds in `SEEDS`; `seeds` is for the subjects available. None stands for
    a number that no amount reaches. `unknown` names methods with a single random training, whose variation over seeds
    is unknown and counted as none. `second` is empty where the second method is one like the first.
    """

    first: str
    second: str
    gaps: tuple[float, ...]
    subjects: tuple[int | None, ...]
    seeds: int | None
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What finding a difference of `gap` with probability `power` takes, in a table of so many `methods`."""

    task: TaskIdentity
    metric: str
    rule: str
    gap: float
    power: float
    methods: int
    subjects: int
    pairs: tuple[PlannedPair, ...]

    @property
    def comparisons(self) -> int:
        """The pairs of a table of `methods`, over which p is corrected."""
        return self.methods * (self.methods - 1) // 2


def plan(
    records: Sequence[RunRecord],
    gap: float = 0.05,
    power: float = 0.8,
    *,
    methods: int | None = None,
    rule: str = "last",
    metric: str = "",
) -> Plan:
    """What a difference of `gap` takes for every pair of methods in `records`, or for one and another like it.

    `methods` is how many the planned table has; None for as many as there are records of, two at least.

    Raises:
        UsageError: for values that cannot be, records of different tasks, twice the same, or of one subject.
    """
    groups, methods = _checked(records, gap, power, methods)
    metric = require_metric(groups[0].kind, metric)
    runs = [runs_of(group, rule) for group in groups]
    subjects = runs[0].counts.shape[1]
    if subjects < 2:
        raise UsageError(f"{records[0].name} has one tested subject, which shows no variance; name runs on more.")
    parts = components(
        [each.counts for each in runs], [each.deterministic for each in runs], metric_named(metric, groups[0].kind.name)
    )
    unknown = [group.name for group, seeds in zip(groups, parts.seeds.tolist(), strict=True) if seeds == 1]
    pairs = list(combinations(range(len(groups)), 2))
    variances = pair_variances(parts, pairs) or [like_itself(parts)]
    named = [(groups[a].name, groups[b].name) for a, b in pairs] or [(groups[0].name, "")]
    return Plan(
        task=records[0].task,
        metric=metric,
        rule=rule,
        gap=gap,
        power=power,
        methods=methods,
        subjects=subjects,
        pairs=tuple(
            PlannedPair(
                first=first,
                second=second,
                gaps=tuple(variance.gap(subjects, seeds, methods, power) for seeds in SEEDS),
                subjects=tuple(subjects_needed(variance, gap, seeds, methods, power) for seeds in SEEDS),
                seeds=seeds_needed(variance, gap, subjects, methods, power),
                unknown=tuple(name for name in (first, second) if name in unknown),
            )
            for (first, second), variance in zip(named, variances, strict=True)
        ),
    )


def like_itself(parts: Components) -> PairVariance:
    """The variances of the difference between the first method and an independent one with equal variances.

    Methods usually find the same subjects hard, which makes a difference more certain than this.
    """
    seeds = np.maximum(parts.seeds, 1)
    own = max(0.0, float(parts.subject[0, 0] - parts.residual[0] / seeds[0]))
    return PairVariance(
        subject=2 * own * parts.subjects,
        residual=2 * float(parts.residual[0]) * parts.subjects,
        seed=2 * max(0.0, float(parts.seed[0] - parts.residual[0])),
        effective=min(1.0, parts.effective_subjects / parts.subjects),
        trained=2 if parts.seeds[0] else 0,
    )


def _checked(records: Sequence[RunRecord], gap: float, power: float, methods: int | None) -> tuple[list[Group], int]:
    if not 0 < gap < 1:
        raise UsageError(f"gap={gap} is not possible: it must be a difference of scores between 0 and 1, such as 0.05.")
    if not 0.05 < power < 1:
        raise UsageError(f"power={power} is not possible: it must be between 0.05 and 1, such as 0.8.")
    if methods is not None and methods < 2:
        raise UsageError(f"methods={methods} is not possible: a table compares 2 at least.")
    if not records:
        raise UsageError("No runs were named; name those of one method at least.")
    require_one_task(records)
    require_once(records)
    groups = grouped(records)
    return groups, max(2, len(groups)) if methods is None else methods
