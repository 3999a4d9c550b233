"""`merbench ablate`: settings run like any other, resumed, and told in one table; parts of plugins among them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import timm
import torch

from merbench import Run

TINY = ["--set", "size=32", "--set", "epochs=1", "--set", "dataset.subjects=3", "--set", "dataset.clips=10"]
Cli = Callable[..., Any]

PLUGIN = """
from merbench.methods.mmnet.attention import Attention, attention

@attention.register("halved")
class Halved(Attention):
    def forward(self, features, prior):
        return features.new_full((1, 1, 1, 1), 0.5)
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    path = tmp_path / "halved.py"
    path.write_text(PLUGIN)
    return path


def attention_of(run: Run) -> str:
    return str(run.header.description.parameters["attention"])


def only(folder: Path) -> Path:
    [found] = folder.iterdir()
    return found


def test_settings_are_run_once_and_told_in_a_table(merbench: Cli, tmp_path: Path, plugin: Path) -> None:
    words = ["ablate", "-m", "mmnet", "--vary", "attention=none,halved", *TINY, "--plugin", plugin,
             "--runs-dir", tmp_path / "runs", "--out", tmp_path / "table.md"]  # fmt: skip
    answer = merbench(*words)
    assert answer.code == 0, answer.err
    for word in ("run 3 of 3: attention=halved, seed 0", "3/3 synthetic/03"):
        assert word in answer.err
    lines = [line for line in (tmp_path / "table.md").read_text().splitlines() if line.startswith(("| a", "| u"))]
    assert [line.split("|")[1].strip() for line in lines] == [
        "unchanged (attention=continuous)", "attention=none", "attention=halved",
    ]  # fmt: skip
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").glob("*/outer/*.npz")}
    assert len(kept) == 9
    again = merbench(*words, "--out", tmp_path / "table.csv")
    assert again.code == 0, again.err
    assert "3 trainings kept from an earlier start" in again.err
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert (tmp_path / "table.csv").read_text().startswith("setting,UF1,UAR,optimism,")
    loaded = [Run.load(path) for path in (tmp_path / "runs").iterdir()]
    in_order = sorted(loaded, key=lambda run: ["continuous", "none", "halved"].index(attention_of(run)))
    shown = merbench("show", *(run.path for run in in_order), "--table", "ablation", "--format", "csv")
    assert shown.code == 0, shown.err
    kept = csv.reader((tmp_path / "table.csv").read_text().splitlines())
    assert [row[1:] for row in csv.reader(shown.out.splitlines())] == [row[1:] for row in kept]
    [mine] = [run for run in loaded if run.header.description.parameters["attention"] == "halved"]
    assert mine.header.description.plugins == {
        "attention halved of mmnet": hashlib.sha256(plugin.read_bytes()).hexdigest()
    }
    assert mine.record().as_dict()["origins"]["attention halved of mmnet"]["place"] == "halved.py"


def test_a_check_counts_the_runs_and_trains_and_writes_nothing(merbench: Cli, tmp_path: Path) -> None:
    varied = ("ablate", "-m", "mmnet", "--vary", "attention=none,spatial-1x1", "--seeds", 3)
    words = [*varied, *TINY, "--runs-dir", tmp_path / "runs"]
    answer = merbench(*words, "--check")
    assert answer.code == 0, answer.err
    assert re.search(r"^3 settings, 9 runs: .*spatial-1x1", answer.err, re.MULTILINE)
    assert "expected duration" in answer.err
    assert "check: sound so far" in answer.out
    assert not (tmp_path / "runs").exists()


def test_a_part_of_a_plugin_is_used_by_its_name_and_known_to_info(merbench: Cli, tmp_path: Path, plugin: Path) -> None:
    answer = merbench("run", "-m", "mmnet", "--set", "attention=halved", *TINY, "--runs-dir", tmp_path / "runs")
    assert answer.code == 2
    assert "attention=halved is not possible" in answer.err
    assert not (tmp_path / "runs").exists()
    answer = merbench("info", "mmnet", "--plugin", plugin)
    assert "one of continuous, spatial-1x1, spatial-7x7, squeeze-excitation, none, halved" in answer.out
    assert "halved 9,438,825" in answer.out


def test_info_counts_what_a_combination_trains(merbench: Cli) -> None:
    answer = merbench("info", "mmnet", "--set", "position=none", "--set", "backbone=timm:test_resnet")
    assert answer.code == 0, answer.err
    assert "trainable parameters, 5 classes, position=none, backbone=timm:test_resnet: " in answer.out
    assert merbench("info", "mmnet", "--set", "depth=3").code == 2


def test_flow_is_computed_and_learned_from(merbench: Cli, tmp_path: Path) -> None:
    words = ["--set", "motion=flow+strain", "--set", "flow=dis", "--set", "position=learned"]
    answer = merbench("run", "-m", "mmnet", *words, *TINY, "--runs-dir", tmp_path)
    assert answer.code == 0, answer.err
    inputs = Run.load(only(tmp_path)).header.description.inputs
    assert inputs["frames"] is None
    assert len(inputs["arrays"]) == 1


def test_foreign_weights_are_named_in_the_record_without_their_folder(merbench: Cli, tmp_path: Path) -> None:
    path = tmp_path / "secret-folder" / "weights.pth"
    path.parent.mkdir()
    torch.save(timm.create_model("test_resnet").state_dict(), path)
    words = ["--set", "backbone=timm:test_resnet", "--set", f"weights={path}"]
    answer = merbench("run", "-m", "mmnet", *words, *TINY, "--runs-dir", tmp_path / "runs")
    assert answer.code == 0, answer.err
    text = (only(tmp_path / "runs") / "record.json").read_text()
    assert "secret-folder" not in text
    named = f"weights.pth sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    record = json.loads(text)
    assert record["description"]["parameters"]["weights"] == record["settings"]["weights"] == named


def test_a_card_is_not_overwritten_by_a_table(merbench: Cli, tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text("# Mine")
    answer = merbench("ablate", "-m", "mmnet", *TINY, "--out", card, "--runs-dir", tmp_path / "runs")
    assert answer.code == 2
    assert "would be overwritten" in answer.err
    assert card.read_text() == "# Mine"
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--vary", "atention"], "Did you mean 'attention'"),
        (["--vary", "position_depth"], "give values"),
        (["--vary", "alignment"], "merbench sensitivity compares them"),
        (["--vary", "position_depth=9"], "position_depth=9 is not possible"),
        (["--out", "table.txt"], "must end in .md or .csv"),
        (["--out", "nowhere/table.md"], "there is no folder nowhere"),
        (["--set", "backbone=timm:resnet81"], "Did you mean 'timm:resnet18'"),
        (["--set", "weights=nowhere.pth"], "there is no such file"),
    ],
)
def test_mistakes_get_a_sentence_before_anything_runs(
    merbench: Cli, tmp_path: Path, words: list[str], said: str
) -> None:
    answer = merbench("ablate", "-m", "mmnet", *words, *TINY, "--runs-dir", tmp_path / "runs")
    assert answer.code == 2, answer.err
    assert said in answer.err
    assert not (tmp_path / "runs").exists()
