"""Compact records of small runs on drawn data, to be changed and read again."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import merbench
from merbench.results.loading import record_of
from merbench.results.record import RunRecord

Content = dict[str, Any]
SETTINGS = {"dataset.subjects": 3, "dataset.clips": 10}


@pytest.fixture(scope="session")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Content]:
    runs = tmp_path_factory.mktemp("runs")

    def record(method: str, **given: Any) -> Content:
        settings = {**SETTINGS, **({"epochs": 4} if method == "random" else {})}
        content = merbench.run(method, settings=settings, runs=runs, **given).record().as_dict()
        loaded: Content = json.loads(json.dumps(content, allow_nan=False))
        loaded["code"] = {"version": "0.1.0", "commit": "0" * 40, "dirty": False}  # whatever state the checkout is in
        return loaded

    return {
        "random-0": record("random"),
        "random-1": record("random", seed=1),
        "random-2": record("random", seed=2),
        "majority": record("majority"),
        "three": record("random", scheme="3-class"),
    }


@pytest.fixture
def content(_kept: dict[str, Content]) -> Callable[[str], Content]:
    """The function that gives a fresh copy of a record's content."""
    return lambda name: copy.deepcopy(_kept[name])


@pytest.fixture
def records(_kept: dict[str, Content]) -> list[RunRecord]:
    """All records, by name."""
    return [record_of(name, copy.deepcopy(_kept[name])) for name in sorted(_kept)]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Content], Path]:
    """A function that writes content as a record's file."""

    def written(content: Content, name: str = "record") -> Path:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return written
