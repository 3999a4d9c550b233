"""A comparison as tables and as plain data."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from merbench.analysis.comparison import Comparison, Pair
from merbench.analysis.statistics import (
    ALPHA,
    Difference,
    Disagreement,
    Interval,
)
from merbench.analysis.tables import LEAKY, Table

SHOWN = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}


def verdict(pair: Pair, metric: str) -> str:
    """What a pair shows, in one sentence."""
    found, score = pair.difference, SHOWN[metric]
    range_ = f"95 % interval {signed(found.low)} to {signed(found.high)}, corrected p = {shown_p(pair.p_holm)}"
    if pair.distinguishable:
        return f"{pair.a} is better than {pair.b}: {score} {signed(found.difference)} ({range_})."
    return f"{pair.a} and {pair.b} are not distinguishable: {score} {signed(found.difference)} ({range_})."


def tables(found: Comparison, clips: bool) -> list[Table]:
    """The scores, the pairs, and if wanted the clips on which the methods of each pair disagree."""
    lists = [_clip_table(pair) for pair in found.pairs] if clips else []
    return [_score_table(found), _pair_table(found), *lists]


def _score_table(found: Comparison) -> Table:
    task = found.task
    leaky = f" ({LEAKY})" if found.leaky else ""
    rows = tuple(
        (group.name, str(len(group.records)), f"{score.value:.3f}", f"{plain(score.low)} to {plain(score.high)}")
        for group, score in zip(found.groups, found.scores, strict=True)
    )
    return Table(
        title=f"{task.protocol}{leaky} on {task.data}, {task.scheme}: {found.clips} clips, {found.subjects} subjects",
        columns=("method", "seeds", SHOWN[found.metric], "95 % interval"),
        rows=rows,
        notes=(
            f"Rule {found.rule}{'' if found.rule != 'oracle' else ', which sees the held-out labels: never ranked'}.",
        ),
    )


_PAIR_COLUMNS = (
    "first", "second", "difference", "95 % interval", "p", "p (Holm)", "effect", "only first right",
    "only second right", "McNemar p",
)  # fmt: skip


def _pair_table(found: Comparison) -> Table:
    return Table(
        title=f"Differences in {SHOWN[found.metric]}, the first less the second",
        columns=_PAIR_COLUMNS,
        rows=tuple(map(_pair_row, found.pairs)),
        text_columns=2,
        notes=(*(verdict(pair, found.metric) for pair in found.pairs), *_assumptions(found)),
    )


def _pair_row(pair: Pair) -> tuple[str, ...]:
    found = pair.difference
    return (
        pair.a,
        pair.b,
        signed(found.difference),
        f"{signed(found.low)} to {signed(found.high)}",
        shown_p(found.p),
        shown_p(pair.p_holm),
        "–" if found.effect is None else f"{found.effect:+.2f}",
        str(pair.mcnemar.only_a),
        str(pair.mcnemar.only_b),
        shown_p(pair.mcnemar.p),
    )


def _assumptions(found: Comparison) -> tuple[str, ...]:
    floor = 2 / 2**found.subjects * len(found.pairs)
    few = (
        f" With {found.subjects} subjects and {len(found.pairs)} comparisons no corrected p can fall below "
        f"{shown_p(min(floor, 1.0))}: nothing can be told apart here."
    )
    units = f"Intervals draw, and p swaps, whole subjects with all seeds: {found.subjects}, taken for independent."
    return (
        units + (few if floor > ALPHA else ""),
        "Effect: the difference over its standard deviation from subject to subject (jackknife).",
        "McNemar's test takes clips for independent, which those of one subject are not: its p is too small.",
    )


def _clip_table(pair: Pair) -> Table:
    rows = tuple(
        (clip.key, clip.truth, "/".join(clip.a), "/".join(clip.b), pair.a if clip.right == "a" else pair.b)
        for clip in pair.clips
    )
    return Table(
        title=f"Clips that only one of {pair.a} and {pair.b} has right",
        columns=("clip", "class", pair.a, pair.b, "right"),
        rows=rows,
        text_columns=5,
        notes=("Predictions of several seeds are separated by /; right means more than half of the seeds.",),
    )


def as_dict(found: Comparison, clips: bool) -> dict[str, Any]:
    """The comparison as plain data; None for what is undefined."""
    methods = [
        {"method": group.name, "seeds": [r.content["description"]["seed"] for r in group.records], **_plain(score)}
        for group, score in zip(found.groups, found.scores, strict=True)
    ]
    return {
        "task": found.task._asdict(),
        "metric": found.metric,
        "rule": found.rule,
        "leaky": found.leaky,
        "clips": found.clips,
        "subjects": found.subjects,
        "methods": methods,
        "pairs": [_pair_dict(pair, clips) for pair in found.pairs],
    }


def _pair_dict(pair: Pair, clips: bool) -> dict[str, Any]:
    return {
        "first": pair.a,
        "second": pair.b,
        **_plain(pair.difference),
        "p_holm": pair.p_holm,
        "distinguishable": pair.distinguishable,
        "mcnemar": {"only_first": pair.mcnemar.only_a, "only_second": pair.mcnemar.only_b, "p": pair.mcnemar.p},
        **({"clips": [_clip_dict(clip) for clip in pair.clips]} if clips else {}),
    }


def _clip_dict(clip: Disagreement) -> dict[str, Any]:
    right = "first" if clip.right == "a" else "second"
    return {"key": clip.key, "class": clip.truth, "first": list(clip.a), "second": list(clip.b), "right": right}


def _plain(found: Interval | Difference) -> dict[str, Any]:
    return {name: None if value != value else value for name, value in asdict(found).items()}


def signed(value: float) -> str:
    """A difference with its sign; a dash where it is undefined."""
    return "–" if math.isnan(value) else f"{value:+.3f}"


def plain(value: float) -> str:
    """A score; a dash where it is undefined."""
    return "–" if math.isnan(value) else f"{value:.3f}"


def shown_p(p: float) -> str:
    """A p value with three places.

    >>> shown_p(0.0004), shown_p(0.03125)
    ('<0.001', '0.031')
    """
    return "<0.001" if p < 0.001 else f"{p:.3f}"
