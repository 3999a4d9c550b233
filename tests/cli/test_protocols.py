"""Protocols other than leave one subject out, from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench import Run

Cli = Callable[..., Any]


def only(folder: Path) -> Path:
    [found] = folder.iterdir()
    return found


def run(merbench: Cli, runs: Path, *words: object, method: str = "majority") -> Run:
    answer = merbench("run", "-m", method, *words, "--runs", runs)
    assert answer.code == 0, answer.err
    return Run.load(only(runs))


def refused(merbench: Cli, tmp_path: Path, *words: object) -> str:
    answer = merbench("run", "-m", "majority", *words, "--runs", tmp_path / "runs")
    assert answer.code == 2, answer.out + answer.err
    assert "Traceback" not in answer.err
    assert not (tmp_path / "runs").exists()
    return str(answer.err)


def test_kfold_runs_and_its_parameters_are_told(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench("run", "-m", "majority", "-p", "kfold", "--set", "protocol.folds=3", "--runs", tmp_path)
    assert answer.code == 0, answer.err
    assert "kfold (folds=3, seed=0) on synthetic" in answer.out
    assert "kfold (folds=3, seed=0) on synthetic" in answer.err
    assert Run.load(only(tmp_path)).manifest["folds"] == ["1 of 3", "2 of 3", "3 of 3"]


@pytest.mark.parametrize(("subjects", "said"), [(3, "needs at least 5 subjects, but there are 3"), (1, "synthetic/01")])
def test_kfold_needs_subjects(merbench: Cli, tmp_path: Path, subjects: int, said: str) -> None:
    assert said in refused(merbench, tmp_path, "-p", "kfold", "--set", f"dataset.subjects={subjects}")


@pytest.mark.parametrize(("name", "said"), [("kfold", ["protocol.folds = 5", "protocol.seed = 0", "usual k"])])
def test_info_says_what_a_protocol_does(merbench: Cli, name: str, said: list[str]) -> None:
    answer = merbench("info", name)
    assert answer.code == 0
    for word in (f"protocol {name}", *said):
        assert word in answer.out
