"""A proposed remedy works when pasted: each refusal is provoked, and what it proposes is given to a shell's parser."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench.registry import datasets
from merbench.synthetic.mock_tree import write_mock

Cli = Callable[..., Any]
TINY = ("--set", "dataset.clips=10", "--set", "dataset.subjects=3")


def pasted(text: str, after: str, until: str = r"\.?\n") -> list[str]:
    """The words that a shell makes of what stands in a text after `after`."""
    match = re.search(rf"{re.escape(after)}(.*?)(?:{until})", text, re.DOTALL)
    assert match, f"{after!r} is not in: {text}"
    return shlex.split(match[1])


def run_pasted(merbench: Cli, text: str, after: str, *further: object, until: str = r"\.?\n") -> Any:
    """The answer of a command that a text proposes, with further words at its end."""
    words = pasted(text, after, until)
    assert words[0] == "merbench"
    return merbench(*words[1:], *further)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder whose name a shell would break."""
    folder = tmp_path / "it's my folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def casme2(home: Path) -> Path:
    """A table without frames."""
    write_mock(datasets.get("casme2")(), home / "CASME II", subjects=3, clips=5, frames="none")
    return home / "CASME II"


def test_of_several_workbooks_the_distributed_one_is_proposed(merbench: Cli, casme2: Path) -> None:
    workbook = next(casme2.glob("CASME2-coding-*.xlsx"))
    shutil.copy(workbook, casme2 / "A copy; mine.xlsx")
    refused = merbench("data", "check", "casme2", casme2)
    assert refused.code == 2
    assert pasted(refused.err, "Choose it: ") == ["--set", f"dataset.coding={workbook.name}"]
    workbook.rename(casme2 / "B copy.xlsx")
    choice = pasted(merbench("data", "check", "casme2", casme2).err, "Choose it: ")
    assert choice == ["--set", "dataset.coding=A copy; mine.xlsx"]
    assert merbench("data", "check", "casme2", casme2, *choice).code != 2


def test_of_two_workbooks_of_a_split_one_is_proposed(merbench: Cli, home: Path) -> None:
    root = home / "dfme"
    write_mock(datasets.get("dfme")(), root, subjects=2, clips=3, frames="none")
    workbook = next(path for path in root.rglob("*.xlsx") if "train" in path.name)
    shutil.copy(workbook, workbook.with_name("a training copy.xlsx"))
    choice = pasted(merbench("data", "check", "dfme", root).err, "joined by commas: ")
    assert workbook.name in choice[1]
    assert "copy" not in choice[1]
    assert merbench("data", "check", "dfme", root, *choice).code != 2


def test_data_that_is_not_given(merbench: Cli, home: Path, casme2: Path) -> None:
    refused = merbench("run", "-m", "majority", "-d", "casme2")
    option = pasted(refused.err, "Add ", " to the command")
    check = pasted(refused.err, "the check is ", ", or write")
    mock = pasted(refused.err, "write a mock tree: ", r"\.\n")
    assert merbench("run", "-m", "majority", "--help", *option).code == 0
    assert merbench(*[str(casme2) if word == "DIR" else word for word in check[1:]]).code != 2
    assert merbench(*[str(home / "mock") if word == "DIR" else word for word in mock[1:]], "--frames", "none").code == 0


def test_a_folder_without_its_dataset_name(merbench: Cli, casme2: Path) -> None:
    refused = merbench("run", "-m", "majority", "-p", "composite", "--data", casme2)
    assert pasted(refused.err, "--dataset NAME or ") == ["--data", f"NAME={casme2}"]


def test_an_imported_table_is_checked_by_the_command_at_its_end(merbench: Cli, home: Path) -> None:
    table = home / "labels.csv"
    table.write_text("subject,clip,onset,offset,emotion\ns1,a,1,9,happy\ns2,b,1,9,sad\n")
    imported = merbench("data", "import", table, "--out", home / "my clips.csv")
    assert run_pasted(merbench, imported.out, "next: ").code in (0, 1), imported


def test_a_leaderboard_is_filled_and_rebuilt_by_what_it_says(merbench: Cli, home: Path) -> None:
    board = home / "my board"
    words = pasted(merbench("leaderboard", "--dir", board).err, "add a run first: ")
    assert merbench("run", "-m", "majority", *TINY, "--out", home / "run 1").code == 0
    assert merbench(*[str(home / "run 1") if word == "RUN" else word for word in words[1:]]).code == 0
    stale = merbench("leaderboard", "--dir", board, "--check")
    assert (stale.code, run_pasted(merbench, stale.err, "rebuild with: ").code) == (1, 0)
    assert merbench("leaderboard", "--dir", board, "--check").code == 0
    page = (board / "README.md").read_text("utf-8")
    assert run_pasted(merbench, page, "the control random; run ", "--help", until=" on this task").code == 0


@pytest.mark.parametrize("names", ["majority", "majority,random"])
def test_a_method_in_the_place_of_a_file_is_named_as_one(merbench: Cli, home: Path, names: str) -> None:
    refused = merbench("run", names, *TINY)
    assert refused.code == 2
    assert run_pasted(merbench, refused.err, "as in: ", *TINY, "--runs-dir", home / "runs").code == 0
    assert len(list((home / "runs").iterdir())) == len(names.split(","))
    assert "merbench show RUN --config" in merbench("run", "nobody").err


@pytest.mark.parametrize("command", ["show", "compare", "audit", "plan", "explain", "predict", "export"])
def test_runs_that_are_not_named_are_listed_by_the_command_that_is_proposed(
    merbench: Cli, home: Path, command: str
) -> None:
    refused = merbench(command)
    assert refused.code == 2
    assert merbench("run", "-m", "majority", *TINY).code == 0
    listed = run_pasted(merbench, refused.err, "--runs-dir put them; ", until=" lists them")
    assert (listed.code, "majority" in listed.out) == (0, True)


def test_fewer_folds_where_there_are_fewer_subjects(merbench: Cli, home: Path) -> None:
    command = ("run", "-m", "majority", "-p", "kfold", *TINY, "--runs-dir", "runs")
    refused = merbench(*command, "--set", "protocol.folds=9")
    assert merbench(*command, *pasted(refused.err, "subjects, or ")).code == 0


@pytest.mark.parametrize("kind", ["method", "dataset", "protocol"])
def test_an_entry_is_tried_by_the_command_that_new_prints(merbench: Cli, home: Path, kind: str) -> None:
    made = merbench("new", kind, "mine", "--file", "--dir", home / "plug ins")
    for command in pasted_commands(made.out.split("Try it: ")[1]):
        end = ["--frames", "none"] if "mock" in command[1:3] else ["--help"]
        assert merbench(*command[1:], *end).code == 0, command
        if "--plugin" in command:
            assert Path(command[command.index("--plugin") + 1]).is_file()
    package = merbench("new", kind, "ours", "--dir", home / "pack ages").out
    install = pasted_commands(package.split("Try it: ")[1])[0]
    assert (Path(install[-1]) / "pyproject.toml").is_file()


def test_a_method_that_lies_here_but_is_not_taken_in(merbench: Cli, home: Path) -> None:
    assert merbench("new", "method", "our-net", "--dir", home).code == 0
    refused = merbench("run", "-m", "our-net", *TINY)
    assert refused.code == 2
    [install] = re.findall(r"not installed: (pip install -e \S+)\. ", refused.err)
    assert (Path(shlex.split(install)[-1]) / "pyproject.toml").is_file()
    assert merbench("new", "method", "lone", "--file", "--dir", home).code == 0
    option = pasted(merbench("run", "-m", "lone", *TINY).err, "is here: add ", r"\. ")
    assert merbench("run", "-m", "lone", *TINY, *option, "--check").code == 0
    for command in ("check", "info"):
        assert install in merbench(command, "our-net").err
    for words in (("run", "-m", "lone.py"), ("check", "lone.py")):
        assert pasted(merbench(*words).err, "taken in by ", "; ") == ["--plugin", "lone.py"]


def pasted_commands(text: str) -> list[list[str]]:
    return [shlex.split(command) for command in text.strip().split(" && ")]


@pytest.mark.parametrize("name", ["capsulenet", "ststnet"])
def test_a_reproduction_says_commands_that_are_understood(merbench: Cli, home: Path, name: str) -> None:
    weights = ("--set", "weights=my weights.pth") if name == "capsulenet" else ()
    refused = merbench("reproduce", name, *weights)
    commands = re.findall(r"^  (merbench (?:.*\\\n)*.*)$", refused.err, re.MULTILINE)
    assert commands
    for command in commands:
        words = shlex.split(command.replace("\\\n", ""))
        assert merbench(*words[1:], "--help").code == 0, command


def test_networks_are_exported_after_the_command_that_keeps_their_weights(merbench: Cli, home: Path) -> None:
    command = ("run", "-m", "ststnet", *TINY, "--set", "epochs=1", "--select-epoch", "last", "--out", "my run")
    assert merbench(*command).code == 0
    refused = merbench("export", "my run", "--out", "my model")
    assert refused.code == 2
    remedy = pasted(refused.err, "run the same command again with ")
    assert merbench(*command, *remedy).code == 0
    assert merbench("export", "my run", "--out", "my model").code == 0
    assert list((home / "my model").rglob("*.safetensors"))


def test_a_space_and_a_setting_that_part_are_reconciled_as_the_refusal_says(merbench: Cli, home: Path) -> None:
    (home / "my space.toml").write_text('others = "fixed"\nbatch = [4, 8]\n')
    command = ("tune", "-m", "ststnet", *TINY, "--set", "epochs=1", "--trials", "1", "--inner", "2", "--flat")
    words = (*command, "--no-final-study", "--space", "my space.toml", "--out", "my run")
    form = re.search(r"NAME = (\{ choices = \[A, B\] \})", merbench(*words).err)
    assert form is not None
    (home / "my space.toml").write_text(f'others = "fixed"\nbatch = {form[1].replace("A, B", "4, 8")}\n')
    refused = merbench(*words, "--set", "batch=4")
    assert "take batch out of the file, or leave out --set" in refused.err
    assert not (home / "my run").exists()
    assert merbench(*words).code == 0
    edited = (home / "my run/tuning/tuned.toml").read_text().replace('recipe = "quick"', 'recipe = "published"')
    (home / "edited.toml").write_text(edited)
    refused = merbench("run", "-m", "ststnet", *TINY, "--tuned", "edited.toml", "--out", "other")
    assert "it was edited since it was tuned" in refused.err
    option = pasted(refused.err, "give such values with ")
    assert option == ["--set", "NAME=VALUE"]


def test_a_face_that_is_not_found_stays_as_distributed_by_the_option_that_is_proposed(
    merbench: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from merbench.errors import FrameError
    from merbench.inputs.alignment import landmark_detection, spec

    def none_found(frame: object) -> None:
        raise FrameError("No face was detected.")

    monkeypatch.setattr(spec, "require_detection", lambda: None)
    monkeypatch.setattr(landmark_detection, "detect_landmarks", none_found)
    command = ("run", "-m", "majority", *TINY, "--runs-dir", "my runs")
    refused = merbench(*command, "--alignment-fallback")
    choice = pasted(refused.err, "choose one with ", " or ")
    refused = merbench(*command, *choice)
    assert refused.code == 2
    remedy = pasted(refused.err, "Take such clips as distributed with ", r"\. ")
    assert remedy == ["--alignment-fallback"]
    assert merbench(*command, *choice, *remedy).code == 0
