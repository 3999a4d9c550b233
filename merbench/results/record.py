"""Compact records: read, and believed only as far as their own probabilities bear them out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from merbench.errors import StoreError
from merbench.metrics import Labels, Scores, scores
from merbench.parts import part_scores
from merbench.results.provenance import digest
from merbench.results.run import Run, data_of, protocol_of, scores_as_dict, unranked
from merbench.results.store import FORMAT

_TOLERANCE = 1e-9


class Task(NamedTuple):
    """What was measured: protocol with parameters, data, scheme, labels fingerprint, alignment of the frames."""

    protocol: str
    data: str
    scheme: str
    labels: str
    alignment: str

    @property
    def id(self) -> str:
        """A short name of the task, for commands."""
        return digest(list(self))[:8]


@dataclass(frozen=True, slots=True)
class Record:
    """One compact record, its scores recomputed from the probabilities that it holds."""

    name: str
    content: Mapping[str, Any]
    scores: Mapping[str, Scores]
    parts: Mapping[str, Mapping[str, Scores]]

    @property
    def task(self) -> Task:
        """What must be equal for rows to share a table."""
        description = self.content["description"]
        return Task(
            protocol=protocol_of(description),
            data=data_of(self.content),
            scheme=description["scheme"],
            labels=description["labels"],
            alignment=str(description.get("alignment", "as distributed")),
        )

    @property
    def group(self) -> str:
        """Equal for runs that differ in their seed alone."""
        return str(self.content["group"])


def read_records(folder: Path) -> list[Record]:
    """The records in a folder, by file name.

    Raises:
        StoreError: for a file that is no record, or whose scores do not match its probabilities.
    """
    records = [read_record(path) for path in sorted(folder.glob("*.json"))]
    names: dict[str, str] = {}
    for record in records:
        twin = names.setdefault(str(record.content["identity"]), record.name)
        if twin != record.name:
            raise StoreError(f"Records {twin} and {record.name} are of one and the same run; delete one of them.")
    return records


def read_record(path: Path) -> Record:
    """The record in a file.

    Raises:
        StoreError: if it is none, is incomplete, or its scores do not match its probabilities.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise StoreError(f"{path} has the format {content['format']!r}, this merbench reads format {FORMAT}.")
        return checked(path.stem, content)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as fault:
        if isinstance(fault, StoreError):
            raise
        raise StoreError(f"{path} is no record of merbench ({type(fault).__name__}: {fault}).") from fault


def read_result(path: Path) -> Record:
    """The record of a run's folder, made anew from its folds, or the compact record in a file.

    Raises:
        StoreError: if it is neither, is incomplete, or its scores do not match its probabilities.
    """
    if path.is_dir():
        return checked(path.resolve().name, Run.load(path).record())
    return read_record(path)


def checked(name: str, content: Mapping[str, Any]) -> Record:
    """The record that plain data describes, once its scores are found to follow from its probabilities.

    Raises:
        StoreError: naming the rule and the score that do not.
    """
    _require_shown(name, content)
    truth = [np.array(fold, dtype=np.int64) for fold in content["truth"]]
    clips = sum(map(len, truth))
    complete = clips == content["clips"] if content["every_clip_once"] else clips > 0
    if not complete or len(truth) != len(content["folds"]):
        raise StoreError(
            f"Record {name}: it holds {clips} clips in {len(truth)} folds, but claims {content['clips']} "
            f"in {len(content['folds'])}; make it anew from the run."
        )
    found, parts = {}, {}
    classes = len(content["description"]["classes"])
    averaged = bool(content.get("averaged", False))  # which records of pooled scores need not say
    _require_parts(name, content)
    for rule, kept in content["by_rule"].items():
        folds = _predicted(truth, kept["probabilities"], classes)
        found[rule] = scores(folds, classes, averaged=averaged)
        _compare(name, rule, kept["scores"], scores_as_dict(found[rule]))
        parts[rule] = part_scores(content["parts"], content["keys"], folds, classes, averaged=averaged)
        for part, scored in parts[rule].items():
            _compare(name, f"{rule}, part {part},", kept["parts"][part], scores_as_dict(scored))
    _compare_rest(name, content, truth, found)
    return Record(name=name, content=content, scores=found, parts=parts)


def _require_parts(name: str, content: Mapping[str, Any]) -> None:
    if [len(fold) for fold in content["keys"]] != [len(fold) for fold in content["truth"]]:
        raise StoreError(f"Record {name}: it has not one key for each clip; make it anew from the run.")
    keys = [key for fold in content["keys"] for key in fold]
    members = [key for part in content["parts"].values() for key in part]
    if content["parts"] and sorted(members) != sorted(set(keys)):
        raise StoreError(f"Record {name}: its parts do not hold each of its clips once; make it anew from the run.")


def _predicted(truth: Sequence[np.ndarray], probabilities: Sequence[Any], classes: int) -> list[tuple[Labels, Labels]]:
    arrays = [np.array(fold, dtype=np.float32) for fold in probabilities]
    for clips, fold in zip(truth, arrays, strict=True):
        if fold.shape != (len(clips), classes) or not ((fold >= 0) & (fold <= 1)).all():
            raise ValueError(f"probabilities must lie in 0..1 and be (clip class) {(len(clips), classes)}")
    predicted = [fold.argmax(axis=1) for fold in arrays]
    return list(zip(truth, predicted, strict=True))


def _compare(name: str, rule: str, claimed: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    for score, value in found.items():
        if isinstance(value, float):
            if not abs(claimed[score] - value) <= _TOLERANCE:  # nan is refused too
                raise StoreError(
                    f"Record {name}: {score} under {rule} is given as {claimed[score]:.6f}, but its probabilities give "
                    f"{value:.6f}; make it anew from the run."
                )
        elif not _near(claimed[score], value):
            raise StoreError(
                f"Record {name}: {score} under {rule} is not what its probabilities give; make it anew from the run."
            )


def _near(claimed: Sequence[float | None], found: Sequence[float | None]) -> bool:
    return len(claimed) == len(found) and all(
        one is two if one is None or two is None else abs(one - two) <= _TOLERANCE
        for one, two in zip(claimed, found, strict=True)
    )


def _compare_rest(
    name: str, content: Mapping[str, Any], truth: Sequence[np.ndarray], found: Mapping[str, Scores]
) -> None:
    classes = content["description"]["classes"]
    counts = np.bincount(np.concatenate(truth), minlength=len(classes)).tolist()
    if content["every_clip_once"] and content["counts"] != dict(zip(classes, counts, strict=True)):
        raise StoreError(f"Record {name}: its counts are not those of its truth; make it anew from the run.")
    gain = found["oracle"].uf1 - found["last"].uf1 if "oracle" in found and content["has_epochs"] else None
    if not _near([content["optimism"]], [gain]):
        raise StoreError(f"Record {name}: its optimism is not oracle less last; make it anew from the run.")


_SHOWN: Mapping[str, tuple[type, ...]] = {
    "identity": (str,), "group": (str,), "has_epochs": (bool,), "drawn": (bool,), "every_clip_once": (bool,),
    "leaky": (bool,), "settings": (dict,),
    "counts": (dict,), "parts": (dict,), "keys": (list,), "clips": (int,), "subjects": (int,), "seconds": (int, float),
    "optimism": (float, type(None)), "parameter_count": (int, type(None)), "numerics": (dict, type(None)),
    "recipe.name": (str,), "code.dirty": (bool, type(None)), "description.method": (str,),
    "description.protocol": (str,), "description.protocol_parameters": (dict,),
    "description.datasets": (dict,), "description.scheme": (str,),
    "title": (str,), "family": (str,), "curve": (list,), "states": (dict,),
    "description.labels": (str,), "description.alignment": (str,), "description.seed": (int,),
    "description.classes": (list,), "by_rule.last": (dict,),
}  # fmt: skip


#: What only some records hold.
_OPTIONAL: Mapping[str, type] = {"tuned": str, "external": dict}


def _require_shown(name: str, content: Mapping[str, Any]) -> None:
    for place, kind in _OPTIONAL.items():
        if not isinstance(content.get(place, kind()), kind):
            raise StoreError(f"Record {name}: {place} is {content[place]!r}, which no record holds; make it anew.")
    if unranked(content) and unranked(content) not in str(content.get("tuned")):
        raise StoreError(f"Record {name}: it does not say that it was {unranked(content)}; make it anew from the run.")
    for place, kinds in _SHOWN.items():
        value: Any = content
        for part in place.split("."):
            value = value[part]
        if not isinstance(value, kinds):
            raise StoreError(f"Record {name}: {place} is {value!r}, which no record holds; make it anew from the run.")
