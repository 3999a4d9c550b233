"""Predictions of action units that were made elsewhere, through the command line."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

import merbench
from merbench import Run
from merbench.cli import main
from merbench.results.loading import load_record
from merbench.results.record import RunRecord

UNITS = ["AU1", "AU4", "AU12"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose thresholds are its own, which predictions of others do not share."""
    settings = {"dataset.subjects": 4, "dataset.clips": 6, "scheme.units": "1,4,12"}
    out = tmp_path_factory.mktemp("runs") / "run"
    return merbench.run("random", dataset="synthetic-f", settings=settings, thresholds="inner", out=out)


def write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


class Board:
    """A leaderboard to which the command line adds predictions."""

    def __init__(self, folder: Path, run: Run, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder, self.run, self._capsys, self._patch = folder, run, capsys, patch

    def add(self, path: Path) -> tuple[int, str]:
        """The exit code and what was printed on adding a file."""
        words = ["leaderboard", "add", "--external", path, "--task", self.run.path, "--method", "theirs", "--dir"]
        self._patch.setattr(sys, "argv", ["merbench", *map(str, words), str(self.folder)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        printed = self._capsys.readouterr()
        return code, " ".join((printed.out + printed.err).split())

    def record(self) -> RunRecord:
        """The record of the only predictions."""
        [path] = (self.folder / "results").iterdir()
        return load_record(path)


@pytest.fixture
def board(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Board:
    return Board(tmp_path / "board", run, capsys, monkeypatch)


def rows_of(run: Run, seed: int = 0) -> tuple[list[str], np.ndarray, np.ndarray]:
    keys = [key for fold in run.keys for key in fold]
    truth = np.concatenate([outcome.truth for outcome in run.outer])
    return keys, truth, np.random.default_rng(seed).random(truth.shape).astype(np.float32)


def test_probabilities_of_each_unit_are_scored_at_a_half(board: Board, run: Run, tmp_path: Path) -> None:
    keys, truth, values = rows_of(run)
    rows = [[key, *row] for key, row in zip(keys, values.tolist(), strict=True)]
    code, said = board.add(write(tmp_path / "p.csv", ["key", *UNITS], rows[::-1]))
    assert code == 0, said
    record = board.record()
    assert record.description.thresholds is None
    assert record.task == run.record().task
    expected = f1_score(truth, values > 0.5, average="macro", zero_division=0)
    assert record.scores["last"].headline == pytest.approx(expected)
    assert record.external is not None
    assert record.external.prediction_kind == "probabilities"


def test_units_by_name_are_read_in_any_order_and_truth_is_compared(board: Board, run: Run, tmp_path: Path) -> None:
    keys, truth, _ = rows_of(run)
    texts = ["+".join(np.array(UNITS)[row == 1][::-1]) or "none" for row in truth]
    rows = [[key, text, text] for key, text in zip(keys, texts, strict=True)]
    code, said = board.add(write(tmp_path / "p.csv", ["key", "truth", "predicted"], rows))
    assert code == 0, said
    assert board.record().scores["last"].accuracy == 1.0
    rows[2][1] = "AU12" if texts[2] != "AU12" else "AU4"
    code, said = board.add(write(tmp_path / "p.csv", ["key", "truth", "predicted"], rows))
    assert code == 2
    assert f"p.csv, line 4: {keys[2]} is {rows[2][1]} there, but" in said


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1.25", "line 3: probabilities must lie in 0..1, which 1.25 does not"),
        ("-0.5", "which -0.5 does not"),
        ("nan", "line 3: 'nan' is no number; write a probability for each unit"),
        ("", "'' is no number"),
    ],
)
def test_what_is_no_probability_is_refused(board: Board, run: Run, tmp_path: Path, cell: str, said: str) -> None:
    keys, _, values = rows_of(run)
    rows: list[list[object]] = [[key, *row] for key, row in zip(keys, values.tolist(), strict=True)]
    rows[1][2] = cell
    code, printed = board.add(write(tmp_path / "p.csv", ["key", *UNITS], rows))
    assert code == 2
    assert said in printed
    assert not list(board.folder.glob("results/*"))


def test_units_that_the_task_does_not_have_are_refused(board: Board, run: Run, tmp_path: Path) -> None:
    keys, _, values = rows_of(run)
    code, said = board.add(write(tmp_path / "p.csv", ["key", "predicted"], [[key, "AU1+AU7"] for key in keys]))
    assert code == 2
    assert "predicted 'AU7' is no unit of the task: AU1, AU4, AU12." in said
    rows = [[key, *row] for key, row in zip(keys, values.tolist(), strict=True)]
    code, said = board.add(write(tmp_path / "p.csv", ["key", "AU1", "AU4", "AU7"], rows))
    assert code == 2
    assert "must have key, predicted or key, AU1, AU4, AU12" in said
