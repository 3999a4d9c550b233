"""What a record must bear out before the leaderboard takes it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from merbench.analysis.statistics.per_clip import judged, require_same_clips
from merbench.errors import StoreError, UnknownName, UsageError
from merbench.registry import datasets
from merbench.results.record import Record


def require_fit(record: Record) -> None:
    """Refuse a record that cannot be checked, or does not bear out what it claims; its scores were checked when read.

    Raises:
        StoreError: for uncommitted code, folds or subjects that do not fit the protocol, or a number of clips that is
            not that of the scheme.
    """
    content = record.content
    if content["code"]["dirty"]:
        raise StoreError(
            f"Record {record.name}: it was run from uncommitted code, which nobody can check; commit, and run it again."
        )
    _require_folds(record)
    _require_count(record)


def require_agreement(records: Sequence[Record]) -> None:
    """Refuse records of one task that are not of the same clips.

    Raises:
        StoreError: naming two records and a clip.
    """
    first: dict[Any, Record] = {}
    for record in records:
        twin = first.setdefault(record.task, record)
        if twin is not record:
            try:
                require_same_clips(twin.name, judged([twin], "last"), record.name, judged([record], "last"))
            except UsageError as fault:
                raise StoreError(f"{fault} Remove the one that is wrong.") from fault


def _require_folds(record: Record) -> None:
    from merbench.results.audit import findings

    for finding in findings(record.name, record.content):
        if finding.verdict == "differs":
            raise StoreError(f"Record {record.name}: {finding.what}: {finding.detail}; make it anew from the run.")
    tested = sorted(key for fold in record.content["keys"] for key in fold)
    if any(not fold for fold in record.content["keys"]) or not tested:
        raise StoreError(f"Record {record.name}: a fold has no clips; make it anew from the run.")
    found = len({"/".join(key.split("/")[:2]) for key in tested})
    if record.content["every_clip_once"] and found != record.content["subjects"]:
        raise StoreError(
            f"Record {record.name}: it tests {found} subjects, but claims {record.content['subjects']}; "
            "folds are missing, so run the same command again and add it anew."
        )


def _require_count(record: Record) -> None:
    content = record.content
    expected = None if content["drawn"] or not content["every_clip_once"] else expected_counts(content)
    if expected is not None and dict(expected) != content["counts"]:
        raise StoreError(
            f"Record {record.name}: {_told(content['counts'])}, but the scheme {content['description']['scheme']} has "
            f"{_told(expected)}; run it on all of these clips."
        )


def expected_counts(content: Mapping[str, Any]) -> Mapping[str, int] | None:
    """The clips of each class that the schemes of a record's datasets must give; None where one does not say."""
    totals = dict.fromkeys(content["description"]["classes"], 0)
    for name in content["description"]["datasets"]:
        try:
            known = datasets.get(name).scheme(content["description"]["scheme"]).counts
        except UnknownName:
            return None  # a dataset of somebody's own
        if content["states"].get(name) not in known:
            return None
        for label, clips in known[content["states"][name]].items():
            totals[label] += clips
    return totals


def _told(counts: Mapping[str, int]) -> str:
    return f"{sum(counts.values())} clips ({', '.join(f'{name} {count}' for name, count in counts.items())})"
