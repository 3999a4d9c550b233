"""Records of methods that saw different clips, cut to the clips that all of them tested."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from merbench.errors import UsageError
from merbench.results.opaque import alike
from merbench.results.provenance import digest
from merbench.results.record import RuleResult, RunRecord, scores_record

T = TypeVar("T")


def on_common_clips(records: Sequence[RunRecord]) -> list[RunRecord]:
    """The records with the clips alone that all of them tested, scored anew; folds without such a clip are left out.

    They are no records of runs: identities stay, and the labels fingerprint is that of the common clips, so that they
    are of one task where protocol, data, scheme and alignment are the same.

    Raises:
        UsageError: if they have no clip in common, or a common clip has two classes.
    """
    records = alike(records)
    truths = [_truth(record) for record in records]
    common = set(truths[0]).intersection(*truths[1:])
    if not common:
        raise UsageError(
            "The runs have no clip in common; compare folders of runs on the same data, since a leaderboard's records "
            "name the clips of each task otherwise."
        )
    for record, truth in zip(records[1:], truths[1:], strict=True):
        for key in sorted(common):
            if truth[key] != truths[0][key]:
                raise UsageError(
                    f"{records[0].name} and {record.name} give the clip {key} different classes, {truths[0][key]} and "
                    f"{truth[key]}; compare runs on the same labels."
                )
    labels = digest([records[0].description.labels, *sorted(common)])
    return [_cut(record, common, labels).named(record.name) for record in records]


def _truth(record: RunRecord) -> dict[str, str]:
    return {
        key: record.kind.text(label, record.classes)
        for keys, truth in zip(record.keys, record.truth, strict=True)
        for key, label in zip(keys, truth, strict=True)
    }


def _cut(record: RunRecord, common: set[str], labels: str) -> RunRecord:
    places = [[place for place, key in enumerate(keys) if key in common] for keys in record.keys]
    folds = [fold for fold, kept in enumerate(places) if kept]

    def chosen(rows: Sequence[Sequence[T]]) -> tuple[tuple[T, ...], ...]:
        return tuple(tuple(rows[fold][place] for place in places[fold]) for fold in folds)

    names = tuple(record.folds[fold] for fold in folds)
    truth = chosen(record.truth)
    labels_of_clips = np.array([label for fold in truth for label in fold], dtype=np.int64)
    counts = dict(zip(record.classes, record.kind.counts(labels_of_clips, len(record.classes)), strict=True))
    cut = record.updated(
        description=record.description.updated(labels=labels),
        folds=names,
        keys=chosen(record.keys),
        truth=truth,
        clips=len(common),
        counts=counts,
        untrained_subjects={name: record.untrained_subjects[name] for name in names},
        untrained_classes={name: lost for name, lost in record.untrained_classes.items() if name in names},
        subsets={name: tuple(key for key in keys if key in common) for name, keys in record.subsets.items()},
        by_rule={
            rule: result.updated(
                probabilities=chosen(result.probabilities),
                epochs=tuple(result.epochs[fold] for fold in folds) if result.epochs else (),
            )
            for rule, result in record.by_rule.items()
        },
    )
    return cut.updated(by_rule={rule: _scored(cut, rule, result) for rule, result in cut.by_rule.items()})


def _scored(record: RunRecord, rule: str, result: RuleResult) -> RuleResult:
    folds, classes = record.predictions(rule), len(record.classes)
    subsets = record.kind.subset_scores(record.subsets, record.keys, folds, classes, averaged=record.averaged)
    return result.updated(
        scores=scores_record(record.kind.scores(folds, classes, averaged=record.averaged)),
        subsets={name: scores_record(each) for name, each in subsets.items()},
    )
