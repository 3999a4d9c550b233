"""`merbench run FILE.toml` and `merbench show RUN --config`."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench import Run

Cli = Callable[..., Any]
SUITE = """\
methods = ["majority", "random"]
protocols = ["loso", "kfold"]
seeds = [0, 1]

[settings]
random.epochs = 2
dataset.subjects = 5
dataset.clips = 5
"""


def test_a_suite_is_resumed_and_ends_with_one_table(merbench: Cli, tmp_path: Path) -> None:
    file = tmp_path / "suite.toml"
    file.write_text(SUITE)
    words = ("run", file, "--runs-dir", tmp_path / "runs", "--set", "protocol.folds=3")
    refused = merbench(*words)
    assert refused.code == 2  # loso has no folds to set: nothing is begun before all is checked
    assert not (tmp_path / "runs").exists()
    words = ("run", file, "--runs-dir", tmp_path / "runs")
    first = merbench(*words)
    assert first.code == 0, first.err
    runs = list((tmp_path / "runs").iterdir())
    assert len(runs) == 8
    overview = first.out.partition("All runs")[2]
    lacking = [name for name in ("majority", "random", "loso", "kfold", "0, 1") if name not in overview]
    assert lacking == [], overview
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").rglob("outer/*")}
    lost = next(iter(written))
    lost.unlink()
    again = merbench(*words)
    assert again.code == 0, again.err
    assert {p for p, t in written.items() if p.stat().st_mtime_ns != t} == {lost}
    assert again.out == first.out


def test_the_file_of_a_run_repeats_it(merbench: Cli, tmp_path: Path) -> None:
    words = ("-m", "ststnet", "--set", "epochs=1", "--set", "dataset.subjects=3", "--set", "dataset.clips=10")
    assert merbench("run", *words, "--seed", 3, "--select-epoch", "last", "--out", tmp_path / "one").code == 0
    shown = merbench("show", tmp_path / "one", "--config")
    of_folder = merbench("show", tmp_path, "--config")
    assert (of_folder.code, of_folder.out) == (2, "")
    assert "--config prints the file of one run; name one." in of_folder.err
    assert shown.code == 0, shown.err
    record = tmp_path / "one" / "record.json"
    assert merbench("show", record, "--config").out == shown.out
    content = json.loads(record.read_text())
    (tmp_path / "early.json").write_text(json.dumps({**content, "spec": None}))
    early = merbench("show", tmp_path / "early.json", "--config")
    assert (early.code, early.out) == (2, "")
    assert "early is the record of a run by an early release" in early.err
    (tmp_path / "again.toml").write_text(shown.out)
    answer = merbench("run", tmp_path / "again.toml", "--out", tmp_path / "two")
    assert answer.code == 0, answer.err
    one, two = Run.load(tmp_path / "one"), Run.load(tmp_path / "two")
    identities = [json.loads((tmp_path / name / "run.json").read_text())["identity"] for name in ("one", "two")]
    assert identities[0] == identities[1]
    for left, right in zip(one.outer, two.outer, strict=True):
        np.testing.assert_array_equal(left.probabilities, right.probabilities)


def test_numbers_and_truths_of_a_run_are_written_as_such_and_name_the_same_run(merbench: Cli, tmp_path: Path) -> None:
    texts = ("epochs=2", "learning_rate=1e-3", "frozen_statistics=yes", "flip=0", "optimiser=sgd", "dataset.subjects=3",
             "dataset.clips=5", "protocol.folds=3")  # fmt: skip
    words = [word for text in texts for word in ("--set", text)]
    assert merbench("run", "-m", "ststnet", "-p", "kfold", *words, "--out", tmp_path / "one").code == 0
    file = tmp_path / "again.toml"
    file.write_text(merbench("show", tmp_path / "one", "--config").out)
    assert tomllib.loads(file.read_text())["settings"] == {
        "epochs": 2, "learning_rate": 0.001, "frozen_statistics": True, "flip": 0.0, "optimiser": "sgd",
        "dataset": {"subjects": 3, "clips": 5}, "protocol": {"folds": 3},
    }  # fmt: skip
    assert "frozen_statistics = true" in file.read_text()
    again = merbench("run", file, "--out", tmp_path / "one")  # refused, were it another run
    assert again.code == 0, again.err
    assert merbench("run", file, "--out", tmp_path / "two").code == 0
    one, two = (json.loads((tmp_path / name / "run.json").read_text()) for name in ("one", "two"))
    assert one["identity"] == two["identity"]


def test_options_override_the_file(merbench: Cli, tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_text('method = "majority"\nseed = 1\n[settings]\ndataset.subjects = 3\ndataset.clips = 5\n')
    answer = merbench("run", file, "--seed", 6, "--set", "dataset.clips=10", "--out", tmp_path / "run")
    assert answer.code == 0, answer.err
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (run["description"]["seed"], run["clips"]) == (6, 30)


def test_mistakes_in_a_file_name_the_line(merbench: Cli, tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_text('method = "majority"\nsead = 1\n')
    answer = merbench("run", file)
    assert answer.code == 2
    assert f"{file}, line 2" in answer.err
    assert "Did you mean 'seed'" in answer.err
    assert merbench("run").code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('method = "mmet"\n', "line 1: Unknown method 'mmet'. Did you mean 'mmnet'?"),
        ('seed = 1\nmethods = ["majority", "randm"]\n', "line 2: Unknown method 'randm'."),
        ('method = "majority"\n[settings]\nepoks = 3\n', "line 3: Unknown setting of majority 'epoks'."),
        ('method = "majority"\n[data]\ncasme2 = 3\n', "line 3: data.casme2=3 is not possible: it must be a folder"),
        ('method = "majority"\n[settings.dataset]\nclip = 3\n', "line 3: Unknown setting 'dataset.clip'."),
        ('method = "majority"\nprotocol = "losso"\n', "line 2: Unknown protocol 'losso'."),
        ('method = "majority"\nscheme = "5"\n', "line 2: Unknown label scheme of synthetic '5'."),
        ('method = "flow-svm"\nrecipe = "fast"\n', "line 2: Unknown recipe of flow-svm 'fast'."),
        ('method = "random"\n[settings]\nepochs = -1\n', "line 3: epochs=-1 is not possible"),
        ('method = "random"\nseeds = [0, "1"]\n', 'line 2: seed="1" is not possible: it must be a whole number'),
        ('method = "random"\nrules = [1]\n', "line 2: rules=[1] is not possible: it must be a rule or a list of rules"),
        ('method = "random"\nkeyframe_noise_side = "test"\n', "line 2: keyframe_noise_side=test says how"),
        ('method = "random"\nkeyframe_noise_side = "no"\n', "line 2: keyframe_noise_side=no is not possible"),
        ('method = "random"\nseeds = "1"\n', 'line 2: seeds="1" is not possible: it must be a list'),
        ('method = "random"\n[data]\ncasme2 = "no where"\n', "line 3: casme2: the data folder"),
        ('method = "random"\nseed = 0\n[data]\nmanifest = "no.csv"\n', "line 4: manifest: the data file or folder"),
        ('method = "random"\ntuned = "no.toml"\n', "line 2: --tuned"),
        ('method = "random"\nprotocol = "kfold"\n[settings]\nprotocol.folds = 99\n', "line 4: kfold with folds=99"),
    ],
)
def test_what_only_the_registry_knows_to_be_wrong_has_its_line(
    merbench: Cli, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "experiment.toml"
    path.write_text(text)
    refused = merbench("run", path, "--runs-dir", tmp_path / "runs")
    assert refused.code == 2
    assert f"{path}, {said}" in refused.err
    assert not (tmp_path / "runs").exists()


def test_the_memory_format_is_recorded_and_repeated(merbench: Cli, tmp_path: Path) -> None:
    small = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--set", "epochs=1", "--precision", "float32")
    words = ("run", "-m", "ststnet", *small, "--memory-format", "contiguous", "--out", tmp_path / "run")
    assert merbench(*words).code == 0
    numerics = Run.load(tmp_path / "run").header.numerics
    assert numerics is not None
    assert numerics.channels_last is False
    config = tmp_path / "again.toml"
    config.write_text(merbench("show", tmp_path / "run", "--config").out)
    assert 'memory_format = "contiguous"' in config.read_text()
    assert merbench("run", config, "--out", tmp_path / "again").code == 0
    first, again = (Run.load(tmp_path / name) for name in ("run", "again"))
    for own, other in zip(first.probabilities("last"), again.probabilities("last"), strict=True):
        np.testing.assert_array_equal(own, other)


def test_a_run_without_promised_bits_says_so_and_goes_on_so(merbench: Cli, tmp_path: Path) -> None:
    small = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--set", "epochs=1", "--precision", "float32")
    words = ("run", "-m", "ststnet", *small, "--out", tmp_path / "run")
    begun = merbench(*words, "--deterministic", "no")
    assert begun.code == 0
    assert "not deterministic" in begun.out + begun.err
    numerics = Run.load(tmp_path / "run").header.numerics
    assert numerics is not None
    assert numerics.deterministic is False
    assert 'deterministic = "no"' in merbench("show", tmp_path / "run", "--config").out
    next((tmp_path / "run" / "outer").iterdir()).unlink()
    assert 'deterministic = "no"' in merbench("show", tmp_path / "run", "--config").out  # of an unfinished run, too
    assert merbench(*words).code == 0  # resumed as it was begun
    resumed = Run.load(tmp_path / "run").header.numerics
    assert resumed is not None
    assert resumed.deterministic is False


def test_a_run_whose_bits_are_promised_is_not_resumed_without(merbench: Cli, tmp_path: Path) -> None:
    small = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--set", "epochs=1", "--precision", "float32")
    words = ("run", "-m", "ststnet", *small, "--out", tmp_path / "run")
    assert merbench(*words).code == 0
    refused = merbench(*words, "--deterministic", "no")
    assert refused.code == 2
    assert "was computed otherwise (deterministic True then, False now)" in refused.err


def test_what_a_resumed_run_keeps_against_what_is_asked_is_said(merbench: Cli, tmp_path: Path) -> None:
    words = ("run", "-m", "ststnet", "--recipe", "quick", "--set", "dataset.subjects=3", "--set", "dataset.clips=5",
             "--set", "epochs=1", "--device", "cpu", "--out", tmp_path / "run")  # fmt: skip
    begun = merbench(*words, "--memory-format", "contiguous", "--parallel-folds", "1", "--deterministic", "no")
    assert begun.code == 0, begun.err
    assert "goes on as it was begun" not in begun.err
    next((tmp_path / "run" / "outer").glob("*.npz")).unlink()
    same = merbench(*words, "--deterministic", "no")
    assert (same.code, "goes on as it was begun" in same.err) == (0, False), same.err
    other = merbench(*words, "--memory-format", "channels-last", "--parallel-folds", "3")
    assert other.code == 0, other.err
    said = "goes on as it was begun: 1 fold at once, contiguous images, not deterministic; to compute otherwise, start"
    assert said in " ".join(other.err.split())
