"""Somebody's predictions, made elsewhere, as a record of a task that the leaderboard has."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from merbench.errors import DataError, UsageError
from merbench.metrics import Labels, scores
from merbench.parts import part_scores
from merbench.results.provenance import digest
from merbench.results.record import Record, checked
from merbench.results.run import scores_as_dict

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,59}")
_SUM = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
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


def external_record(path: Path, like: Record, origin: Origin) -> Record:
    """The record of the predictions in a CSV file, on the folds, clips and classes of `like`; marked external.

    The file has one row a clip of the task, each exactly once: the column `key`, and either `predicted` with a class
    or a column of probabilities for each class (0..1, their sum 1); `truth`, if it is there, must be the clip's class.
    What the predictions were trained on cannot be seen from them, and the record says so.

    Raises:
        DataError: for a file that cannot be read so, naming the first row or clip that is wrong.
    """
    names = list(like.content["description"]["classes"])
    keys = [key for fold in like.content["keys"] for key in fold]
    if len(set(keys)) != len(keys):
        raise UsageError("This task tests clips more than once, so predictions cannot be told by their key.")
    truth = dict(zip(keys, (names[t] for fold in like.content["truth"] for t in fold), strict=True))
    rows = _rows(path, names)
    found = {key: _probabilities(path, line, row, names) for key, (line, row) in rows.items()}
    _require_every_clip(path, keys, found)
    for key, (line, row) in rows.items():
        if row.get("truth", truth[key]) != truth[key]:
            raise DataError(f"{path}, line {line}: {key} is {row['truth']} there, but {truth[key]} in the task.")
    content = _content(like.content, found, origin, labels="predicted" in next(iter(rows.values()))[1])
    return checked(f"{re.sub(r'[^A-Za-z0-9.-]+', '_', origin.method)}-external-{content['identity'][:8]}", content)


def _rows(path: Path, names: Sequence[str]) -> dict[str, tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = [(name or "").strip() for name in reader.fieldnames or ()]
            _require_columns(path, columns, names)
            reader.fieldnames = columns
            lines = [(reader.line_num, row) for row in reader]
    except (OSError, ValueError, csv.Error) as fault:
        if isinstance(fault, DataError):
            raise
        raise DataError(f"{path} cannot be read as CSV ({fault}); write UTF-8 text with a head line.") from fault
    found: dict[str, tuple[int, dict[str, str]]] = {}
    for line, row in lines:
        if None in row or None in row.values():
            raise DataError(f"{path}, line {line}: it has not {len(columns)} cells; write one for each column.")
        cells = {name: cell.strip() for name, cell in row.items()}
        if cells["key"] in found:
            raise DataError(f"{path}, line {line}: {cells['key']} was given before; give every clip once.")
        found[cells["key"]] = line, cells
    return found


def _require_columns(path: Path, columns: Sequence[str], names: Sequence[str]) -> None:
    ways = [["key", "predicted"], ["key", *names]]
    bare = sorted(name for name in columns if name != "truth")
    if bare not in map(sorted, ways):
        told = " or ".join(", ".join(way) for way in ways)
        raise DataError(
            f"{path} has the columns {', '.join(columns) or 'none'}, but must have {told}; and truth, if you like."
        )


def _probabilities(path: Path, line: int, row: Mapping[str, str], names: Sequence[str]) -> list[float]:
    if "predicted" in row and "predicted" not in names:
        if row["predicted"] not in names:
            raise DataError(
                f"{path}, line {line}: predicted {row['predicted']!r} is no class of the task: {', '.join(names)}."
            )
        return [float(name == row["predicted"]) for name in names]
    try:
        found = [float(row[name]) for name in names]
    except ValueError as fault:
        raise DataError(f"{path}, line {line}: {fault}; write a probability for each class.") from fault
    if not all(0 <= value <= 1 for value in found) or not math.isclose(sum(found), 1, abs_tol=_SUM):
        raise DataError(
            f"{path}, line {line}: probabilities must lie in 0..1 and sum to 1, these sum to {sum(found):g}."
        )
    return [float(f"{np.float32(value):.9g}") for value in found]


def _require_every_clip(path: Path, keys: Sequence[str], found: Mapping[str, object]) -> None:
    lacking, stray = sorted(set(keys) - set(found)), sorted(set(found) - set(keys))
    if lacking or stray:
        which = f"lacks {len(lacking)} (first {lacking[0]})" if lacking else ""
        other = f"has {len(stray)} that are not in the task (first {stray[0]})" if stray else ""
        raise DataError(
            f"{path} has {len(found)} clips, the task {len(keys)}: it {' and '.join(filter(None, (which, other)))}; "
            "give every clip of the task once."
        )


def _content(like: Mapping[str, Any], found: Mapping[str, list[float]], origin: Origin, labels: bool) -> dict[str, Any]:
    probabilities = [[found[key] for key in fold] for fold in like["keys"]]
    description = {
        **like["description"],
        "method": origin.method,
        "parameters": {},
        "training": None,
        "inputs": {},
        "revisions": {},
        "precision": None,
        "seed": origin.seed,
        "plugins": {},
    }
    kept = (
        "format", "drawn", "clips", "subjects", "counts", "states", "apex_policy", "apexes_not_annotated", "notes",
        "folds", "leaky", "untrained_subjects", "every_clip_once", "parts", "frames", "left_out", "keys", "truth",
    )  # fmt: skip
    about = {"reference": origin.reference, "url": origin.url, "given": "classes" if labels else "probabilities"}
    group = digest(["external", {name: value for name, value in description.items() if name != "seed"}, about])
    return {
        **{name: like[name] for name in kept},
        "identity": digest([group, origin.seed, probabilities]),
        "group": group,
        "description": description,
        "recipe": {"name": "external", "source": origin.reference or origin.url or "not told"},
        "settings": {name: value for name, value in like["settings"].items() if "." in name},
        "rules": ["last"],
        "family": "external",
        "title": origin.title or origin.method,
        "parameter_count": None,
        "untrained_classes": {},
        "numerics": None,
        "environment": None,
        "code": {"version": "", "commit": None, "dirty": None},
        "origins": {},
        "tuned": "not told",
        "external": about,
        "by_rule": {"last": _by_rule(like, probabilities)},
        "has_epochs": False,
        "optimism": None,
        "curve": [],
        "seconds": 0.0,
        "peak_memory": 0,
    }


def _by_rule(like: Mapping[str, Any], probabilities: list[list[list[float]]]) -> dict[str, Any]:
    classes = len(like["description"]["classes"])
    folds: list[tuple[Labels, Labels]] = [
        (np.array(truth, dtype=np.int64), np.array(fold, dtype=np.float32).argmax(axis=1))
        for truth, fold in zip(like["truth"], probabilities, strict=True)
    ]
    parts = part_scores(like["parts"], like["keys"], folds, classes)
    return {
        "scores": scores_as_dict(scores(folds, classes)),
        "parts": {part: scores_as_dict(scored) for part, scored in parts.items()},
        "epochs": [],
        "probabilities": probabilities,
    }
