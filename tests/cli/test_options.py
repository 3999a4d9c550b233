"""Options that commands share: the same everywhere, closed sets as choices, old spellings accepted and hidden."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import merbench as library
from merbench.cli.options import RunOptions
from merbench.cli.renamed import RENAMED, with_names_of_now
from merbench.experiments.specify import specification
from merbench.spec import ComputeOptions, RunSpec

Cli = Callable[..., Any]
TRAINING = ("run", "tune", "ablate")
SMALL = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5")


@pytest.mark.parametrize("command", TRAINING)
def test_commands_that_train_have_the_same_options(merbench: Cli, command: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = merbench(command, "--help").out
    for option in (
        "--compile",
        "--parallel-folds",
        "--corrections",
        "--alignment",
        "--executor",
        "--workers",
        "--apex",
    ):
        assert f"{option} " in text
    for choices in ("<middle|spot|spot-all|drop|error>", "<none|merbench-1>", "<stop|skip>", "<no|yes|auto>"):
        assert choices in text
    for old in RENAMED:
        assert f"{old} " not in text.replace("--all-", "")


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        (("--apex", "top"), ("middle", "spot", "spot-all", "drop", "error")),
        (("--compile", "maybe"), ("no", "yes", "auto")),
        (("--executor", "slurm"), ("local", "processes", "ray")),
        (("--corrections", "all"), ("none", "merbench-1")),
    ],
)
def test_a_wrong_choice_is_refused_with_the_list(merbench: Cli, words: tuple[str, str], choices: Any) -> None:
    answer = merbench("run", "-m", "majority", *words)
    assert answer.code == 2
    assert all(word in answer.err for word in (*words, *choices))


def test_old_spellings_still_work(merbench: Cli, tmp_path: Path) -> None:
    words = ("--rules", "last", "--packing", 1, "--compiled", "no", "--mends=none", "--alignment", "as distributed")
    answer = merbench("run", "-m", "majority", *SMALL, *words, "--runs", tmp_path)
    assert answer.code == 0, answer.err
    assert len(list(tmp_path.iterdir())) == 1
    assert "--rules is now called --select-epoch." in answer.err
    assert "--packing is now called --parallel-folds." in answer.err


def test_words_after_the_options_are_left_alone() -> None:
    known = {"--runs-dir", "--all"}
    assert with_names_of_now(["--runs", "a", "--all", "--", "--runs"], known) == [
        "--runs-dir",
        "a",
        "--all",
        "--",
        "--runs",
    ]


def test_every_default_is_that_of_the_specification() -> None:
    bare = RunSpec(method="majority")
    assert specification("majority", **RunOptions().keywords()) == bare
    given = {name: each.default for name, each in inspect.signature(library.run).parameters.items()}
    for each in fields(RunSpec):
        if each.name in given and each.name not in ("method", "data", "settings", "plugins"):
            assert given[each.name] == getattr(bare, each.name), each.name
    for each in fields(ComputeOptions):
        assert given[each.name] == getattr(bare.compute, each.name), each.name


def test_names_of_earlier_releases_work_in_python_with_a_warning(tmp_path: Path) -> None:
    few = {"dataset.subjects": 3, "dataset.clips": 5}
    with pytest.warns(DeprecationWarning, match="mends is now called corrections"):
        library.run("majority", settings=few, mends="none", runs=tmp_path)
    with pytest.raises(TypeError, match="unexpected keyword"):
        library.run("majority", mend="none")  # type: ignore[call-arg]


def test_the_first_line_of_every_command_fits_a_terminal(merbench: Cli, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words in ((), ("data",), ("cache",), ("leaderboard",)):
        text = merbench(*words, "--help").out
        commands = text[text.index("Commands:") :]
        assert "..." not in commands
        assert all(len(line) <= 80 for line in commands.splitlines())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--on-error", "foo"), "'--on-error': 'foo' is not one of 'stop', 'skip'."),
        (("--seed", "x"), "'--seed': it must be a whole number"),
        (("--seeds", "0"), "'--seeds': it must be 1 or more"),
        (("--device", "tpu"), "device=tpu is not possible: it must be cpu, cuda, cuda:N or auto."),
        (("--parallel-folds", "-3"), "parallel_folds=-3 is not possible: it must be auto, or a whole number of folds"),
        (("-m", "majority"), "--method majority is given twice; give it once"),
        (("--set", "datset.subjects=3"), "Unknown setting 'datset.subjects'. Did you mean 'dataset.subjects'?"),
        (("--set", "ststnet.epochs=3"), "ststnet.epochs is a setting of ststnet, which is no method of this run"),
        (("-m", "random", "--set", "epochs=3"), "for one of the methods alone: --set random.epochs=3."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_with_its_remedy(
    merbench: Cli, words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    refused = merbench("run", "-m", "majority", *words, "--runs-dir", tmp_path / "runs")
    assert refused.code == 2
    assert said in refused.err
    assert "Input should" not in refused.err
    assert not (tmp_path / "runs").exists()


def test_settings_of_a_method_that_an_option_leaves_out_do_not_count(merbench: Cli, tmp_path: Path) -> None:
    file = tmp_path / "suite.toml"
    small = "dataset.subjects = 3\ndataset.clips = 5\n"
    file.write_text(f'methods = ["majority", "random"]\n[settings]\nrandom.epochs = 2\n{small}')
    done = merbench("run", file, "-m", "majority", "--runs-dir", tmp_path / "runs")
    assert done.code == 0
    assert [path.name.split("-")[0] for path in (tmp_path / "runs").iterdir()] == ["majority"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run -m mmnet --epochs 3", "epochs is a setting: --set epochs=3"),
        ("tune -m mmnet --learning-rate=1e-3", "learning_rate is a setting: --set learning_rate=1e-3"),
        ("ablate -m mmnet --set epochs=1 --batch", "batch is a setting: --set batch=VALUE"),
        ("sensitivity -m flow-svm --cost -1", "cost is a setting: --set cost=-1"),
        ("run -m majority,flow-svm --cost 10", "cost is a setting: --set cost=10"),
        ("info mmnet --fusion gated", "fusion is a setting: --set fusion=gated"),
        ("run -m majority -d synthetic --subjects 4", "dataset.subjects is a setting: --set dataset.subjects=4"),
        ("run -m majority -p kfold --protocol.folds 4", "protocol.folds is a setting: --set protocol.folds=4"),
        ("data export synthetic --out a.csv --subjects 4", "dataset.subjects is a setting: --set dataset.subjects=4"),
        ("data check synthetic --epochs 3", "No such option: --epochs"),
        ("run -m majority --cost 10", "No such option: --cost"),
        ("run -m mmnet --epoks 3", "No such option: --epoks"),
    ],
)
def test_a_setting_given_as_an_option_is_refused_with_its_spelling(merbench: Cli, words: str, said: str) -> None:
    refused = merbench(*words.split())
    assert refused.code == 2
    assert said in refused.err
    assert (" is a setting" in refused.err) == (" is a setting" in said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--quiet run -m majority", "--quiet must follow the command: merbench run --quiet -m majority"),
        ("-m 'my method' run", "-m must follow the command: merbench run -m 'my method'"),
        ("--traceback --seed=3 run", "--seed must follow the command: merbench --traceback run --seed=3"),
        ("--frames data check casme2", "--frames must follow the command: merbench data check --frames casme2"),
        ("data --frames check casme2", "--frames must follow the command: merbench data check --frames casme2"),
        ("leaderboard --task x add", "--task must follow the command: merbench leaderboard add --task x"),
        ("--quiet show runs", "No such option: --quiet"),
        ("--quiet", "No such option: --quiet"),
    ],
)
def test_an_option_before_its_command_is_refused_with_the_line_in_order(merbench: Cli, words: str, said: str) -> None:
    refused = merbench(*shlex.split(words))
    assert refused.code == 2
    assert f"{said}\n" in refused.err


@pytest.mark.parametrize("option", [("--keyframe-noise-side", "test"), ("--keyframe-noise-seed", "3")])
def test_how_key_frames_are_shifted_needs_a_shift(merbench: Callable[..., Any], option: tuple[str, str]) -> None:
    command = ("run", "-m", "ststnet", "--set", "dataset.subjects=3", "--check")
    refused = merbench(*command, *option)
    assert (refused.code, "give keyframe_noise (--keyframe-noise K)" in refused.err) == (2, True)
    assert merbench(*command, *option, "--keyframe-noise", "4").code == 0
