"""The leaderboard as one HTML file that asks for nothing: data as JSON, drawn by the script beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import numpy as np

from merbench.analysis.render import one_line
from merbench.analysis.statistics import interval
from merbench.analysis.statistics.per_clip import judged, subject_counts
from merbench.leaderboard.columns import Row, controls, epochs_of, oracle_control, rows_of
from merbench.leaderboard.markdown import by_task, counts, heading, separation
from merbench.leaderboard.published import Published, address
from merbench.leaderboard.ranking import Ranking, ranking
from merbench.results.record import Record
from merbench.results.seed_groups import Group

_PLACES = 6


def html(records: Sequence[Record], published: Sequence[Published] = (), cards: Mapping[str, str] | None = None) -> str:
    """The page, the same bytes for the same records; no name in it can be read as HTML or as script."""
    return filled(
        {
            "title": "Leaderboard",
            "drawn": bool(records) and all(record.content["drawn"] for record in records),
            "tasks": tasks_of(records, cards or {}),
            "published": [{**asdict(one), "marked": one.marked, "url": address(one.source)} for one in published],
            "runs": [],
        }
    )


def tasks_of(records: Sequence[Record], cards: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the page shows of each task, tasks in order; `cards` has the address of each method's card."""
    return [_task(ranking(groups), cards) for groups in by_task(records).values()]


def filled(data: Mapping[str, Any]) -> str:
    """The page that shows `data`: style, script and data are in the one file."""
    page = files("merbench.leaderboard") / "page"
    text = (page / "index.html").read_text(encoding="utf-8")
    for name, part in (("style", "page.css"), ("script", "page.js")):
        text = text.replace(f"{{{{{name}}}}}", (page / part).read_text(encoding="utf-8"))
    return text.replace("{{data}}", embedded(data))


def embedded(data: object) -> str:
    """Plain data as JSON that cannot end the script element it stands in."""
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


def _task(found: Ranking, cards: Mapping[str, str]) -> dict[str, Any]:
    groups = [ranked.group for ranked in found.rows]
    clips = judged(groups[0].records, "last")
    names = sorted(set(clips.subjects))
    shown = rows_of(found)
    rows = [
        _row(row, ranked.group, cards, "last", ranked.rank, ranked.uf1.low, ranked.uf1.high)
        for row, ranked in zip(shown, found.rows, strict=False)
    ]
    control = oracle_control(groups)
    if control is not None:
        ends = interval(control.records, "oracle")
        rows.append(_row(shown[-1], control, cards, "oracle", None, ends.low, ends.high))
    return {
        "id": groups[0].task.id,
        "heading": heading(groups[0].task, found.leaky),
        "counts": counts(groups),
        "said": separation(found),
        "missing": controls(groups),
        "classes": list(clips.classes),
        "support": np.bincount(clips.truth, minlength=len(clips.classes)).tolist(),
        "subject_names": names,
        "subject_clips": [clips.subjects.count(name) for name in names],
        "rows": rows,
    }


def _row(
    row: Row, group: Group, cards: Mapping[str, str], rule: str, rank: int | None, low: float, high: float
) -> dict[str, Any]:
    content, by_subject = group.content, subject_counts(judged(group.records, rule))
    deviation = [record.scores[rule].uf1 for record in group.records]
    oracle = group.has("oracle") and content["has_epochs"]
    return {
        "rank": rank,
        "name": row.name,
        "mark": row.mark,
        "url": row.url or cards.get(row.method, ""),
        "control": content["family"] == "control",
        "ranked": rule == "last",
        "uf1": group.mean(lambda scores: scores.uf1, rule),
        "low": low,
        "high": high,
        "uar": group.mean(lambda scores: scores.uar, rule),
        "accuracy": group.mean(lambda scores: scores.accuracy, rule),
        "seeds": len(group.records),
        "spread": float(np.std(deviation, ddof=1)) if len(deviation) > 1 else None,
        "oracle": group.mean(lambda scores: scores.uf1, "oracle") if oracle else None,
        "optimism": float(row.optimism) if row.optimism[:1] in "+-" else None,
        "shown_optimism": row.optimism,
        "recipe": row.recipe,
        "tuned": row.tuned,
        "device": row.device,
        "parameters": content["parameter_count"] if rule == "last" else None,
        "minutes": None if row.minutes == "–" else float(row.minutes),
        "f1": np.mean([record.scores[rule].f1 for record in group.records], axis=0).tolist(),
        "recall": np.mean([record.scores[rule].recall for record in group.records], axis=0).tolist(),
        "confusion": by_subject.sum((0, 1)).astype(int).tolist(),
        "by_subject": _shares(by_subject),
        "curve": _curve(group) if rule == "last" else [],
    }


def _shares(counts_by_subject: np.ndarray) -> list[float]:
    right = np.trace(counts_by_subject, axis1=2, axis2=3).sum(0)
    found: list[float] = (right / counts_by_subject.sum((0, 2, 3))).tolist()
    return found


def _curve(group: Group) -> list[float]:
    points = min(len(record.content["curve"]) for record in group.records)
    if not group.content["has_epochs"] or not epochs_of(group):
        return []
    found: list[float] = np.mean([record.content["curve"][:points] for record in group.records], axis=0).tolist()
    return found
