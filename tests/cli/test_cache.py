"""`merbench cache`."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench.inputs.cache import Cache, compiled_folder

Call = Callable[..., Any]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """Two entries: flow of today and frames of ten days ago, which an earlier merbench kept without saying what."""
    monkeypatch.setenv("MERBENCH_CACHE", str(tmp_path))
    cache = Cache()
    flow = {"input": "flow", "revision": 1, "size": [28, 28], "algorithm": "tvl1", "strain": False, "computed": None}
    rows = [np.zeros((2, 28, 28), np.float32)] * 3
    cache.write("a" * 40, (3, 2, 28, 28), rows, {"failed": {}, "what": flow}, "float32")
    cache.write("b" * 40, (2, 5), [np.zeros(5, np.uint8)] * 2, {"failed": {}})
    past = time.time() - 10 * 86_400
    os.utime(cache.root / ("b" * 40) / "entry.json", (past, past))
    return cache


def test_it_lists_what_how_large_and_how_old(merbench: Call, cache: Cache) -> None:
    answer = merbench("cache", "list")
    assert answer.code == 0
    assert f"{cache.root}: 2 entries" in answer.out
    [flow] = [line for line in answer.out.splitlines() if line.strip().startswith("flow")]
    assert "flow revision=1, size=28x28, algorithm=tvl1" in flow
    assert "0.0 hours" in flow
    [frames] = [line for line in answer.out.splitlines() if line.strip().startswith("frames")]
    assert "10.0 days" in frames


def test_it_prunes_what_is_older(merbench: Call, cache: Cache) -> None:
    answer = merbench("cache", "prune", "--older-than", "5")
    assert "1 entry removed" in answer.out
    assert [entry.name for entry in cache.entries()] == ["a" * 40]


def test_it_prunes_everything_and_mapped_arrays_stay_readable(merbench: Call, cache: Cache) -> None:
    kept = cache.read("a" * 40)
    assert kept is not None
    compiled_folder().mkdir()
    assert "2 entries removed" in merbench("cache", "prune", "--all").out
    assert list(cache.root.iterdir()) == []
    assert not compiled_folder().exists()
    assert kept[0].sum() == 0
    assert "0 entries" in merbench("cache", "list").out


@pytest.mark.parametrize("words", [(), ("--all", "--older-than", "3")])
def test_it_removes_nothing_unasked(merbench: Call, cache: Cache, words: tuple[str, ...]) -> None:
    answer = merbench("cache", "prune", *words)
    assert answer.code == 2
    assert "either --older-than DAYS or --all" in answer.err
    assert len(cache.entries()) == 2


def test_an_empty_or_absent_cache_is_no_mistake(
    merbench: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERBENCH_CACHE", str(tmp_path / "none"))
    assert merbench("cache", "list").code == 0
    assert merbench("cache", "prune", "--all").code == 0
    assert not (tmp_path / "none").exists()


def test_entries_being_written_and_damaged_ones_are_not_listed(merbench: Call, cache: Cache) -> None:
    (cache.root / ".part-x").mkdir()
    (cache.root / ("c" * 40)).mkdir()
    (cache.root / ("b" * 40) / "entry.json").write_text(json.dumps({})[:1])
    assert "1 entry," in merbench("cache", "list").out
