"""The order of a task's methods, and the ranks and letters that their runs support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from merbench.analysis.group_inference import inference_of
from merbench.analysis.statistics import Interval, MethodInference
from merbench.results.seed_groups import Group
from merbench.task_kinds import TaskKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A method, its rank (None where it has none) and letters, its score with the interval, and what it lacks."""

    group: Group
    rank: int | None
    letters: str
    score: Interval
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The methods of a task, the best first.

    `limits` says why nothing can be separated, and is empty where it can. `gap` and `gap_corrected` are the smallest
    differences in the score that are found in 80 %, alone and after the correction over all pairs; NaN without pairs.
    """

    rows: tuple[Ranked, ...]
    subjects: int
    limits: str
    gap: float
    gap_corrected: float
    leaky: bool

    @property
    def kind(self) -> TaskKind:
        """What is predicted of a clip."""
        return self.rows[0].group.kind


def ranking(groups: Sequence[Group]) -> Ranking:
    """The methods of one task by the score that ranks, under `last`, with ranks and letters of `table_inference`.

    A method whose training is random is ranked from three seeds on. Under a leaky protocol nothing is ranked, and
    methods are in the order of their names. Methods that were tuned on the evaluation subjects stand below all others;
    they have no rank, and nobody's rank depends on them.
    """
    leaky = any(record.leaky for group in groups for record in group.records)
    ordered = sorted(groups, key=lambda group: (0.0 if leaky else -group.headline(), group.name))
    ordered = sorted(ordered, key=lambda group: bool(group.unranked))
    inference = inference_of(ordered, unranked="leaky protocol" if leaky else "")
    return Ranking(
        rows=tuple(_ranked(group, row) for group, row in zip(ordered, inference.methods, strict=True)),
        subjects=inference.subjects,
        limits=inference.limits,
        gap=inference.gap,
        gap_corrected=inference.gap_corrected,
        leaky=leaky,
    )


def _ranked(group: Group, row: MethodInference) -> Ranked:
    return Ranked(
        group=group,
        rank=row.rank,
        letters=row.letters,
        score=Interval(value=row.value, low=row.low, high=row.high),
        missing=row.missing,
    )
