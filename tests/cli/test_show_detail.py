"""`merbench show`: scores by class and action unit, calibration, and all of it as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import merbench as library

Cli = Callable[..., Any]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    few = {"dataset.clips": 10, "dataset.subjects": 4}
    path = library.run("flow-svm", settings=few, out=tmp_path_factory.mktemp("runs") / "flow-svm").path
    assert path is not None
    return path


def test_everything_is_printed(merbench: Cli, run: Path) -> None:
    answer = merbench("show", run)
    assert answer.code == 0, answer.err
    for words in ("by class, rule last: intervals", "share of the true class", "expected calibration error",
                  "flow-svm (quick) by action unit, rule last",
                  "flow-svm (quick) by combination, rule last"):  # fmt: skip
        assert words in answer.out


def test_json_holds_scores_classes_confusion_calibration_and_units(merbench: Cli, run: Path) -> None:
    answer = merbench("show", run, "--format", "json")
    assert answer.code == 0, answer.err
    [method] = json.loads(answer.out)
    loaded = library.Run.load(run)
    assert method["runs"][0]["scores"]["last"]["uf1"] == pytest.approx(loaded.scores().uf1)
    assert sum(row["clips"] for row in method["classes"]) == 40
    assert sum(map(sum, method["confusion"]["counts"])) == 40
    assert 0 <= method["calibration"]["error"] <= 1
    assert sum(row["clips"] for row in method["action_unit_combinations"]) <= 40
    assert {row["action_units"] for row in method["action_units"]} >= {"4"}


def test_action_units_that_are_not_to_be_had_are_said(merbench: Cli, run: Path, tmp_path: Path) -> None:
    record = json.loads((run / "run.json").read_text())
    changed = tmp_path / "changed"
    changed.mkdir()
    for path in run.rglob("*"):
        if path.is_file():
            target = changed / path.relative_to(run)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    record["description"]["datasets"]["synthetic"][1]["seed"] = 5
    (changed / "run.json").write_text(json.dumps(record))
    answer = merbench("show", changed, "--table", "action-units")
    assert answer.code == 2
    assert "give the data of that run with --data" in answer.err
    whole = merbench("show", changed)
    assert whole.code == 0
    assert "no recall by action unit:" in whole.err


def test_a_protocol_without_parts_says_so(merbench: Cli, run: Path) -> None:
    answer = merbench("show", run, "--table", "parts")
    assert answer.code == 2
    assert "the protocols of these runs report no parts" in answer.err
