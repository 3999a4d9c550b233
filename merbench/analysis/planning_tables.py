"""A plan as a table and as plain data."""

from __future__ import annotations

import math
from typing import Any

from merbench.analysis.comparison_tables import SHOWN
from merbench.analysis.planning import SEEDS, Plan, PlannedPair
from merbench.analysis.table import Table
from merbench.plural import plural


def plan_table(plan: Plan) -> Table:
    """A row for each pair: the gap that its subjects show, the subjects and the seeds that the planned gap takes."""
    score = SHOWN[plan.metric]
    return Table(
        title=(
            f"{plan.task.protocol} on {plan.task.data}, {plan.task.scheme}: what finding a difference of "
            f"{plan.gap:g} in {score} takes, in {100 * plan.power:g} % of cases"
        ),
        columns=(
            "first",
            "second",
            *(f"gap, {plural(seeds, 'seed')}" for seeds in SEEDS),
            *(f"subjects, {plural(seeds, 'seed')}" for seeds in SEEDS),
            "seeds",
        ),
        rows=tuple(map(_row, plan.pairs)),
        text_columns=2,
        keys=2,
        notes=(*_assumptions(plan), *_unknown(plan)),
    )


def _row(pair: PlannedPair) -> tuple[str, ...]:
    return (
        pair.first,
        pair.second or f"another like {pair.first}",
        *("–" if math.isinf(gap) else f"{gap:.3f}" for gap in pair.gaps),
        *(_number(number) for number in (*pair.subjects, pair.seeds)),
    )


def _number(number: int | None) -> str:
    return "none suffices" if number is None else f"{number:,}"


def _assumptions(plan: Plan) -> list[str]:
    pairs = f"{plan.comparisons} comparisons" if plan.comparisons > 1 else "one comparison"
    notes = [
        (
            "Gap: the smallest difference that the subjects of these runs would show. Subjects: the fewest that would "
            f"show a difference of {plan.gap:g}. Seeds: the fewest of each method that would show it with the "
            f"{plural(plan.subjects, 'subject')} of these runs."
        ),
        (
            f"Found: p ≤ 0.05 by the t test over subjects and seeds, corrected for {pairs} of a table of "
            f"{plural(plan.methods, 'method')} (--methods) by Bonferroni, Holm's first step."
        ),
        (
            f"Assumed: further subjects and trainings vary as the {plural(plan.subjects, 'subject')} and the "
            "seeds of these runs "
            "do, with as many clips a subject, and each method is trained with as many seeds."
        ),
        "These variances are estimates from few subjects and seeds: take the numbers for an order of magnitude.",
        (
            "None suffices: more subjects are not enough with so few seeds, or more seeds with so few subjects. "
            "Seeds have no effect on deterministic methods."
        ),
    ]
    if any(math.isinf(gap) for pair in plan.pairs for gap in pair.gaps):
        notes.append(
            f"–: with {plural(plan.subjects, 'subject')} and {pairs}, no difference would be found, however large."
        )
    if not plan.pairs[0].second:
        notes.append(
            "One method was named: the other one is taken to vary as much and independently of it. Methods that find "
            "the same subjects hard need fewer; name runs of both to count that."
        )
    return notes


def _unknown(plan: Plan) -> list[str]:
    names = sorted({name for pair in plan.pairs for name in pair.unknown})
    if not names:
        return []
    note = (
        f"Of {', '.join(names)} there is a single training: its variation over seeds is unknown and counted as none, "
        "so more is needed than stands here. Name runs of more seeds."
    )
    return [note]


def plan_as_dict(plan: Plan) -> dict[str, Any]:
    """The plan as plain data; None for what no number reaches."""
    return {
        "task": plan.task._asdict(),
        "metric": plan.metric,
        "rule": plan.rule,
        "gap": plan.gap,
        "power": plan.power,
        "methods": plan.methods,
        "comparisons": plan.comparisons,
        "subjects": plan.subjects,
        "assumptions": [*_assumptions(plan), *_unknown(plan)],
        "pairs": [
            {
                "first": pair.first,
                "second": pair.second or None,
                "by_seeds": [
                    {"seeds": seeds, "gap": None if math.isinf(gap) else gap, "subjects_needed": subjects}
                    for seeds, gap, subjects in zip(SEEDS, pair.gaps, pair.subjects, strict=True)
                ],
                "seeds_needed": pair.seeds,
                "variation_over_seeds_unknown": list(pair.unknown),
            }
            for pair in plan.pairs
        ],
    }
