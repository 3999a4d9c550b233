"""The quick part of kills.py: a command of each kind that writes, killed while it starts and while it writes."""

from __future__ import annotations

import runpy
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

KILLS: dict[str, Any] = runpy.run_path(str(Path(__file__).with_name("kills.py")))


def test_an_import_that_is_killed_gives_the_undisturbed_table_when_called_again(tmp_path: Path) -> None:
    [scenario] = [each for each in KILLS["scenarios"]() if each.name == "data import"]
    prepared, whole = tmp_path / "prepared", tmp_path / "whole"
    prepared.mkdir()
    scenario.prepare(prepared)
    shutil.copytree(prepared, whole)
    start = time.monotonic()
    KILLS["merbench"](whole, *scenario.words)
    seconds = time.monotonic() - start
    expected = KILLS["contents"](whole)
    assert "out/clips.csv" in expected
    trials = [KILLS["trial"](scenario, prepared, expected, share * seconds) for share in (0.9, 0.6, 0.3, 0.02)]
    assert any(trial["killed"] for trial in trials)  # the last one in any case: no command has ended so early
    for trial in trials:
        assert KILLS["sound"](trial), trial


def test_what_a_kill_spoils_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("whole")
    expected = KILLS["contents"](tmp_path)
    (tmp_path / "a.csv").write_text("who")
    (tmp_path / ".merbench-1.part").write_text("hidden")
    now = KILLS["contents"](tmp_path)
    assert list(now) == ["a.csv"]
    assert now != expected
    assert not KILLS["sound"]({"code": 0, "differing": ["a.csv"]})
    assert not KILLS["sound"]({"code": 1, "differing": []})


@pytest.mark.parametrize("volatile", ["seconds", "peak_memory", "hours"])
def test_times_are_no_difference(tmp_path: Path, volatile: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(f'{{"a": 1, "{volatile}": 1}}')
    one = KILLS["contents"](tmp_path)
    path.write_text(f'{{"{volatile}": 2, "a": 1}}')
    assert KILLS["contents"](tmp_path) == one
