"""The file of tuned parameters: what is written is read, as are files of earlier releases, and edits are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from merbench.errors import UsageError
from merbench.tuning.tuned_file import TunedFile, TunedParameters, TunedTable, read_tuned, write_tuned


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, TunedFile]:
    chosen = TunedParameters(values={"learning_rate": 0.01}, epoch=4, inner_score=0.625, trial=3)
    table = TunedTable(chosen=chosen, subjects=("lab/2", "lab/3"), held_out="d1")
    tuned = TunedFile(method="ststnet", kind="nested", trials=5, recipe="quick", folds={"lab/1": table})
    path = tmp_path / "tuned.toml"
    write_tuned(path, tuned)
    return path, tuned


def test_what_is_written_is_read(written: tuple[Path, TunedFile]) -> None:
    path, tuned = written
    assert read_tuned(path) == tuned


def test_the_score_s_earlier_key_is_read(written: tuple[Path, TunedFile]) -> None:
    path, tuned = written
    text = path.read_text("utf-8")
    assert text.count("\ninner_score = 0.625\n") == 1
    path.write_text(text.replace("\ninner_score = ", "\ninner_uf1 = "), "utf-8")
    assert read_tuned(path) == tuned


def test_a_score_that_was_edited_is_refused(written: tuple[Path, TunedFile]) -> None:
    path, _ = written
    path.write_text(path.read_text("utf-8").replace("0.625", "0.925"), "utf-8")
    with pytest.raises(UsageError, match="was edited since it was tuned"):
        read_tuned(path)
