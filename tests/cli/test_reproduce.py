"""`merbench reproduce`, end to end."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import merbench as library
from merbench.errors import UsageError
from merbench.experiments.reproductions import reproductions
from merbench.registry import EVERY as REGISTRIES

Cli = Callable[..., Any]

PLUGIN = '''
import numpy as np
from merbench import FittedMethod, Inputs, PrintedNumber, Reproduction
from merbench.method import Predictor


class First(Predictor):
    def __init__(self, classes):
        self.classes = classes

    def probabilities(self, held_out):
        return np.eye(self.classes, dtype=np.float32)[np.zeros(held_out.count, dtype=int)]


class Always(FittedMethod):
    """The first class, always."""

    name = "always-first"
    title = "Always the first"
    family = "control"
    reproductions = tuple(
        Reproduction(
            name=f"always-first{end}", method="always-first", datasets=("manifest",), scheme="as-labelled", clips=clips,
            rule="last", metric="accuracy", tolerance=0.01, tolerance_reason="chosen here: nothing is random",
            printed=PrintedNumber(
                method="Always", data="three people", metric="Accuracy", value=value, unit="percent", rule="none",
                evidence="counted", source="this file",
            ),
        )
        for end, value, clips in (("", "50.00", 6), ("-wrong", "90.00", 6), ("-more", "50.00", 7))
    )

    def inputs(self):
        return Inputs()

    def fit(self, train, samples, generator):
        return First(len(train.classes))
'''


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    file = tmp_path / "always.py"
    file.write_text(PLUGIN)
    return file


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two clips of each of three people, which are no synthetic ones: nothing reads their frames."""
    rows = [f"mine,{subject},{clip},1,2,3,{clip}" for subject in ("a", "b", "c") for clip in ("happy", "sad")]
    file = tmp_path / "clips.csv"
    file.write_text("\n".join(["dataset,subject,clip,onset,apex,offset,emotion", *rows]) + "\n")
    return file


@pytest.fixture(autouse=True)
def _restored() -> Any:
    before = [(each, each.snapshot()) for each in REGISTRIES]
    yield
    for each, snapshot in before:
        each.restore(snapshot)


@pytest.mark.parametrize(
    ("name", "code", "verdict"),
    [
        ("always-first", 0, "reproduced: 0.5000 under last is 0.0000 from 0.5000, within 0.01."),
        ("always-first-wrong", 1, "not reproduced: 0.5000 under last is 0.4000 from 0.9000, more than 0.01."),
        ("always-first-more", 3, "no verdict: 6 clips were tested, the printed number is of 7."),
    ],
)
def test_the_verdict_and_its_exit_code(
    merbench: Cli, plugin: Path, table: Path, tmp_path: Path, name: str, code: int, verdict: str
) -> None:
    words = ("reproduce", name, "--plugin", plugin, "--data", f"manifest={table}", "--runs-dir", tmp_path / "runs")
    answer = merbench(*words)
    assert answer.code == code, answer.err
    assert answer.out.splitlines()[-1] == verdict
    assert "expected: Accuracy" in answer.err
    assert max(map(len, answer.out.splitlines())) <= max(80, len(f"record: {tmp_path}") + 80)
    [run] = (tmp_path / "runs").iterdir()
    written = {path: path.stat().st_mtime_ns for path in run.glob("outer/*")}
    again = merbench(*words)
    assert again.out == answer.out
    assert {path: path.stat().st_mtime_ns for path in run.glob("outer/*")} == written


def test_changed_settings_and_synthetic_faces_give_no_verdict(merbench: Cli, stand_in: Path, tmp_path: Path) -> None:
    words = ["reproduce", "mmnet-5-class", "--data", f"casme2={stand_in}", "--runs-dir", tmp_path / "runs"]
    small = [word for pair in ("size=32", "batch=8", "epochs=2") for word in ("--set", pair)]
    refused = merbench(*words, *small, "--select-epoch", "last")
    assert (refused.code, "mmnet-5-class is judged under oracle" in refused.err) == (2, True)
    answer = merbench(*words, *small, "--device", "cpu", "--parallel-folds", 1)
    assert answer.code == 3, answer.err
    last = " ".join(answer.out[answer.out.index("no verdict") :].split())
    assert last.startswith("no verdict: settings were changed (size=32, batch=8, epochs=2); the faces are synthetic;")
    rows = {line.split()[0]: line.split()[1:] for line in answer.out.splitlines() if line[:6].strip()}
    assert rows["oracle*"][:3] == ["the", "paper's", "0.8835"]
    assert {"last", "inner"} <= set(rows)
    [run] = (tmp_path / "runs").iterdir()
    assert f"{library.Run.load(run).scores('oracle').accuracy:.4f}" == rows["oracle*"][3]


def test_check_trains_and_writes_nothing(merbench: Cli, stand_in: Path, tmp_path: Path) -> None:
    words = ["reproduce", "mmnet-3-class", "--data", f"casme2={stand_in}", "--runs-dir", tmp_path / "runs", "--check"]
    answer = merbench(*words, "--set", "size=32")
    assert answer.code == 0, answer.err
    assert "expected duration: about" in answer.err
    assert answer.out.startswith("check: sound so far")
    assert not (tmp_path / "runs").exists()


def test_missing_data_are_named_with_commands_that_work(
    merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MERBENCH_DATA", raising=False)
    answer = merbench("reproduce", "mmnet-5-class")
    assert answer.code == 2
    assert "mmnet-5-class needs data that are not configured: casme2." in answer.err
    commands = [line.split()[1:] for line in answer.err.splitlines() if line.startswith("  merbench")]
    assert len(commands) == 3
    for command in commands[1:]:  # the first has DIR in it
        done = merbench(*command, *(["--set", "size=32"] if "reproduce" in command else ["--frames", "none"]))
        assert done.code == 0, done.err
    (tmp_path / "merbench.toml").write_text("[data]\ncasme2 = 'mock/casme2'\n")
    assert "casme2!" not in merbench("reproduce", "--list").out


@pytest.mark.parametrize("name", sorted(reproductions()))
def test_missing_data_are_said_with_their_licence_in_80_columns(
    merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MERBENCH_DATA", raising=False)
    answer = merbench("reproduce", name)
    assert answer.code == 2
    assert max(map(len, answer.err.splitlines())) <= 80
    assert "duration: about " in answer.err
    needed = reproductions()[name]
    assert answer.err.count("to be had under: a signed agreement") + answer.err.count("licence: its repository") == len(
        needed.datasets
    )
    commands = [shlex.split(each) for each in answer.err.replace("\\\n", " ").splitlines() if each[:10] == "  merbench"]
    [given, *_, mocked] = [command for command in commands if command[1] == "reproduce"]
    for command in (given, mocked):
        assert command[:3] == ["merbench", "reproduce", name]
        values = [value for option, value in itertools.pairwise(command) if option in ("--data", "--set")]
        assert [value.split("=")[0] for value in values] == [*needed.datasets, *needed.files]
    assert mocked[-1] == "--check"
    made = [command for command in commands if command[1] == "data"]
    assert all(("--frames" in command) == (name == "lbp-top") for command in made)


def test_flow_pictures_are_fetched_by_a_command_and_run(
    merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = merbench("reproduce", "ststnet-short")
    assert refused.code == 2
    assert "git clone --depth 1 https://github.com/wangzhifengharrison/HTNet\n" in refused.err
    assert "merbench reproduce ststnet-short --data megc2019-flow=HTNet\n" in refused.err
    assert merbench("data", "mock", "megc2019-flow", "--out", "HTNet", "--subjects", 4, "--clips", 3).code == 0
    words = ("reproduce", "ststnet-short", "--data", "megc2019-flow=HTNet", "--select-epoch", "last")
    answer = merbench(*words, "--set", "epochs=2", "--device", "cpu", "--parallel-folds", 1)
    assert answer.code == 3, answer.err
    assert "no verdict: settings were changed (epochs=2); the faces are synthetic;" in " ".join(answer.out.split())
    assert "oracle" not in answer.out


def test_the_order_of_clips_is_told_of_every_recipe(merbench: Cli) -> None:
    printed = merbench("info", "ststnet").out
    assert "printed results (merbench reproduce NAME): ststnet, ststnet-short" in printed
    blocks = printed.split("\n\n")
    by_recipe = {block.split(":")[0]: block for block in blocks if block.startswith("recipe ")}
    assert "clips class after class; last batch short" in by_recipe["recipe published"]
    assert "clips shuffled every epoch; last batch short" in by_recipe["recipe published-shuffled"]
    assert "clips shuffled every epoch; last batch filled from the epoch's start" in by_recipe["recipe short"]


def test_the_list_fits_a_terminal(merbench: Cli) -> None:
    answer = merbench("reproduce", "--list")
    assert answer.code == 0
    assert max(len(line.rstrip()) for line in answer.out.splitlines()) <= 80
    assert "mmnet-5-class" in answer.out
    assert answer.out.count("Intel Xeon (AMX)") == 1  # each machine once


def test_a_plugin_that_names_no_dataset_harms_only_its_own(merbench: Cli, plugin: Path) -> None:
    plugin.write_text(PLUGIN.replace('datasets=("manifest",)', 'datasets=("casme22",)'))
    listed = merbench("reproduce", "--list", "--plugin", plugin)
    assert (listed.code, "casme22!" in listed.out, "mmnet-5-class" in listed.out) == (0, True, True)
    refused = merbench("reproduce", "always-first", "--plugin", plugin)
    assert (refused.code, "Unknown dataset 'casme22'." in refused.err) == (2, True)


def test_a_name_is_guessed_and_asked_for(merbench: Cli) -> None:
    wrong = merbench("reproduce", "mmnet-5")
    assert (wrong.code, "Did you mean 'mmnet-5-class'?" in wrong.err) == (2, True)
    for name in ("cd6me", "ststnet-CD6ME"):
        other = merbench("reproduce", name)
        assert (other.code, f"{name} cannot be reproduced: the code behind" in other.err) == (2, True)
    none = merbench("reproduce")
    assert (none.code, "merbench reproduce --list" in none.err) == (2, True)


def test_python_is_the_same_code(plugin: Path, table: Path, tmp_path: Path) -> None:
    from merbench.plugins import load_plugin

    load_plugin(plugin)
    result = library.reproduce("always-first", data={"manifest": table}, seeds=2, runs=tmp_path)
    spec = library.RunSpec.from_record(result.runs[1].header)
    assert (spec.method, spec.recipe, spec.datasets, spec.seed) == ("always-first", "published", ("manifest",), 1)
    assert (result.verdict, dict(result.scores), len(result.runs)) == ("reproduced", {"last": 0.5}, 2)
    with pytest.raises(UsageError, match="recipe cannot be chosen"):
        library.reproduce("always-first", recipe="quick")
