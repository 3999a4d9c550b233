"""The leaderboard as one HTML file that asks for nothing: data as JSON, drawn by the script beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import numpy as np

from merbench.analysis.keyframe_curves import Point, curve_table, keyframe_curves, noise_in_words
from merbench.analysis.render import one_line
from merbench.analysis.score_detail import score_detail
from merbench.analysis.statistics import INTERVAL, LETTERS, RANK
from merbench.analysis.statistics.per_clip import ClipPredictions, predictions_by_clip
from merbench.leaderboard.columns import Row, controls, epochs_of, oracle_control, oracle_interval, rows_of
from merbench.leaderboard.in_print import METRIC, in_print
from merbench.leaderboard.markdown import by_task, counts, heading, reach, separation
from merbench.leaderboard.published import Published, address
from merbench.leaderboard.ranking import Ranking, ranking
from merbench.results.opaque import NAMES
from merbench.results.record import RunRecord
from merbench.results.seed_groups import Group

_PLACES = 6


def html(
    records: Sequence[RunRecord], published: Sequence[Published] = (), cards: Mapping[str, str] | None = None
) -> str:
    """The page, the same bytes for the same records; no name in it can be read as HTML or as script."""
    return filled(
        {
            "title": "Leaderboard",
            "drawn": bool(records) and all(record.synthetic for record in records),
            "tasks": tasks_of(records, cards or {}, published),
            "curves": curves_of(records),
            "published": [{**asdict(one), "marked": one.marked, "url": address(one.source)} for one in published],
            "runs": [],
        }
    )


def tasks_of(
    records: Sequence[RunRecord], cards: Mapping[str, str], published: Sequence[Published] = ()
) -> list[dict[str, Any]]:
    """What the page shows of each task, tasks in order; `cards` has the address of each method's card."""
    return [_task(ranking(groups), cards, published) for groups in by_task(records).values()]


def curves_of(records: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """What the page shows of scores over key-frame noise: a table and a plot for each task that has several values."""
    return [
        {
            "heading": curves.heading,
            "score": curves.score,
            "noises": [noise_in_words(noise) for noise in curves.noises],
            "rows": [
                {"name": name, "points": [_point(points.get(noise)) for noise in curves.noises]}
                for name, points in curves.rows.items()
            ],
            "notes": list(curve_table(curves).notes),
        }
        for curves in keyframe_curves(records)
    ]


def _point(point: Point | None) -> list[float] | None:
    return None if point is None else [point.score.value, point.score.low, point.score.high, point.seeds]


def filled(data: Mapping[str, Any]) -> str:
    """The page that shows `data`: style, script and data are in the one file."""
    page = files("merbench.leaderboard") / "page"
    text = (page / "index.html").read_text(encoding="utf-8")
    for name, part in (("style", "page.css"), ("script", "page.js")):
        text = text.replace(f"{{{{{name}}}}}", (page / part).read_text(encoding="utf-8"))
    for name, meaning in (("interval", INTERVAL), ("rank", RANK), ("letters", LETTERS), ("names", NAMES)):
        text = text.replace(f"{{{{{name}}}}}", meaning)
    return text.replace("{{data}}", embedded(data))


def embedded(data: object) -> str:
    """Plain data as JSON that cannot end the script element that contains it."""
    text = json.dumps(_plain(data), separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, _PLACES)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, Sequence) else value


def _task(ranking: Ranking, cards: Mapping[str, str], published: Sequence[Published]) -> dict[str, Any]:
    groups = [ranked.group for ranked in ranking.rows]
    clips = predictions_by_clip(groups[0].records, "last")
    names = sorted(set(clips.subjects))
    shown = rows_of(ranking)
    printed = in_print(groups, published)
    rows = [
        _row(row, ranked.group, cards, "last", ranked.rank, ranked.score.low, ranked.score.high)
        for row, ranked in zip(shown, ranking.rows, strict=False)
    ]
    control = oracle_control(groups)
    if control is not None:
        ends = oracle_interval(control)
        rows.append(_row(shown[-1], control, cards, "oracle", None, ends.low, ends.high))
    return {
        "id": groups[0].task.id,
        "heading": heading(groups[0].task, ranking.leaky),
        "counts": counts(groups),
        "reach": reach(groups),
        "said": separation(ranking),
        "missing": controls(groups),
        "scores": [ranking.kind.scores_shown[name] for name in ranking.kind.ranked],
        "word": ranking.kind.word,
        "classes": list(clips.classes),
        "support": ranking.kind.counts(clips.truth, len(clips.classes)),
        "subject_names": names,
        "subject_clips": [clips.subjects.count(name) for name in names],
        "rows": rows,
        "in_print": None if printed is None else {**asdict(printed), "metric": METRIC},
    }


def _row(
    row: Row, group: Group, cards: Mapping[str, str], rule: str, rank: int | None, low: float, high: float
) -> dict[str, Any]:
    clips = predictions_by_clip(group.records, rule)
    headline, second, third = (group.score(name, rule) for name in group.kind.ranked)
    deviation = [record.scores[rule].headline for record in group.records]
    oracle = group.has("oracle") and group.first.has_epochs
    return {
        "rank": rank,
        "letters": row.letters,
        "name": row.name,
        "mark": row.mark,
        "url": row.url or cards.get(row.method, ""),
        "control": group.first.family == "control",
        "ranked": rule == "last",
        "headline": headline,
        "low": low,
        "high": high,
        "second": second,
        "third": third,
        "seeds": len(group.records),
        "spread": float(np.std(deviation, ddof=1)) if len(deviation) > 1 else None,
        "oracle": group.headline("oracle") if oracle else None,
        "optimism": float(row.optimism) if row.optimism[:1] in "+-" else None,
        "shown_optimism": row.optimism,
        "recipe": row.recipe,
        "tuned": row.tuned,
        "device": row.device,
        "parameters": group.first.parameter_count if rule == "last" else None,
        "minutes": None if row.minutes == "–" else float(row.minutes),
        "f1": np.mean([record.scores[rule].f1 for record in group.records], axis=0).tolist(),
        "recall": np.mean([record.scores[rule].recall for record in group.records], axis=0).tolist(),
        **_detail(group, rule),
        "by_subject": _shares(clips),
        "curve": _curve(group) if rule == "last" else [],
    }


def _detail(group: Group, rule: str) -> dict[str, Any]:
    """Ends of the intervals of F1 and recall by class, the confusion, and the reliability curve."""
    detail = score_detail(group, rule)
    curve = detail.calibration
    return {
        "confusion": [list(row) for row in detail.confusion],
        "f1_ends": [[row.f1.low, row.f1.high] for row in detail.by_class],
        "recall_ends": [[row.recall.low, row.recall.high] for row in detail.by_class],
        "calibration_error": None if curve is None else curve.error,
        "reliability": [] if curve is None else [[each.confidence, each.accuracy, each.clips] for each in curve.bins],
    }


def _shares(clips: ClipPredictions) -> list[float]:
    """The share of each subject's clips that are right, over all seeds."""
    subjects, right = np.array(clips.subjects), clips.right
    return [float(right[:, subjects == name].mean()) for name in sorted(set(clips.subjects))]


def _curve(group: Group) -> list[float]:
    points = min(len(record.curve) for record in group.records)
    if not group.first.has_epochs or not epochs_of(group):
        return []
    curve: list[float] = np.mean([record.curve[:points] for record in group.records], axis=0).tolist()
    return curve
