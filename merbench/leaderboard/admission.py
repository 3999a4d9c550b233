"""What must be true of a record before the leaderboard admits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from merbench.analysis.statistics.per_clip import predictions_by_clip, require_same_clips
from merbench.errors import StoreError, UnknownName, UsageError
from merbench.leaderboard.external import NOT_STATED
from merbench.plural import plural
from merbench.registry import datasets
from merbench.results.header import TaskIdentity
from merbench.results.opaque import alike
from merbench.results.record import RunRecord


def require_fit(record: RunRecord) -> None:
    """Refuse a record that cannot be checked, or does not support what it claims; its scores were validated when read.

    Raises:
        StoreError: for uncommitted code, an identity that is not that of its description, tuning of which it says
            nothing, folds or subjects that do not fit the protocol, or a number of clips that is
            not that of the scheme.
    """
    if record.code.dirty:
        raise StoreError(
            f"Record {record.name}: it was run from uncommitted code, which nobody can check; commit, and run it again."
        )
    _require_identity(record)
    _require_folds(record)
    _require_count(record)


def require_agreement(records: Sequence[RunRecord]) -> None:
    """Refuse records of one task that are not of the same clips, and a seed whose predictions are those of another.

    Raises:
        StoreError: naming two records, and a clip where they differ.
    """
    first: dict[TaskIdentity, RunRecord] = {}
    seeds: dict[tuple[TaskIdentity, str, object], RunRecord] = {}
    for record in alike(records):
        twin = first.setdefault(record.task, record)
        if twin is not record:
            try:
                require_same_clips(
                    twin.name, predictions_by_clip([twin], "last"), record.name, predictions_by_clip([record], "last")
                )
            except UsageError as fault:
                raise StoreError(f"{fault} Remove the one that is wrong.") from fault
        twin = seeds.setdefault((record.task, record.group, record.by_rule["last"].probabilities), record)
        if twin is not record and twin.seed != record.seed:
            raise StoreError(
                f"{twin.name} and {record.name}: seeds {twin.seed} and {record.seed} have the same probabilities of "
                "every clip, which is one training and not two; remove one of them."
            )


def is_repeat(record: RunRecord, others: Sequence[RunRecord]) -> bool:
    """Whether one of the others is another seed of a method that draws nothing, with the same probabilities."""
    return not record.draws and any(
        (other.task, other.group, other.by_rule["last"]) == (record.task, record.group, record.by_rule["last"])
        and other.seed != record.seed
        for other in others
    )


def _require_identity(record: RunRecord) -> None:
    description = record.description
    if record.external is not None:  # which has that of its predictions
        if record.tuned != NOT_STATED or description.tuning is not None:
            raise StoreError(
                f"Record {record.name}: predictions made elsewhere do not show how they were tuned, but it says "
                f"{record.tuned or 'that nobody did'!r}; add them again with merbench leaderboard add --external."
            )
        return
    for name in ("identity", "group"):
        if getattr(record, name) != getattr(description, name):
            raise StoreError(
                f"Record {record.name}: its {name} is {getattr(record, name)}, but its description gives "
                f"{getattr(description, name)}; write it again from the run."
            )
    if bool(record.tuned) != (description.tuning is not None):
        raise StoreError(
            f"Record {record.name}: it says {'that' if record.tuned else 'not that'} it was tuned, but its description "
            f"{'does not say how' if record.tuned else 'does'}; write it again from the run."
        )


def _require_folds(record: RunRecord) -> None:
    from merbench.results.audit import findings

    for finding in findings(record):
        if finding.verdict == "differs":
            raise StoreError(f"Record {record.name}: {finding.what}: {finding.detail}; make it again from the run.")
    tested = sorted(key for fold in record.keys for key in fold)
    if any(not fold for fold in record.keys) or not tested:
        raise StoreError(f"Record {record.name}: a fold has no clips; make it again from the run.")
    subjects = len({"/".join(key.split("/")[:2]) for key in tested})
    if record.every_clip_once and subjects != record.subjects:
        raise StoreError(
            f"Record {record.name}: it tests {plural(subjects, 'subject')}, but claims {record.subjects}; "
            "folds are missing, so run the same command again and add it again."
        )


def _require_count(record: RunRecord) -> None:
    expected = None if record.synthetic or not record.every_clip_once else expected_counts(record)
    if expected is not None and dict(expected) != record.counts:
        raise StoreError(
            f"Record {record.name}: {_counted(record.counts)}, but the scheme {record.description.scheme} has "
            f"{_counted(expected)}; run it on all of these clips."
        )


def expected_counts(record: RunRecord) -> Mapping[str, int] | None:
    """The clips of each class that the schemes of a record's datasets must give; None where one does not say."""
    totals = dict.fromkeys(record.classes, 0)
    for name in record.description.datasets:
        try:
            known = datasets.get(name).scheme(record.description.scheme).counts
        except UnknownName:
            return None  # a dataset of somebody's own
        if record.states.get(name) not in known:
            return None
        for label, clips in known[record.states[name]].items():
            totals[label] += clips
    return totals


def _counted(counts: Mapping[str, int]) -> str:
    return f"{plural(sum(counts.values()), 'clip')} ({', '.join(f'{name} {count}' for name, count in counts.items())})"
