"""`merbench tune` as a user meets it, and what its parameters are used for afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench import Run
from merbench.tuning.tuned_file import read_tuned

DATA = ["--set", "dataset.subjects=4", "--set", "dataset.clips=10"]
Cli = Callable[..., Any]


@pytest.fixture
def plugin() -> Path:
    return Path(__file__).parents[1] / "tuning" / "toy.py"


@pytest.fixture
def tuned(merbench: Cli, tmp_path: Path, plugin: Path) -> Path:
    budget = ["--trials", 3, "--inner", 2]
    answer = merbench("tune", "-m", "toy", "--plugin", plugin, *DATA, *budget, "--out", tmp_path / "tuned")
    assert answer.code == 0, answer.err
    for word in (
        "5 studies of 3 trials, 2 inner folds",
        "3/3 inner UF1",
        "best 0.",
        "chosen trial",
        "left",
        "4/4 synthetic/04",
    ):
        assert word in answer.err, word
    assert "nested, 3 trials" in answer.out
    assert "report.html" in answer.out
    return tmp_path / "tuned"


def probabilities(path: Path) -> list[Any]:
    return [outcome.probabilities for outcome in Run.load(path).outer]


def test_a_nested_result_is_a_record_like_any_other(merbench: Cli, tmp_path: Path, plugin: Path, tuned: Path) -> None:
    assert "tuned: nested, 3 trials" in merbench("show", tuned).out
    assert merbench("audit", tuned, "--plugin", plugin).code == 0
    answer = merbench("leaderboard", "add", tuned, "--dir", tmp_path / "board")
    assert answer.code == 0, answer.err
    assert merbench("leaderboard", "--dir", tmp_path / "board").code == 0
    assert "toy, tuned: nested, 3 trials" in (tmp_path / "board" / "README.md").read_text()
    content = json.loads((tuned / "record.json").read_text())
    assert content["tuned"] == "nested, 3 trials"
    assert content["tuning"]["trials"] == 15
    assert content["tuning"]["hours"] > 0
    page = (tuned / "tuning" / "report.html").read_text()
    for word in ("Chosen values by outer fold", "How much they vary", "of the range", "synthetic/04"):
        assert word in page
    pytest.importorskip("matplotlib")
    assert "data:image/png;base64," in page
    assert (tuned / "tuning" / "report.png").read_bytes().startswith(b"\x89PNG")


def test_parameters_are_used_fold_by_fold_and_give_the_same_bits(
    merbench: Cli, tmp_path: Path, plugin: Path, tuned: Path
) -> None:
    params = tuned / "tuning" / "tuned.toml"
    words = ["run", "-m", "toy", "--plugin", plugin, *DATA, "--tuned", params]
    answer = merbench(*words, "--out", tmp_path / "again")
    assert answer.code == 0, answer.err
    assert "parameters: nested, 3 trials" in answer.err
    for one, two in zip(probabilities(tuned), probabilities(tmp_path / "again"), strict=True):
        np.testing.assert_array_equal(one, two)
    assert merbench("audit", tmp_path / "again", "--plugin", plugin).code == 0


def test_parameters_for_other_data_are_ranked_there_and_nowhere_else(
    merbench: Cli, tmp_path: Path, plugin: Path, tuned: Path
) -> None:
    params, board = tuned / "tuning" / "tuned.toml", tmp_path / "board"
    words = ["run", "-m", "toy", "--plugin", plugin, *DATA, "--tuned", params]
    answer = merbench(*words, "--set", "dataset.seed=2", "--out", tmp_path / "other")
    assert answer.code == 0, answer.err
    assert "parameters: on other data, 3 trials" in answer.err
    seen = merbench(*words, "-p", "kfold", "--set", "protocol.folds=2", "--out", tmp_path / "seen")
    assert seen.code == 0, seen.err
    assert "tuned on the evaluation subjects" in seen.err
    assert "What was tuned on the evaluation subjects is never ranked." in seen.out
    plain = merbench(*words[:-2], "-p", "kfold", "--set", "protocol.folds=2", "--out", tmp_path / "plain")
    assert plain.code == 0, plain.err
    answer = merbench("leaderboard", "add", tmp_path / "seen", tmp_path / "plain", "--dir", board)
    assert answer.code == 0, answer.err
    assert merbench("leaderboard", "--dir", board).code == 0
    [row] = [line for line in (board / "README.md").read_text().splitlines() if "never ranked)" in line and "|" in line]
    assert row.split("|")[1].strip() == "–"
    [record] = (board / "results").glob("*" + Run.load(tmp_path / "seen").header.identity[:8] + "*")
    content = json.loads(record.read_text())
    record.write_text(json.dumps({**content, "tuned": "nested, 3 trials"}))
    answer = merbench("leaderboard", "--dir", board)
    assert answer.code == 2
    assert "does not say that it was tuned on the evaluation subjects" in answer.err


def test_flat_tuning_is_shown_and_never_ranked(merbench: Cli, tmp_path: Path, plugin: Path) -> None:
    words = ["tune", "-m", "toy", "--plugin", plugin, *DATA, "--trials", 2, "--inner", 2, "--flat"]
    answer = merbench(*words, "--out", tmp_path / "flat")
    assert answer.code == 0, answer.err
    assert "never ranked" in answer.err
    assert "flat, 2 trials: tuned on the evaluation" in merbench("show", tmp_path / "flat").out
    tuned = read_tuned(tmp_path / "flat" / "tuning" / "tuned.toml")
    assert not tuned.folds
    assert tuned.all_subjects is not None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tune", "-m", "toy", "--sampler", "tpo"], "'tpo' is not one of 'tpe', 'random', 'gp', 'cmaes'"),
        (["tune", "-m", "toy", "--pruner", "wilcoxon", "--inner", "3"], "take --inner 5 or more"),
        (["tune", "-m", "toy", "--inner", "9"], "inner folds are of whole subjects; take --inner 3"),
        (["tune", "-m", "toy", "--trials", "0"], "--trials 0 is not possible"),
        (["tune", "-m", "toy", "--storage", "postgres://nowhere"], "cannot be used"),
        (["tune", "-m", "majority"], "nothing to search"),
        (["tune", "-m", "toy", "--space", "none.toml"], "there is no such file"),
        (["tune", "-m", "toy", "--executor", "loky"], "'local', 'processes', 'ray'"),
        (["run", "-m", "toy", "--workers", "2"], "needs --executor processes or ray"),
        (["run", "-m", "toy", "--tuned", "none.toml"], "merbench tune writes one"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(
    merbench: Cli, tmp_path: Path, plugin: Path, words: list[str], told: str
) -> None:
    answer = merbench(*words, "--plugin", plugin, *DATA, "--runs-dir", tmp_path)
    assert answer.code == 2, answer.err
    assert told in answer.err
    assert "Traceback" not in answer.err


def test_an_edited_file_and_settings_that_it_has_are_refused(
    merbench: Cli, tmp_path: Path, plugin: Path, tuned: Path
) -> None:
    params = tuned / "tuning" / "tuned.toml"
    words = ["run", "-m", "toy", "--plugin", plugin, *DATA, "--runs-dir", tmp_path / "runs", "--tuned"]
    assert "--set scale is set by --tuned" in merbench(*words, params, "--set", "scale=3").err
    assert "stands on the recipe quick" in merbench(*words, params, "--recipe", "published").err
    assert "was tuned for toy, not for majority" in merbench("run", "-m", "majority", *DATA, "--tuned", params).err
    edited = tmp_path / "edited.toml"
    edited.write_text(params.read_text().replace("epoch = ", "epoch = 1"))
    assert "was edited since it was tuned" in merbench(*words, edited).err
    edited.write_text("format = 1\n")
    assert "is no tuned.toml of merbench" in merbench(*words, edited).err
    assert f"{tuned} is a folder; its file is --tuned {params}." in merbench(*words, tuned).err
    assert "is a folder; name the file tuned.toml." in merbench(*words, tmp_path).err


def test_a_check_says_what_would_be_done_and_writes_nothing(merbench: Cli, tmp_path: Path, plugin: Path) -> None:
    words = ["tune", "-m", "toy", "--plugin", plugin, *DATA, "--trials", 3, "--check"]
    answer = merbench(*words, "--inner", 2, "--out", tmp_path / "run")
    assert answer.code == 0, answer.err
    said = " ".join(answer.out.split())
    assert "expected duration: " not in answer.err  # of a method that is no network
    assert "check: sound so far; 5 studies of 3 trials each on 2 inner folds" in said
    assert not (tmp_path / "run").exists()
    network = merbench("tune", "-m", "ststnet", *DATA, "--trials", 3, "--inner", 2, "--device", "cpu", "--check")
    assert network.code == 0, network.err
    # four folds, and 5 studies of 3 trials on 2 inner folds
    assert re.search(r"expected duration: about .* \(an estimate: 34 trainings of \d+ epochs", network.err)
    answer = merbench(*words, "--inner", 2, "--flat", "--runs-dir", tmp_path / "runs")
    assert "1 study of 3 trials each" in " ".join(answer.out.split())
    assert not (tmp_path / "runs").exists()
    answer = merbench(*words, "--inner", 9, "--out", tmp_path / "run")
    assert (answer.code, "--inner 9 is not possible" in answer.err) == (2, True), answer.err
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file.txt").write_text("mine")
    answer = merbench(*words, "--inner", 2, "--out", tmp_path / "other")
    assert (answer.code, "holds other files and no run" in answer.err) == (2, True), answer.err
