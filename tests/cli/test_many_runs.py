"""Several runs at once: a folder listed, unfinished ones among them, labels that tell them apart, CSV for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
SMALL = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5")


@pytest.fixture
def shelf(merbench: Cli, tmp_path: Path) -> Path:
    """A folder with a finished run of two controls, and one that lacks a fold."""
    runs = tmp_path / "runs"
    assert merbench("run", "-m", "majority", "-m", "random", *SMALL, "--runs-dir", runs).code == 0
    assert merbench("run", "-m", "random", *SMALL, "--seed", "1", "--out", runs / "broken").code == 0
    next((runs / "broken").glob("outer/*")).unlink()
    return runs


def test_a_folder_of_runs_is_listed(merbench: Cli, shelf: Path) -> None:
    answer = merbench("show", shelf)
    assert answer.code == 0, answer.err
    for word in ("Runs in", "majority", "random", "loso on synthetic", "2 of 3", "run that lacks folds"):
        assert word in answer.out
    mixed = merbench("show", shelf, shelf / "broken")
    assert (mixed.code, "is no folder of runs" in mixed.err) == (2, True)


def test_unfinished_runs_are_left_out_and_named(merbench: Cli, shelf: Path) -> None:
    runs = sorted(shelf.iterdir())
    for command in ("show", "compare"):
        answer = merbench(command, *runs)
        assert answer.code == 0, answer.err
        assert "left out: " in answer.err
        assert "1 of 3 folds are missing" in answer.err
    alone = merbench("show", shelf / "broken")
    assert (alone.code, "the command that began it" in alone.err) == (2, True)


def test_recipes_that_differ_are_told_apart(merbench: Cli, tmp_path: Path) -> None:
    words = ("run", "-m", "ststnet", *SMALL, "--set", "epochs=1", "--device", "cpu", "--runs-dir", tmp_path)
    assert merbench(*words, "--recipe", "quick").code == 0
    assert merbench(*words, "--recipe", "published").code == 0
    told = merbench("show", *sorted(tmp_path.iterdir()), "--format", "csv").out
    assert "ststnet (quick, epochs=1)" in told
    assert "\nststnet (epochs=1)," in told


def test_csv_is_for_programs(merbench: Cli, tmp_path: Path) -> None:
    assert merbench("run", "-m", "random", *SMALL, "--seeds", "2", "--runs-dir", tmp_path).code == 0
    rows = list(csv.DictReader(io.StringIO(merbench("show", *tmp_path.iterdir(), "--format", "csv").out)))
    [last] = [row for row in rows if row["rule"] == "last"]
    assert 0 <= float(last["UF1"]) <= 1
    assert 0 <= float(last["UF1 sd"]) <= 1
    assert float(last["seeds"]) == 2
    assert [row["optimism"] for row in rows if row["rule"] == "oracle*"] == [""]


def test_a_setting_can_be_of_one_of_several_methods(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench(
        "run", "-m", "majority", "-m", "random", *SMALL, "--set", "random.epochs=3", "--runs-dir", tmp_path
    )
    assert answer.code == 0, answer.err
    assert "random (epochs=3)" in answer.out


def test_classes_without_a_training_clip_are_told_before_and_after(merbench: Cli, tmp_path: Path) -> None:
    table, root = tmp_path / "clips.csv", tmp_path / "frames"
    root.mkdir()
    rows = [
        f"mine,{s},{c},1,2,3,{'rare' if (s, c) == (1, 0) else ('a', 'b')[c % 2]}" for s in (1, 2, 3) for c in range(4)
    ]
    table.write_text("dataset,subject,clip,onset,apex,offset,emotion\n" + "\n".join(rows) + "\n", "utf-8")
    answer = merbench("run", "-m", "majority", "-d", "manifest", "--data", table, "--runs-dir", tmp_path / "runs")
    assert answer.code == 0, answer.err
    for told in (answer.err, answer.out):
        assert "Without a training clip: rare in 1 of 3 folds" in " ".join(told.split())
