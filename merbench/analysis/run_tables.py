"""The tables of runs by kind, and the same as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

from merbench.analysis.ablation_table import ablation_table
from merbench.analysis.detail_tables import calibration_table, class_interval_table, rate_table, unit_tables
from merbench.analysis.keyframe_curves import Curves, curve_table, keyframe_curves
from merbench.analysis.label_noise import rendered_table
from merbench.analysis.score_detail import ScoreDetail, detail_as_dict, interval_as_dict, score_detail
from merbench.analysis.statistics import Coded
from merbench.analysis.statistics.per_clip import as_record
from merbench.analysis.table import Table
from merbench.analysis.tables import (
    class_table,
    confusion_table,
    fold_table,
    heading,
    labels,
    score_table,
    subset_table,
)
from merbench.analysis.threshold_tables import threshold_summary, threshold_table, thresholds_as_dict
from merbench.errors import UsageError
from merbench.results.record import scores_record
from merbench.results.run import Run, by_group
from merbench.results.seed_groups import Group
from merbench.selection import Rule

Kind = Literal[
    "scores", "parts", "classes", "folds", "confusion", "calibration", "action-units", "thresholds", "ablation"
]
#: What a terminal is shown if no kind is named; thresholds of every fold, and an ablation, are asked for.
USUAL: tuple[Kind, ...] = get_args(Kind)[:-2]


def details(runs: Sequence[Run], rule: Rule, coded: Coded | None = None) -> dict[str, ScoreDetail]:
    """What stands behind the UF1 of each method, runs that differ in their seed alone together, by its label."""
    named = labels(runs)
    return {
        named[name]: score_detail(Group(name=named[name], records=tuple(map(as_record, same))), rule, coded)
        for name, same in by_group(runs).items()
    }


def tables_of(runs: Sequence[Run], kind: Kind, rule: Rule, coded: Coded | None = None) -> list[Table]:
    """The tables of a kind; none where the runs have nothing of that kind.

    Raises:
        UsageError: for an ablation of a single setting, and for a rule that was not run.
    """
    if kind in ("scores", "parts"):
        tasks = list(_by_task(runs).values())
        if kind == "scores":
            named = labels(runs)
            noise = rendered_table([(named[name], run) for name, same in by_group(runs).items() for run in same])
            curves = map(curve_table, curves_of(runs))
            return [*_score_tables(tasks), *([] if noise is None else [noise]), *curves]
        return [subset_table(same) for same in tasks if same[0].subsets]
    if kind == "folds":
        return [fold_table(run) for run in runs]
    if kind == "thresholds":
        return [table for run in runs if (table := threshold_table(run, rule)) is not None]
    if kind == "ablation":
        return [_ablation(runs)]
    by_label = details(runs, rule, coded)
    if kind == "classes":
        means = [class_table(same) for same in by_group(runs).values()]
        intervals = [class_interval_table(label, detail) for label, detail in by_label.items()]
        above = [threshold_summary(same) for same in by_group(runs).values()]
        return [each for same in zip(means, intervals, above, strict=True) for each in same if each is not None]
    if kind == "confusion":
        return [
            *(confusion_table(run, rule) for run in runs),
            *(rate_table(label, detail) for label, detail in by_label.items() if detail.confusion),
        ]
    if kind == "calibration":
        return [table for label, detail in by_label.items() if (table := calibration_table(label, detail)) is not None]
    return [table for label, detail in by_label.items() for table in unit_tables(label, detail)]


def _score_tables(tasks: Sequence[Sequence[Run]]) -> list[Table]:
    """The scores of each task; headings and notes of earlier tables are not repeated."""
    tables: list[Table] = []
    firsts: dict[str, Run] = {}
    for same in tasks:
        table = score_table(same)
        first = firsts.setdefault(table.title, same[0])
        title = table.title if _perturbed(first) == _perturbed(same[0]) else f"The same {_perturbed(same[0])}"
        before = {note for each in tables for note in each.notes}
        notes = tuple(note for note in table.notes if note not in before)
        tables.append(replace(table, title=title, notes=notes))
    return tables


def _perturbed(run: Run) -> str:
    changed = ", ".join(f"{name} {value}" for name, value in (run.header.description.perturbed or {}).items())
    return f"with {changed}" if changed else "as annotated"


def curves_of(runs: Sequence[Run]) -> list[Curves]:
    """The curves over key-frame noise of runs, of which a method has several values of it."""
    if not any("keyframe_noise" in (run.header.description.perturbed or {}) for run in runs):
        return []
    return keyframe_curves([as_record(run) for run in runs])


def report(runs: Sequence[Run], rule: Rule, coded: Coded | None = None) -> list[dict[str, Any]]:
    """Each method of the runs as plain data: its task, its seeds' scores under every rule, and what stands behind.

    Under `keyframe_noise`, the scores over key-frame noise of the methods that have several values of it.
    """
    groups, curves = by_group(runs), curves_of(runs)
    by_label = details(runs, rule, coded)
    return [
        {
            "method": label,
            "task": heading(same[0]),
            "runs": [
                {
                    "path": str(run.path) if run.path else None,
                    "seed": run.seed,
                    "scores": {each: scores_record(run.scores(each)).model_dump() for each in run.rules},
                    "thresholds": thresholds_as_dict(run, rule),
                    "inner_splits": None if run.inner_splits is None else run.inner_splits.model_dump(),
                }
                for run in same
            ],
            **detail_as_dict(detail),
            "keyframe_noise": [
                _curve(each, name)
                for each in curves
                for name, identities in each.identities.items()
                if same[0].header.identity in identities
            ],
        }
        for (label, detail), same in zip(by_label.items(), groups.values(), strict=True)
    ]


def _curve(curves: Curves, name: str) -> dict[str, Any]:
    return {
        "task": curves.heading,
        "method": name,
        "rule": "last",
        "score": curves.score,
        "points": [
            {"noise": noise, "seeds": point.seeds, **interval_as_dict(point.score)}
            for noise, point in curves.rows[name].items()
        ],
    }


def _ablation(runs: Sequence[Run]) -> Table:
    named, groups = labels(runs), by_group(runs)
    if len(groups) < 2:
        raise UsageError("--table ablation compares runs to the first that is named; name runs of a second setting.")
    return ablation_table([(named[name], group) for name, group in groups.items()], "First row")


def _by_task(runs: Sequence[Run]) -> Mapping[tuple[str, ...], list[Run]]:
    tasks: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        task = (run.header.description.protocol_label, run.header.data, run.header.description.labels)
        tasks.setdefault(task, []).append(run)
    return tasks
