"""`merbench plan`: what a gap takes, from records, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import merbench as library

Cli = Callable[..., Any]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    folder = tmp_path_factory.mktemp("runs")
    small = {"dataset.clips": 8, "dataset.subjects": 8}
    return {
        "random": [
            library.run("random", settings=small, seed=seed, out=folder / f"random-{seed}").path for seed in range(3)
        ],
        "majority": [library.run("majority", settings=small, out=folder / "majority").path],
    }  # type: ignore[dict-item]


def test_a_plan_of_two_methods(merbench: Cli, runs: dict[str, list[Path]]) -> None:
    answer = merbench("plan", *runs["random"], *runs["majority"], "--gap", "0.2", "--format", "json")
    assert answer.code == 0, answer.err
    planned = json.loads(answer.out)
    [row] = planned["pairs"]
    assert (planned["comparisons"], planned["subjects"]) == (1, 8)
    needed = row["by_seeds"][0]["subjects_needed"]
    assert needed >= 6
    assert (row["by_seeds"][0]["gap"] <= 0.2) == (needed <= 8)
    same = library.plan([*runs["random"], *runs["majority"]], gap=0.2)
    assert same.pairs[0].subjects[0] == needed
    text = " ".join(merbench("plan", *runs["random"], *runs["majority"], "--gap", "0.2", "--methods", "10").out.split())
    assert "–: with 8 subjects and 45 comparisons, no difference would be found, however large." in text
    assert "corrected for 45 comparisons of a table of 10 methods" in text
    assert "Assumed: further subjects and trainings vary as the 8 subjects and the seeds of these runs do" in text


def test_a_plan_of_one_method_and_of_one_seed(merbench: Cli, runs: dict[str, list[Path]]) -> None:
    answer = merbench("plan", *runs["random"], "--format", "markdown")
    assert "another like random" in answer.out
    assert "the other one is taken to vary as much and independently of it" in answer.out
    one = merbench("plan", runs["random"][0])
    assert "Of random there is a single training: its variation over seeds is unknown" in one.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--gap", "0"], "gap=0.0 is not possible: it must be a difference of scores between 0 and 1"),
        (["--power", "1"], "power=1.0 is not possible: it must be between 0.05 and 1"),
        (["--methods", "1"], "methods=1 is not possible: a table compares 2 at least"),
    ],
)
def test_mistakes_get_a_sentence(merbench: Cli, runs: dict[str, list[Path]], words: list[str], sentence: str) -> None:
    answer = merbench("plan", *runs["random"], *words)
    assert (answer.code, sentence in answer.err) == (2, True), answer.err


def test_the_same_run_twice_is_refused(merbench: Cli, runs: dict[str, list[Path]]) -> None:
    answer = merbench("plan", runs["majority"][0], runs["majority"][0])
    assert answer.code == 2
    assert "one and the same run" in answer.err


def test_runs_of_several_tasks_are_planned_task_by_task(
    merbench: Cli, runs: dict[str, list[Path]], tmp_path: Path
) -> None:
    fewer = library.run("random", settings={"dataset.clips": 8, "dataset.subjects": 6}, out=tmp_path / "fewer").path
    planned = json.loads(merbench("plan", *runs["random"], fewer, "--gap", "0.2", "--format", "json").out)
    assert [(each["subjects"], len(each["pairs"])) for each in planned] == [(8, 1), (6, 1)]
    text = merbench("plan", *runs["random"], fewer).out
    assert text.count("what finding a difference of 0.05 in UF1 takes") == 2
