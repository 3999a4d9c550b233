"""Predictions computed elsewhere, as a record of a task that the leaderboard has."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from merbench._files.names import safe_name
from merbench.errors import DataError, UsageError
from merbench.kind_names import MULTI_NAME
from merbench.metrics import Labels
from merbench.plural import plural
from merbench.results.description import Description
from merbench.results.header import CodeRecord, ExternalRecord, RecipeRecord
from merbench.results.opaque import OpaqueNames
from merbench.results.provenance import digest
from merbench.results.record import RuleResult, RunRecord, scores_record
from merbench.results.validation import validated

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,59}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_SUM = 1e-3
#: What a record of predictions says of their tuning, which nobody can see.
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Whose predictions they are: the method's name, and what the table says of where it comes from."""

    method: str
    title: str = ""
    reference: str = ""
    url: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.method):
            raise UsageError(
                f"--method {self.method!r} is not possible: it must be up to 60 letters, digits, blanks or ._+-."
            )
        if self.url and not re.fullmatch(r"https?://[\w./:?=&%#~+,;@-]+", self.url):
            raise UsageError(f"--url {self.url!r} is not possible: it must begin with https:// or http://.")


def external_record(path: Path, like: RunRecord, submission: Submission) -> RunRecord:
    """The record of the predictions in a CSV file, on the folds, clips and classes of `like`; marked external.

    The file has one row a clip of the task, each exactly once: the column `key`, and either `predicted` with a class
    or a column of probabilities for each class (0..1, their sum 1); `truth`, if it is there, must be the clip's class.
    Of a multi-label task, `predicted` and `truth` have units joined by ``+``, or ``none``, and probabilities need not
    sum to 1. What the predictions were trained on cannot be seen from them, and the record says so.

    Raises:
        DataError: for a file that cannot be read so, naming the first row or clip that is wrong.
    """
    names = like.classes
    keys = [key for fold in like.keys for key in fold]
    if len(set(keys)) != len(keys):
        raise UsageError("This task tests clips more than once, so predictions cannot be assigned by their key.")
    truth = dict(zip(keys, (like.kind.text(label, names) for fold in like.truth for label in fold), strict=True))
    rows = _rows(path, names)
    if like.opaque and not set(keys) & set(rows):  # the file has the names, of which the record has digests
        digests = OpaqueNames.of(list(rows), like.task).keys
        rows = {digests[key]: row for key, row in rows.items()}
    probabilities = {key: _probabilities(path, line, row, like) for key, (line, row) in rows.items()}
    _require_every_clip(path, keys, probabilities)
    for key, (line, row) in rows.items():
        if like.kind.parts(row.get("truth", truth[key])) != like.kind.parts(truth[key]):
            raise DataError(f"{path}, line {line}: {key} is {row['truth']} there, but {truth[key]} in the task.")
    classes_only = "predicted" in next(iter(rows.values()))[1]
    record = _record(like, [[probabilities[key] for key in fold] for fold in like.keys], submission, classes_only)
    return validated(record.named(f"{safe_name(submission.method)}-external-{record.identity[:8]}"))


def _rows(path: Path, names: Sequence[str]) -> dict[str, tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = [(name or "").strip() for name in reader.fieldnames or ()]
            _require_columns(path, columns, names)
            reader.fieldnames = columns
            lines = [(reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file; give the CSV file of the predictions.") from None
    except (OSError, ValueError, csv.Error) as fault:
        if isinstance(fault, DataError):
            raise
        raise DataError(f"{path} cannot be read as CSV ({fault}); write UTF-8 text with a head line.") from fault
    by_key: dict[str, tuple[int, dict[str, str]]] = {}
    for line, row in lines:
        if None in row or None in row.values():
            raise DataError(
                f"{path}, line {line}: it has not {plural(len(columns), 'cell')}; write one for each column."
            )
        cells = {name: cell.strip() for name, cell in row.items()}
        if cells["key"] in by_key:
            raise DataError(f"{path}, line {line}: {cells['key']} appears before; give every clip once.")
        by_key[cells["key"]] = line, cells
    return by_key


def _require_columns(path: Path, columns: Sequence[str], names: Sequence[str]) -> None:
    ways = [["key", "predicted"], ["key", *names]]
    bare = sorted(name for name in columns if name != "truth")
    if bare not in map(sorted, ways):
        expected = " or ".join(", ".join(way) for way in ways)
        raise DataError(
            f"{path} has the columns {', '.join(columns) or 'none'}, but must have {expected}; and truth, if you like."
        )


def _probabilities(path: Path, line: int, row: Mapping[str, str], like: RunRecord) -> tuple[float, ...]:
    names, kind = like.classes, like.kind
    if "predicted" in row and "predicted" not in names:
        return _of_classes(path, line, row["predicted"], like)
    try:
        values = [_number(row[name]) for name in names]
    except ValueError as fault:
        raise DataError(f"{path}, line {line}: {fault}; write a probability for each {kind.word}.") from fault
    within = all(0 <= value <= 1 for value in values)
    if kind.name == MULTI_NAME and not within:
        raise DataError(f"{path}, line {line}: probabilities must lie in 0..1, which {_odd(values):g} does not.")
    if kind.name != MULTI_NAME and not (within and math.isclose(sum(values), 1, abs_tol=_SUM)):
        raise DataError(
            f"{path}, line {line}: probabilities must lie in 0..1 and sum to 1, these sum to {sum(values):g}."
        )
    return tuple(float(f"{np.float32(value):.9g}") for value in values)


def _odd(values: Sequence[float]) -> float:
    return next(value for value in values if not 0 <= value <= 1)


def _of_classes(path: Path, line: int, predicted: str, like: RunRecord) -> tuple[float, ...]:
    parts = like.kind.parts(predicted)
    for unknown in sorted(parts - set(like.classes)):
        raise DataError(
            f"{path}, line {line}: predicted {unknown!r} is no {like.kind.word} of the task: {', '.join(like.classes)}."
        )
    return tuple(float(name in parts) for name in like.classes)


def _number(cell: str) -> float:
    """A number as other programs write it; Python alone also reads ``0_1`` as 1."""
    if not _NUMBER.fullmatch(cell):
        raise ValueError(f"{cell[:40]!r} is no number")
    return float(cell)


def _require_every_clip(path: Path, keys: Sequence[str], rows: Mapping[str, object]) -> None:
    lacking, stray = sorted(set(keys) - set(rows)), sorted(set(rows) - set(keys))
    if lacking or stray:
        which = f"lacks {len(lacking)} (first {lacking[0]})" if lacking else ""
        other = f"has {len(stray)} that are not in the task (first {stray[0]})" if stray else ""
        raise DataError(
            f"{path} has {plural(len(rows), 'clip')}, the task {len(keys)}: it "
            f"{' and '.join(filter(None, (which, other)))}; "
            "give every clip of the task once."
        )


#: What a submission's record takes over from a record of the task.
_OF_THE_TASK = (
    "format", "synthetic", "clips", "subjects", "counts", "states", "apex_policy", "apexes_not_annotated", "notes",
    "folds", "leaky", "untrained_subjects", "every_clip_once", "subsets", "frames", "left_out", "keys", "truth",
)  # fmt: skip


#: What describes the run that the task's record is of, and no predictions made elsewhere.
_NOT_OF_THE_TASK = ("thresholds", "tuning", "start")


def _record(
    like: RunRecord, folds: list[list[tuple[float, ...]]], submission: Submission, classes_only: bool
) -> RunRecord:
    own = {name: value for name, value in like.description.as_dict().items() if name not in _NOT_OF_THE_TASK}
    description = Description.from_dict(own, like.name).updated(
        method=submission.method,
        parameters={},
        training=None,
        inputs={},
        revisions={},
        precision=None,
        seed=submission.seed,
        plugins={},
    )
    external = ExternalRecord(
        reference=submission.reference,
        url=submission.url,
        prediction_kind="classes" if classes_only else "probabilities",
    )
    unseeded = {name: value for name, value in description.as_dict().items() if name != "seed"}
    group = digest(["external", unseeded, external.as_dict()])
    record = RunRecord(
        **{name: getattr(like, name) for name in _OF_THE_TASK},
        identity=digest([group, submission.seed, folds]),
        group=group,
        description=description,
        recipe=RecipeRecord(name="external", source=submission.reference or submission.url or "not stated"),
        settings={name: value for name, value in like.settings.items() if "." in name},
        rules=("last",),
        family="external",
        title=submission.title or submission.method,
        parameter_count=None,
        untrained_classes={},
        numerics=None,
        environment=None,
        code=CodeRecord(version="", commit=None, dirty=None),
        origins={},
        tuned=NOT_STATED,
        external=external,
        by_rule={"last": _result(like, folds)},
        has_epochs=False,
        optimism=None,
        curve=(),
        seconds=0.0,
        peak_memory=0,
    )
    if like.averaged:
        record = record.updated(averaged=True)
    return record.updated(opaque=True) if like.opaque else record


def _result(like: RunRecord, folds: list[list[tuple[float, ...]]]) -> RuleResult:
    classes = len(like.classes)
    kind, averaged = like.kind, like.averaged
    labels: list[tuple[Labels, Labels]] = [
        (np.array(truth, dtype=np.int64), kind.predicted(np.array(fold, dtype=np.float32)))
        for truth, fold in zip(like.truth, folds, strict=True)
    ]
    by_subset = kind.subset_scores(like.subsets, like.keys, labels, classes, averaged=averaged)
    return RuleResult(
        scores=scores_record(kind.scores(labels, classes, averaged=averaged)),
        subsets={name: scores_record(computed) for name, computed in by_subset.items()},
        epochs=(),
        probabilities=tuple(map(tuple, folds)),
    )
