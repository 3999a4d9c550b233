"""Runs of a method that differ in key-frame noise alone become a curve; others do not."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

import merbench
from merbench.analysis.keyframe_curves import curve_table, keyframe_curves
from merbench.analysis.statistics.per_clip import as_record
from merbench.leaderboard.html import html
from merbench.leaderboard.markdown import leaderboard
from merbench.results.loading import record_of
from merbench.results.record import RunRecord

SETTINGS = {"dataset.subjects": 3, "dataset.clips": 6}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, merbench.Run]:
    folder = tmp_path_factory.mktemp("runs")

    def run(method: str, noise: float, **given: Any) -> merbench.Run:
        settings = {**SETTINGS, **({"epochs": 3} if method == "random" else {})}
        return merbench.run(method, settings=settings, runs=folder, keyframe_noise=noise, **given)

    return {
        "plain": run("random", 0),
        "two": run("random", 2),
        "four": run("random", 4),
        "half": run("random", 0.5),
        "tested": run("random", 2, keyframe_noise_side="test"),
        "other": run("majority", 2),
        "majority": run("majority", 0),
        "spotted": run("random", 0, apex="spot-all"),
    }


def records(runs: dict[str, merbench.Run], *names: str) -> list[RunRecord]:
    return [as_record(runs[name]) for name in names]


def test_a_curve_holds_the_scores_of_the_runs_in_order_of_the_noise(runs: dict[str, merbench.Run]) -> None:
    [curves] = keyframe_curves(records(runs, "four", "plain", "half", "two"))
    assert curves.noises == [0, 0.5, 2, 4]
    [points] = curves.rows.values()
    assert list(curves.rows) == ["random (epochs=3)"]
    for name, noise in (("plain", 0), ("half", 0.5), ("two", 2), ("four", 4)):
        assert points[noise].score.value == pytest.approx(runs[name].scores("last").uf1)
        assert points[noise].score.low < points[noise].score.value < points[noise].score.high
    table = curve_table(curves)
    assert table.columns[1:5] == ("as annotated", "up to 50 % of the rise", "up to 2 frames", "up to 4 frames")
    assert table.rows[0][1].startswith(f"{runs['plain'].scores('last').uf1:.3f} (")


def test_methods_of_a_task_share_a_table_and_lack_what_they_lack(runs: dict[str, merbench.Run]) -> None:
    [curves] = keyframe_curves(records(runs, "plain", "two", "four", "majority", "other"))
    assert list(curves.rows) == ["majority", "random (epochs=3)"]
    assert curve_table(curves).rows[0][3] == "–"


def test_what_differs_in_more_is_no_curve(runs: dict[str, merbench.Run]) -> None:
    assert keyframe_curves(records(runs, "plain")) == []
    assert keyframe_curves(records(runs, "two")) == []
    assert keyframe_curves(records(runs, "two", "majority")) == []
    assert keyframe_curves(records(runs, "two", "tested")) == []
    assert keyframe_curves(records(runs, "two", "spotted")) == []
    both = keyframe_curves(records(runs, "plain", "two", "tested"))
    assert sorted(curves.heading.partition(", shifted")[2] for curves in both) == ["", " in testing alone"]


def test_clips_of_other_labels_are_another_table(runs: dict[str, merbench.Run]) -> None:
    content = json.loads(json.dumps(runs["other"].record().as_dict()))
    content["description"]["labels"] = "0" * len(content["description"]["labels"])
    other = record_of("other", content)
    assert len(keyframe_curves([*records(runs, "plain", "two", "majority"), other])) == 2


def test_pages_have_a_curve_where_there_is_one(runs: dict[str, merbench.Run]) -> None:
    some = records(runs, "plain", "two", "majority")
    page = leaderboard(some)
    assert "## Key-frame noise" in page
    assert f"| random (epochs=3) | {runs['plain'].scores('last').uf1:.3f} (" in page
    data = json.loads(html(some).partition('id="data">')[2].partition("</script>")[0])
    [curve] = data["curves"]
    assert curve["noises"] == ["as annotated", "up to 2 frames"]
    assert curve["rows"][-1]["points"][1][0] == pytest.approx(runs["two"].scores("last").uf1, abs=1e-6)
    none = records(runs, "two", "majority")
    assert "Key-frame noise" not in leaderboard(none)
    assert json.loads(html(none).partition('id="data">')[2].partition("</script>")[0])["curves"] == []
    assert not math.isnan(curve["rows"][-1]["points"][0][1])


def test_show_prints_the_curve_and_writes_it(
    runs: dict[str, merbench.Run], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from merbench.cli import main

    def show(*words: object) -> str:
        monkeypatch.setattr(sys, "argv", ["merbench", "show", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code
        return capsys.readouterr().out

    paths = [runs[name].path for name in ("plain", "two", "four")]
    scores = " ".join(show(*paths, "--table", "scores").split())
    assert "UF1 over key-frame noise, under last" in scores
    assert scores.count("loso on synthetic") == 2  # the heading of the scores, and of the curve
    assert scores.count("Counts are pooled over folds") == 1
    assert "The same with keyframe_noise 2" in scores
    assert "The same with keyframe_noise 4" in scores
    show(*paths, "--html", tmp_path / "page.html")
    assert '"up to 4 frames"' in (tmp_path / "page.html").read_text()
    assert "over key-frame noise" not in show(paths[1], "--table", "scores")
    whole = json.loads(show(*paths, runs["other"].path, "--format", "json"))
    by_method = {each["method"]: each["keyframe_noise"] for each in whole}
    [curve] = by_method.pop("random (epochs=3)")
    assert [(point["noise"], point["seeds"]) for point in curve["points"]] == [(0, 1), (2, 1), (4, 1)]
    values = [runs[name].scores("last").uf1 for name in ("plain", "two", "four")]
    assert [point["value"] for point in curve["points"]] == pytest.approx(values)
    assert all(point["low"] < point["value"] < point["high"] for point in curve["points"])
    assert by_method.pop(next(name for name in by_method if name.startswith("majority"))) == []
    assert list(by_method.values()) == [[curve], [curve]]
