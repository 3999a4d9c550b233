"""Records that leave the machine: digests in place of the names of the subjects and clips of real data."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from merbench.annotations.clips import subject_of
from merbench.results.header import TaskIdentity
from merbench.results.record import RuleResult, RunRecord

T = TypeVar("T")

#: Said wherever clips of real people are listed by name, for the one who has the data.
NAMES = (
    "This names subjects and clips of data that is not synthetic: keep it to yourself. merbench show RUN --record and "
    "merbench leaderboard add write digests in place of names."
)
#: Hexadecimal digits of a subject's and of a clip's digest: two of a million clips meet with a chance of 3e-8.
_SUBJECT, _CLIP = 10, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaqueNames:
    """The digests of a task's clips by key, of its subjects by qualified name, and what else may hold a name."""

    keys: Mapping[str, str]
    subjects: Mapping[str, str]
    words: frozenset[str]
    secret: bytes

    @classmethod
    def of(cls, keys: Collection[str], task: TaskIdentity) -> OpaqueNames:
        """The names of a task that tests the clips `keys`.

        The salt is made of the task and of all its keys together, so that whoever has the same data gets the same
        digests, and nobody gets a name from its digest by trying names one by one.
        """
        ordered = sorted(set(keys))
        secret = hashlib.sha256(json.dumps([list(task), ordered]).encode()).digest()
        words = _words([key.rpartition("/")[0] for key in ordered])  # less the onset, which is no name
        names = cls(keys={}, subjects={}, words=words, secret=secret)
        subjects = {
            subject: f"{_dataset(subject)}/{names.digest(subject, _SUBJECT)}" for subject in map(subject_of, ordered)
        }
        clips = {key: f"{subjects[subject_of(key)]}/{names.digest(key, _CLIP)}/-" for key in ordered}
        return cls(keys=clips, subjects=subjects, words=names.words, secret=secret)

    def digest(self, name: str, digits: int) -> str:
        """The digest of a name under the task's salt."""
        return hmac.new(self.secret, name.encode(), hashlib.sha256).hexdigest()[:digits]

    def renamed(self, name: str) -> str:
        """What a fold or a subset is called: a digest where it is, or holds, the name of a subject or a clip."""
        known = {**self.subjects, **self.keys}
        if name in known:
            return known[name]
        return self.digest(name, _SUBJECT) if _words([name]) & self.words else name


def _words(names: Collection[str]) -> frozenset[str]:
    """The parts of names between slashes and blanks, but for the dataset that keys begin with."""
    parts = (part for name in names for part in re.split(r"[/\s]+", name)[name.count("/") > 0 :])
    return frozenset(parts) - {"-", ""}


def _dataset(subject: str) -> str:
    return subject.partition("/")[0]


def opaque(record: RunRecord) -> RunRecord:
    """The record as it may leave the machine; itself if its data is synthetic, or it is one already.

    Subjects and clips are digests that are the same in every record of the task, in a new order; of annotations the
    classes alone stay, as indices. Notes, corrections and clips without an apex, which name clips, are left out. Scores
    and probabilities are those of the record.
    """
    if record.synthetic or record.opaque:
        return record
    names = OpaqueNames.of([key for fold in record.keys for key in fold], record.task)
    renamed = [names.renamed(fold) for fold in record.folds]
    mapped = set(names.subjects) | set(names.keys)
    by_name = set(record.folds) <= mapped
    folds = sorted(range(len(renamed)), key=renamed.__getitem__) if by_name else list(range(len(renamed)))
    keys = [[names.keys[key] for key in fold] for fold in record.keys]
    clips = [sorted(range(len(fold)), key=fold.__getitem__) for fold in keys]
    content = {name: getattr(record, name) for name in record.model_fields_set}
    content |= {
        "opaque": True,
        "notes": (),
        "corrected": (),
        "apexes_not_annotated": (),
        "folds": tuple(renamed[fold] for fold in folds),
        "keys": _reordered(keys, folds, clips),
        "truth": _reordered(record.truth, folds, clips),
        "by_rule": {rule: _rule(result, names, folds, clips) for rule, result in record.by_rule.items()},
        "untrained_classes": {names.renamed(fold): lost for fold, lost in record.untrained_classes.items()},
        "untrained_subjects": {
            names.renamed(fold): tuple(sorted(names.subjects.get(name, names.renamed(name)) for name in subjects))
            for fold, subjects in record.untrained_subjects.items()
        },
        "subsets": {
            names.renamed(subset): tuple(sorted(names.keys[key] for key in members))
            for subset, members in record.subsets.items()
        },
    }
    tuning = record.tuning
    if tuning is not None:
        chosen = {names.renamed(fold): values for fold, values in tuning.chosen.items()}
        tuning = tuning.updated(chosen=chosen)
    return RunRecord(**{**content, "tuning": tuning}).named(record.name)


def _rule(result: RuleResult, names: OpaqueNames, folds: Sequence[int], clips: Sequence[Sequence[int]]) -> RuleResult:
    epochs = tuple(result.epochs[fold] for fold in folds) if result.epochs else ()
    changed = result.updated(
        epochs=epochs,
        probabilities=_reordered(result.probabilities, folds, clips),
        subsets={names.renamed(subset): scores for subset, scores in result.subsets.items()},
    )
    if result.thresholds is None:
        return changed
    return changed.updated(thresholds=tuple(result.thresholds[fold] for fold in folds))


def _reordered(
    rows: Sequence[Sequence[T]], folds: Sequence[int], clips: Sequence[Sequence[int]]
) -> tuple[tuple[T, ...], ...]:
    return tuple(tuple(rows[fold][clip] for clip in clips[fold]) for fold in folds)


def alike(records: Sequence[RunRecord]) -> list[RunRecord]:
    """The records so that their clips can be paired: all opaque if one of them is."""
    return [opaque(record) for record in records] if any(record.opaque for record in records) else list(records)
