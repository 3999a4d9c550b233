"""`merbench show`: scores by class and action unit, calibration, and all of it as JSON."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import merbench as library
from merbench.experiments.reopen import action_units_of

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


def test_the_page_the_tables_and_the_json_hold_the_same_numbers(merbench: Cli, run: Path, tmp_path: Path) -> None:
    assert merbench("show", run, "--html", tmp_path / "page.html").code == 0
    script = re.search(r'id="data">(.*?)</script>', (tmp_path / "page.html").read_text(), re.DOTALL)
    assert script is not None
    page = json.loads(script[1])
    [row], [shown] = page["tasks"][0]["rows"], page["runs"]
    [method] = json.loads(merbench("show", run, "--format", "json").out)
    for name in ("f1", "recall"):
        scores = [each[name] for each in method["classes"]]
        assert row[name] == pytest.approx([each["value"] for each in scores], abs=1e-6)
        ends = [end for each in row[f"{name}_ends"] for end in each]
        assert ends == pytest.approx([each[end] for each in scores for end in ("low", "high")], abs=1e-6)
    assert row["confusion"] == method["confusion"]["counts"]
    assert row["calibration_error"] == pytest.approx(method["calibration"]["error"], abs=1e-6)
    bins = [[each["confidence"], each["accuracy"], each["clips"]] for each in method["calibration"]["bins"]]
    assert [value for each in row["reliability"] for value in each] == pytest.approx(
        [value for each in bins for value in each], abs=1e-6
    )
    units = [*method["action_units"], *method["action_unit_combinations"]]
    assert [(each["units"], each["clips"], each["recall"], each["low"]) for each in shown["units"]] == [
        (each["action_units"], each["clips"], pytest.approx(each["recall"]["value"], abs=1e-6),
         None if each["recall"]["low"] is None else pytest.approx(each["recall"]["low"], abs=1e-6))
        for each in units
    ]  # fmt: skip
    printed = [
        float(cell)
        for line in csv.reader(merbench("show", run, "--table", "calibration", "--format", "csv").out.splitlines()[1:])
        for cell in line[2:4]
    ]
    assert printed == pytest.approx([value for each in bins for value in each[:2]], abs=6e-4)


def test_action_units_count_the_clips_that_the_run_has_right(merbench: Cli, run: Path) -> None:
    loaded = library.Run.load(run)
    right = {
        key: bool(truth == guess)
        for fold in loaded.outer
        for key, truth, guess in zip(fold.keys, fold.truth, fold.probabilities[-1].argmax(1), strict=True)
    }
    coded = action_units_of(loaded)
    [method] = json.loads(merbench("show", run, "--format", "json").out)
    by_unit = {unit: [right[key] for key, units in coded.items() if unit in units] for unit in range(1, 44)}
    wanted = {str(unit): sum(hits) / len(hits) for unit, hits in by_unit.items() if hits}
    assert {row["action_units"]: row["recall"]["value"] for row in method["action_units"]} == pytest.approx(wanted)
    combined: dict[str, list[bool]] = {}
    for key, units in coded.items():
        combined.setdefault("+".join(map(str, sorted(units))), []).append(right[key])
    combined.pop("", None)
    wanted = {name: sum(hits) / len(hits) for name, hits in combined.items()}
    rows = method["action_unit_combinations"]
    assert {row["action_units"]: row["recall"]["value"] for row in rows} == pytest.approx(wanted)
