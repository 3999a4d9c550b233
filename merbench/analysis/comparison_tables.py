"""A comparison as tables and as plain data."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from merbench.analysis.comparison import Comparison, Pair
from merbench.analysis.statistics import (
    INTERVAL,
    LETTERS,
    RANK,
    Difference,
    Disagreement,
    MethodInference,
)
from merbench.analysis.table import LEAKY, Table
from merbench.plural import plural
from merbench.results.labels import changes_sentence
from merbench.results.opaque import NAMES
from merbench.task_kinds import MULTI_LABEL, SINGLE_LABEL

SHOWN = {**SINGLE_LABEL.scores_shown, **MULTI_LABEL.scores_shown}


def verdict(pair: Pair, metric: str) -> str:
    """What a pair shows, in one sentence."""
    difference, score = pair.difference, SHOWN[metric]
    interval = f"95 % interval {signed(difference.low)} to {signed(difference.high)}"
    if difference.p_corrected is None:
        fixed = pair.as_trained
        return (
            f"{pair.a} and {pair.b} are not ranked{f' ({pair.missing})' if pair.missing else ''}: as trained, {score} "
            f"{signed(fixed.difference)} (95 % interval over subjects alone {signed(fixed.low)} to "
            f"{signed(fixed.high)}, p = {shown_p(fixed.p)})."
        )
    uncertainty = f"({interval}, corrected p = {shown_p(difference.p_corrected)})"
    if pair.distinguishable:
        better, worse = (pair.a, pair.b) if difference.difference > 0 else (pair.b, pair.a)
        return f"{better} is better than {worse}: {score} {signed(abs(difference.difference))} {uncertainty}."
    return f"{pair.a} and {pair.b} are not distinguishable: {score} {signed(difference.difference)} {uncertainty}."


def tables(comparison: Comparison, clips: bool) -> list[Table]:
    """The scores, the pairs, and if wanted the clips on which the methods of each pair disagree."""
    lists = [_clip_table(pair, names=_holds_names(comparison)) for pair in comparison.pairs] if clips else []
    return [_score_table(comparison), _pair_table(comparison), *lists]


def _score_table(comparison: Comparison) -> Table:
    task = comparison.task
    leaky = f" ({LEAKY})" if comparison.leaky else ""
    limits = f". {comparison.inference.limits[:-1]}" if comparison.inference.limits else ""
    unranked = ", which sees the held-out labels: never ranked" if comparison.rule == "oracle" else ""
    rows = tuple(
        (
            "–" if row.rank is None or not _is_ranked(comparison) else str(row.rank), row.letters or "–", row.name,
            str(len(group.records)), f"{row.value:.3f}", f"{plain(row.low)} to {plain(row.high)}", row.missing or "–",
        )
        for group, row in zip(comparison.groups, comparison.inference.methods, strict=True)
    )  # fmt: skip
    return Table(
        title=(
            f"{task.protocol}{leaky} on {task.data}, {task.scheme}: {plural(comparison.clips, 'clip')}, "
            f"{plural(comparison.subjects, 'subject')}{limits}"
        ),
        columns=("rank", "letters", "method", "seeds", SHOWN[comparison.metric], "95 % interval", "missing"),
        rows=rows,
        text_columns=3,
        keys=3,
        notes=(
            f"Rule {comparison.rule}{unranked}.",
            *filter(None, (_smallest_gap(comparison),)),
            f"Interval: {INTERVAL}",
            f"Rank: {RANK}",
            f"Letters: {LETTERS}",
            *filter(None, (changes_sentence(group.first) for group in comparison.groups)),
        ),
    )


_PAIR_COLUMNS = (
    "first", "second", "difference", "95 % interval", "p", "p (Holm)", "as trained: p", "effect", "only first right",
    "only second right", "McNemar p",
)  # fmt: skip


def _pair_table(comparison: Comparison) -> Table:
    return Table(
        title=f"Differences in {SHOWN[comparison.metric]}, the first less the second",
        columns=_PAIR_COLUMNS,
        rows=tuple(map(_pair_row, comparison.pairs)),
        text_columns=2,
        keys=2,
        notes=(*(verdict(pair, comparison.metric) for pair in comparison.pairs), *_assumptions(comparison)),
    )


def _pair_row(pair: Pair) -> tuple[str, ...]:
    difference = pair.difference
    return (
        pair.a,
        pair.b,
        signed(difference.difference),
        f"{signed(difference.low)} to {signed(difference.high)}",
        shown_p(difference.p),
        "–" if difference.p_corrected is None else shown_p(difference.p_corrected),
        shown_p(pair.as_trained.p),
        "–" if pair.as_trained.effect is None else f"{pair.as_trained.effect:+.2f}",
        str(pair.mcnemar.only_a),
        str(pair.mcnemar.only_b),
        shown_p(pair.mcnemar.p),
    )


def _is_ranked(comparison: Comparison) -> bool:
    return not comparison.leaky and comparison.rule != "oracle"


def _smallest_gap(comparison: Comparison) -> str:
    inference = comparison.inference
    if math.isnan(inference.gap) or inference.limits:
        return ""
    return (
        f"Smallest difference in {SHOWN[comparison.metric]} that is found in 80 % of cases (median pair): "
        f"{inference.gap:.2f} in a single comparison, {inference.gap_corrected:.2f} "
        "after the correction over all pairs."
    )


def _assumptions(comparison: Comparison) -> tuple[str, ...]:
    return (
        (
            f"Interval and p: a t test over {plural(comparison.subjects, 'subject')}, taken for independent, and "
            "over seeds."
        ),
        "As trained: the permutation test that swaps whole subjects, with the trained networks taken as fixed.",
        "Effect: the difference over its standard deviation from subject to subject (jackknife), networks fixed.",
        "McNemar's test takes clips for independent, which those of one subject are not: its p is too small.",
    )


def _holds_names(comparison: Comparison) -> bool:
    return any(not (record.synthetic or record.opaque) for group in comparison.groups for record in group.records)


def _clip_table(pair: Pair, *, names: bool) -> Table:
    rows = tuple(
        (clip.key, clip.truth, "/".join(clip.a), "/".join(clip.b), pair.a if clip.right == "a" else pair.b)
        for clip in pair.clips
    )
    return Table(
        title=f"Clips that only one of {pair.a} and {pair.b} has right",
        columns=("clip", "class", pair.a, pair.b, "right"),
        rows=rows,
        text_columns=5,
        notes=(
            "Predictions of several seeds are separated by /; right means more than half of the seeds.",
            *((NAMES,) if names else ()),
        ),
    )


def as_dict(comparison: Comparison, clips: bool) -> dict[str, Any]:
    """The comparison as plain data; None for what is undefined."""
    methods = [
        {"method": group.name, "seeds": [record.seed for record in group.records], **_method_dict(row, comparison)}
        for group, row in zip(comparison.groups, comparison.inference.methods, strict=True)
    ]
    return {
        "task": comparison.task._asdict(),
        "metric": comparison.metric,
        "rule": comparison.rule,
        "leaky": comparison.leaky,
        "clips": comparison.clips,
        "subjects": comparison.subjects,
        "limits": comparison.inference.limits,
        "smallest_gap": _defined(comparison.inference.gap),
        "smallest_gap_corrected": _defined(comparison.inference.gap_corrected),
        "meanings": {"interval": INTERVAL, "rank": RANK, "letters": LETTERS},
        "methods": methods,
        "pairs": [_pair_dict(pair, clips) for pair in comparison.pairs],
    }


def _pair_dict(pair: Pair, clips: bool) -> dict[str, Any]:
    return {
        "first": pair.a,
        "second": pair.b,
        "difference": pair.difference.difference,
        "low": _defined(pair.difference.low),
        "high": _defined(pair.difference.high),
        "p": pair.difference.p,
        "p_holm": pair.difference.p_corrected,
        "effect": pair.as_trained.effect,
        "missing": pair.missing,
        "as_trained": _plain(pair.as_trained),
        "distinguishable": pair.distinguishable,
        "mcnemar": {"only_first": pair.mcnemar.only_a, "only_second": pair.mcnemar.only_b, "p": pair.mcnemar.p},
        **({"clips": [_clip_dict(clip) for clip in pair.clips]} if clips else {}),
    }


def _clip_dict(clip: Disagreement) -> dict[str, Any]:
    right = "first" if clip.right == "a" else "second"
    return {"key": clip.key, "class": clip.truth, "first": list(clip.a), "second": list(clip.b), "right": right}


def _method_dict(row: MethodInference, comparison: Comparison) -> dict[str, Any]:
    return {
        "value": row.value,
        "low": _defined(row.low),
        "high": _defined(row.high),
        "rank": row.rank if _is_ranked(comparison) else None,
        "letters": row.letters,
        "missing": row.missing,
    }


def _plain(difference: Difference) -> dict[str, Any]:
    return {name: None if value is None else _defined(value) for name, value in asdict(difference).items()}


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value


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
