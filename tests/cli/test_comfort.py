"""What makes the command line comfortable: several methods in one option, quiet and verbose, a log, help in groups."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from merbench.cli.eta import Pace
from merbench.cli.progress import Live, Plain
from merbench.results.fold_result import FoldResult

Cli = Callable[..., Any]
SMALL = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--device", "cpu")


def test_several_methods_are_named_with_commas(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench("run", "-m", "majority, random", *SMALL, "--runs-dir", tmp_path)
    assert answer.code == 0, answer.err
    assert [path.name.split("-")[0] for path in sorted(tmp_path.iterdir())] == ["majority", "random"]
    answer = merbench("run", "-m", "majority,majority", *SMALL, "--runs-dir", tmp_path)
    assert (answer.code, "is given twice" in answer.err) == (2, True)


def test_quiet_prints_results_alone_and_the_log_has_the_rest(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench("run", "-m", "majority", *SMALL, "--out", tmp_path / "run", "--quiet")
    assert answer.code == 0
    assert answer.err == ""
    assert "majority" in answer.out
    lines = (tmp_path / "run" / "run.log").read_text("utf-8").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S", line) for line in lines)
    assert any("3/3" in line for line in lines)
    merbench("run", "-m", "majority", *SMALL, "--out", tmp_path / "run", "--quiet")
    assert "3 trainings kept" in (tmp_path / "run" / "run.log").read_text("utf-8")


def test_verbose_prints_every_epoch(merbench: Cli, tmp_path: Path) -> None:
    words = ("run", "-m", "ststnet", *SMALL, "--set", "epochs=3", "--parallel-folds", "1")
    answer = merbench(*words, "--out", tmp_path / "a", "--verbose")
    assert answer.code == 0, answer.err
    assert len(re.findall(r"epoch [123] of 3", answer.err)) == 9
    answer = merbench(*words, "--out", tmp_path / "b")
    assert re.findall(r"epoch (\d) of 3.*left", answer.err) == ["2"]  # once a second epoch shows how long one takes
    answer = merbench(*words, "--quiet", "--verbose")
    assert (answer.code, "exclude each other" in answer.err) == (2, True)


def test_folds_that_train_together_have_a_line_each() -> None:
    live = Live()
    live.epochs = 4
    live.pace = Pace(cast("Any", [None] * 12), [], 4, 2, averaged=False)
    for fold in range(12):
        live.epoch(f"{fold:02}", 0)
    assert list(live.lines) == [f"{fold:02}" for fold in range(8)]
    live.outcome(_outcome("03"))
    live.epoch("09", 1)
    assert sorted(live.lines) == ["00", "01", "02", "04", "05", "06", "07", "09"]
    assert "left" in live.progress.tasks[0].description


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    plain = Plain(quiet=True)
    plain.say("a line")
    plain.log.open(tmp_path / "nowhere")
    plain.say("another")
    plain.close()


def test_help_has_headings_and_whole_first_sentences(merbench: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = merbench("run", "--help").out
    headings = re.findall(r"^(\S.*):$", text, re.MULTILINE)
    assert headings == ["Arguments", "Options", "Data", "Computing", "Results and progress"]
    assert "..." not in merbench("--help").out.split("Commands:")[1]
    assert "mmnet can be explained" in " ".join(merbench("explain", "--help").out.split())
    assert "dataset/subject/clip/onset" in "".join(merbench("leaderboard", "add", "--help").out.split())


def test_a_tracker_that_does_not_exist_is_refused_by_a_check_too(merbench: Cli) -> None:
    for command in ("run", "sensitivity", "ablate --vary loss", "tune"):
        refused = merbench(*command.split(), "-m", "ststnet", "--track", "tensorbord", "--check")
        assert (refused.code, "Unknown tracker 'tensorbord'. Did you mean 'tensorboard'?" in refused.err) == (2, True)


def test_alignments_are_listed(merbench: Cli) -> None:
    answer = merbench("list", "alignments")
    assert answer.code == 0
    for name in ("none", "dlib-68", "dlib-68-ststnet"):
        assert re.search(rf"^{name} ", answer.out, re.MULTILINE)
    assert merbench("list", "alignments", "--format", "csv").out.startswith("alignment,size,what it is\n")


@pytest.mark.slow
def test_the_list_of_methods_says_which_can_be_explained(merbench: Cli) -> None:
    rows = [line.split(",") for line in merbench("list", "methods", "--format", "csv").out.splitlines()]
    place = rows[0].index("explained")
    assert [row[0] for row in rows if "yes" in row] == ["mmnet"]
    assert place == 4


def test_tasks_of_a_leaderboard_are_listed(merbench: Cli, tmp_path: Path) -> None:
    run, board = tmp_path / "run", tmp_path / "board"
    assert merbench("run", "-m", "majority", *SMALL, "--out", run).code == 0
    assert merbench("leaderboard", "add", run, "--dir", board).code == 0
    answer = merbench("leaderboard", "--list", "--dir", board, "--format", "csv")
    assert answer.code == 0, answer.err
    task = answer.out.splitlines()[1].split(",")[0]
    answer = merbench(
        "leaderboard", "add", "--external", tmp_path / "none.csv", "--task", task, "--method", "x", "--dir", board
    )
    assert "none.csv: there is no such file" in answer.err


def test_runs_of_several_tasks_are_compared_task_by_task(merbench: Cli, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for scheme in ("5-class", "3-class"):
        answer = merbench("run", "-m", "majority,random", "--scheme", scheme, *SMALL, "--runs-dir", runs)
        assert answer.code == 0, answer.err
    assert merbench("run", "-m", "majority", "-p", "leave-one-clip-out", *SMALL, "--runs-dir", runs).code == 0
    answer = merbench("compare", *sorted(runs.iterdir()))
    assert answer.code == 0, answer.err
    assert answer.out.count("Differences in UF1") == 2
    assert answer.err.count("left out: majority-leave-one-clip-out") == 1


def _outcome(fold: str) -> FoldResult:
    return FoldResult(
        fold=fold,
        kind="outer",
        keys=(f"{fold}/1",),
        truth=np.array([0]),
        probabilities=np.full((4, 1, 2), 0.5, dtype=np.float32),
        has_epochs=True,
        seconds=1.0,
        peak_memory=0,
    )


def test_a_check_without_a_method_is_refused_before_anything_is_imported(
    merbench: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "merbench.experiments.runs", None)
    answer = merbench("run", "--check")
    assert (answer.code, "Name a method with --method NAME" in answer.err) == (2, True), answer.err


def test_a_mock_says_how_far_it_is_every_few_seconds_without_a_terminal(
    merbench: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = ("data", "mock", "casme2", "--subjects", "1", "--clips", "3", "--frames", "none")
    answer = merbench(*words, "--out", tmp_path / "one")
    assert answer.err.splitlines() == ["3 of 3 clips written"]
    monkeypatch.setattr("merbench.cli.data._SECONDS", 0.0)
    answer = merbench(*words, "--out", tmp_path / "two")
    assert answer.err.splitlines() == [f"{count} of 3 clips written" for count in (1, 2, 3)]
