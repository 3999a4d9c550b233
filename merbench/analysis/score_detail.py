"""What stands behind a method's UF1: scores by class and action unit with intervals, confusion, and calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from merbench.analysis.group_inference import runs_of
from merbench.analysis.statistics import (
    Calibration,
    ClassScores,
    Coded,
    Interval,
    UnitRecall,
    calibration,
    class_scores,
    recall_by_combination,
    recall_by_unit,
)
from merbench.analysis.statistics.per_clip import predictions_by_clip, subject_counts
from merbench.kind_names import SINGLE_NAME
from merbench.results.record import RunRecord
from merbench.results.seed_groups import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreDetail:
    """A method's scores under a rule beside UF1.

    `by_class` is empty where the protocol averages its folds: its scores are no function of pooled counts. `confusion`
    `(true predicted)` is summed over seeds. `calibration` is None for a method that gives classes, not probabilities.
    Of multi-label tasks, `confusion` is empty, and `calibration` None.
    `units` and `combinations` are empty where action units are not coded, or not available.
    """

    rule: str
    classes: tuple[str, ...]
    seeds: int
    by_class: tuple[ClassScores, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration | None
    units: tuple[UnitRecall, ...] = ()
    combinations: tuple[UnitRecall, ...] = ()

    @property
    def rates(self) -> tuple[tuple[float, ...], ...]:
        """The confusion as shares of each true class; NaN for a class without clips."""
        return tuple(tuple(count / sum(row) if sum(row) else float("nan") for count in row) for row in self.confusion)


def score_detail(group: Group, rule: str = "last", coded: Coded | None = None) -> ScoreDetail:
    """The detail of a method's runs; `coded` has the action units of their clips, where they are to be had."""
    runs = runs_of(group, rule)
    clips = predictions_by_clip(group.records, rule)
    single = clips.kind == SINGLE_NAME
    known = coded or {} if single else {}
    return ScoreDetail(
        rule=rule,
        classes=clips.classes,
        seeds=len(group.records),
        by_class=() if group.first.averaged else class_scores(runs, clips.classes),
        confusion=tuple(tuple(map(int, row)) for row in subject_counts(clips).sum((0, 1)).tolist()) if single else (),
        calibration=pooled_calibration(group.records, rule) if single else None,
        units=recall_by_unit(clips, known, deterministic=runs.deterministic),
        combinations=recall_by_combination(clips, known, deterministic=runs.deterministic),
    )


def pooled_calibration(records: Sequence[RunRecord], rule: str) -> Calibration | None:
    """The calibration of all clips of all seeds together; None if every probability is 0 or 1."""
    probabilities = np.concatenate([fold for record in records for fold in record.probabilities(rule)])
    truth = np.concatenate([fold for record in records for fold, _ in record.predictions(rule)])
    if np.isin(probabilities, (0.0, 1.0)).all():
        return None
    return calibration(probabilities.astype(np.float64), truth)


def detail_as_dict(detail: ScoreDetail) -> dict[str, Any]:
    """The detail as plain data; None for what is undefined."""
    return {
        "rule": detail.rule,
        "classes": [
            {
                "class": row.name,
                "clips": row.clips,
                "subjects": row.subjects,
                "f1": interval_as_dict(row.f1),
                "recall": interval_as_dict(row.recall),
            }
            for row in detail.by_class
        ],
        "confusion": _confusion(detail) if detail.confusion else None,
        "calibration": None if detail.calibration is None else asdict(detail.calibration),
        "action_units": [_unit(row) for row in detail.units],
        "action_unit_combinations": [_unit(row) for row in detail.combinations],
    }


def _confusion(detail: ScoreDetail) -> dict[str, Any]:
    return {
        "classes": list(detail.classes),
        "seeds": detail.seeds,
        "counts": [list(row) for row in detail.confusion],
        "rates": [[None if math.isnan(rate) else rate for rate in row] for row in detail.rates],
    }


def _unit(row: UnitRecall) -> dict[str, Any]:
    return {
        "action_units": row.name,
        "clips": row.clips,
        "subjects": row.subjects,
        "recall": interval_as_dict(row.recall),
    }


def interval_as_dict(interval: Interval) -> dict[str, float | None]:
    """A value with the ends of its interval; None for what is undefined."""
    return {name: None if math.isnan(value) else value for name, value in asdict(interval).items()}
