"""`merbench leaderboard`: rebuilt, checked, and closed to what cannot be checked."""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import merbench as library
from merbench.leaderboard import build
from merbench.results.record import RunRecord

Cli = Callable[..., Any]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "majority"
    library.run("majority", settings={"dataset.clips": 10, "dataset.subjects": 3}, out=out)
    return out


@pytest.fixture
def board(merbench: Cli, run: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "board"
    assert merbench("leaderboard", "add", run, "--dir", folder).code == 0
    assert merbench("leaderboard", "--dir", folder).code == 0
    return folder


def test_seeds_of_a_method_that_draws_nothing_are_one_entry(merbench: Cli, run: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    library.run("majority", settings={"dataset.clips": 10, "dataset.subjects": 3}, seed=1, out=again)
    added = merbench("leaderboard", "add", run, again, "--dir", tmp_path / "board")
    assert added.code == 0, added.err
    assert "the method draws nothing, and another seed has the same predictions" in added.out
    assert len(list((tmp_path / "board" / "results").iterdir())) == 1
    later = merbench("leaderboard", "add", again, "--dir", tmp_path / "board")
    assert (later.code, "left out" in later.out) == (0, True)


def task_of(board: Path) -> str:
    return (board / "README.md").read_text().split("; task ")[1][:8]


def test_the_kept_pages_are_what_their_records_give(
    merbench: Cli, committed_records: list[RunRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "admitted", lambda folder: committed_records)  # read and admitted once for all tests
    answer = merbench("leaderboard", "--dir", ROOT / "leaderboard", "--check")
    assert answer.code == 0, answer.err


@pytest.mark.parametrize("name", ["README.md", "published.md", "index.html"])
def test_a_stale_page_is_named(merbench: Cli, board: Path, name: str) -> None:
    (board / "published.csv").write_bytes((ROOT / "leaderboard" / "published.csv").read_bytes())
    assert merbench("leaderboard", "--dir", board, "--check").code == 1
    assert merbench("leaderboard", "--dir", board).code == 0
    assert merbench("leaderboard", "--dir", board, "--check").code == 0
    (board / name).write_text((board / name).read_text() + "more")
    answer = merbench("leaderboard", "--dir", board, "--check")
    assert answer.code == 1
    assert f"{board / name}: stale" in answer.err


def test_a_compact_record_can_be_added_too(merbench: Cli, run: Path, board: Path, tmp_path: Path) -> None:
    assert merbench("leaderboard", "add", run / "record.json", "--dir", tmp_path / "other").code == 0
    [one], [two] = (list((folder / "results").iterdir()) for folder in (board, tmp_path / "other"))
    assert one.name == two.name
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda c: c["code"].update(dirty=True), "uncommitted code"),
        (lambda c: c["by_rule"]["last"]["scores"].update(uf1=0.9), "but its probabilities give"),
        (lambda c: (c["truth"].pop(), c["keys"].pop()), "write it again from the run"),
        (lambda c: c.update(subjects=9), "it tests 3 subjects, but claims 9"),
    ],
)
def test_what_cannot_be_checked_stays_out(
    merbench: Cli, run: Path, board: Path, tmp_path: Path, work: Callable[[Any], None], said: str
) -> None:
    content = json.loads((run / "record.json").read_text())
    work(content)
    (tmp_path / "record.json").write_text(json.dumps(content))
    answer = merbench("leaderboard", "add", tmp_path / "record.json", "--dir", tmp_path / "other")
    assert answer.code == 2
    assert said in answer.err
    assert not (tmp_path / "other").exists()
    [kept] = (board / "results").iterdir()
    kept.write_text(json.dumps(content))
    assert said in merbench("leaderboard", "--dir", board).err


def test_predictions_made_elsewhere(merbench: Cli, run: Path, board: Path, tmp_path: Path) -> None:
    content = json.loads((run / "record.json").read_text())
    names = content["description"]["classes"]
    clips = [pair for fold in zip(content["keys"], content["truth"], strict=True) for pair in zip(*fold, strict=True)]
    path = tmp_path / "p.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["key", "predicted"], *((key, names[label]) for key, label in clips)])
    about = ("--method", "their-net", "--url", "https://example.org", "--dir", board)
    for task in (task_of(board), run, run / "record.json"):
        answer = merbench("leaderboard", "add", "--external", path, "--task", task, *about)
        assert answer.code == 0, answer.err
    assert merbench("leaderboard", "--dir", board).code == 0
    page = (board / "README.md").read_text()
    assert "[their-net](https://example.org) (external) | external | – | 1.000 |" in page
    compared = merbench("compare", run, *(board / "results").glob("their-net-*.json"))
    assert compared.code == 0, compared.err
    path.write_text("key,predicted\n")
    assert "the task 30" in merbench("leaderboard", "add", "--external", path, "--task", run, *about).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Name run folders or records to add"),
        (("--external", "p.csv"), "--external needs --task"),
        (("--external", "p.csv", "--task", "x"), "--external needs --task"),
        (("--external", "p.csv", "--task", "ffffffff", "--method", "m"), "is neither a run nor a task"),
        (("--external", "p.csv", "--task", "ffffffff", "--method", "<b>"), "--method '<b>' is not possible"),
    ],
)
def test_what_is_lacking_is_said(merbench: Cli, board: Path, words: tuple[str, ...], said: str) -> None:
    answer = merbench("leaderboard", "add", *words, "--dir", board)
    assert answer.code == 2
    assert said in answer.err


def test_the_tasks_that_are_there_are_listed_for_one_that_is_not(merbench: Cli, board: Path, tmp_path: Path) -> None:
    words = ("leaderboard", "add", "--external", "p.csv", "--task", "ffffffff", "--method", "m", "--dir")
    answer = merbench(*words, board)
    assert answer.code == 2
    assert f"\n  {task_of(board)}: loso, synthetic (" in answer.err
    assert "majority" not in answer.err
    listing = shlex.split(answer.err.split("listed by: merbench ")[1])
    assert task_of(board) in merbench(*listing).out
    (tmp_path / "bare" / "results").mkdir(parents=True)
    answer = merbench(*words, tmp_path / "bare")
    assert answer.code == 2
    assert "It has none yet; lay one down with the control majority: merbench run --method majority" in answer.err


def test_a_picture_of_a_task_that_is_gone_is_removed_but_nothing_else(merbench: Cli, board: Path) -> None:
    [picture] = (board / "plots").iterdir()
    gone, own = picture.with_name("0123abcd.svg"), picture.with_name("mine.svg")
    for path in (gone, own):
        path.write_text("<svg/>")
    assert merbench("leaderboard", "--dir", board, "--check").code == 1
    assert gone.exists()
    assert merbench("leaderboard", "--dir", board).code == 0
    assert not gone.exists()
    assert own.exists()
    assert picture.exists()
    assert merbench("leaderboard", "--dir", board, "--check").code == 0


def test_one_unfit_record_does_not_stop_the_others(merbench: Cli, run: Path, tmp_path: Path) -> None:
    content = json.loads((run / "record.json").read_text())
    content["code"].update(dirty=True)
    (tmp_path / "unfit.json").write_text(json.dumps(content))
    (tmp_path / "no.json").write_text("{}")
    folder = tmp_path / "other"
    answer = merbench("leaderboard", "add", tmp_path / "unfit.json", tmp_path / "no.json", run, "--dir", folder)
    assert answer.code == 2
    assert f"not added: {tmp_path / 'unfit.json'}" in answer.err
    assert f"not added: {tmp_path / 'no.json'}" in answer.err
    assert "not added: 2 of 3;" in answer.err
    assert len(list((folder / "results").iterdir())) == 1


def test_an_option_before_a_command_is_refused_with_its_place(merbench: Cli, run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a board"
    answer = merbench("leaderboard", "--dir", folder, "add", run)
    assert answer.code == 2
    assert f"--dir must follow the command: merbench leaderboard add --dir '{folder}' ..." in answer.err
    assert not folder.exists()
    answer = merbench("leaderboard", "--check", "add", run, "--dir", folder)
    assert answer.code == 2
    assert "--check is an option of merbench leaderboard alone" in answer.err
    assert not folder.exists()


def test_a_format_without_a_list_is_refused(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench("leaderboard", "--dir", tmp_path, "--format", "json")
    assert answer.code == 2
    assert "--format is for --list" in answer.err
