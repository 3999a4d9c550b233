"""Records of files and run folders, validated: the input of the leaderboard and comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from merbench.errors import StoreError
from merbench.results import reading
from merbench.results.record import RunRecord
from merbench.results.run import Run
from merbench.results.validation import validated


def load_records(folder: Path) -> list[RunRecord]:
    """The validated records in a folder, by file name.

    Raises:
        StoreError: for a file that is no record, or whose scores do not match its probabilities.
    """
    records = [load_record(path) for path in sorted(folder.glob("*.json"))]
    names: dict[str, str] = {}
    for record in records:
        twin = names.setdefault(record.identity, record.name)
        if twin != record.name:
            raise StoreError(f"Records {twin} and {record.name} are of one and the same run; delete one of them.")
    return records


def load_record(path: Path) -> RunRecord:
    """The validated record in a file, named by the file.

    Raises:
        StoreError: if it is none, is incomplete, or its scores do not match its probabilities.
    """
    return validated(reading.read_record(path).named(path.stem))


def load_result(path: Path) -> RunRecord:
    """The record of a run's folder, computed from its fold files, or the validated record in a file.

    Raises:
        StoreError: if it is neither, is incomplete, or its scores do not match its probabilities.
    """
    if path.is_dir():
        return validated(Run.load(path).record().named(path.resolve().name))
    return load_record(path)


def record_of(name: str, content: Mapping[str, Any]) -> RunRecord:
    """The validated record of plain data, as JSON holds it.

    Raises:
        StoreError: if it is incomplete, or its scores do not match its probabilities.
    """
    return validated(RunRecord.from_dict(content, name).named(name))
