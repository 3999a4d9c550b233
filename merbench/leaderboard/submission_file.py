"""The CSV file of predictions computed elsewhere: one row a clip of a task, with a class or with probabilities."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from merbench.errors import DataError, UsageError
from merbench.kind_names import MULTI_NAME
from merbench.plural import plural
from merbench.results.opaque import OpaqueNames
from merbench.results.record import RunRecord

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_SUM = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Probabilities by fold, clip and class, in the order of the task's folds; `classes_only` where each is 0 or 1."""

    folds: list[list[tuple[float, ...]]]
    classes_only: bool


def read_predictions(path: Path, like: RunRecord) -> Predictions:
    """The predictions in a CSV file, for every clip of the task of `like`.

    Raises:
        UsageError: for a task that tests clips more than once.
        DataError: for a file that cannot be read so, naming the first row or clip that is wrong.
    """
    names = like.classes
    keys = [key for fold in like.keys for key in fold]
    if len(set(keys)) != len(keys):
        raise UsageError("This task tests clips more than once, so predictions cannot be assigned by their key.")
    rows = _rows(path, names)
    if like.opaque and not set(keys) & set(rows):  # the file has the names, of which the record has digests
        digests = OpaqueNames.of(list(rows), like.task).keys
        rows = {digests[key]: row for key, row in rows.items()}
    probabilities = {key: _probabilities(path, line, row, like) for key, (line, row) in rows.items()}
    _require_every_clip(path, keys, probabilities)
    _require_same_truth(path, rows, like)
    return Predictions(
        folds=[[probabilities[key] for key in fold] for fold in like.keys],
        classes_only="predicted" in next(iter(rows.values()))[1],
    )


def _require_same_truth(path: Path, rows: Mapping[str, tuple[int, dict[str, str]]], like: RunRecord) -> None:
    labels = (label for fold in like.truth for label in fold)
    keys = (key for fold in like.keys for key in fold)
    truth = {key: like.kind.text(label, like.classes) for key, label in zip(keys, labels, strict=True)}
    for key, (line, row) in rows.items():
        if like.kind.parts(row.get("truth", truth[key])) != like.kind.parts(truth[key]):
            raise DataError(f"{path}, line {line}: {key} is {row['truth']} there, but {truth[key]} in the task.")


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
