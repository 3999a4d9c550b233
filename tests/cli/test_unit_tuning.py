"""Tuning, planning and ablating methods on action units, from the command line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from merbench import Run
from merbench.tuning.tuned_file import read_tuned

Cli = Callable[..., Any]
PLUGIN = '''
from dataclasses import dataclass
import numpy as np
from merbench.entries.parameters import Parameters, parameter
from merbench.inputs import Inputs
from merbench.method import FittedMethod, Predictor

@dataclass(frozen=True, kw_only=True)
class SayParameters(Parameters):
    say: str = parameter("all", "what is predicted", choices=("all", "nothing"))

class Same(Predictor):
    def __init__(self, row):
        self.row = row

    def probabilities(self, held_out):
        return np.tile(self.row, (held_out.count, 1)).astype(np.float32)

class Say(FittedMethod):
    """Predicts every unit, or none."""
    name, title, family = "say", "Say", "hand-crafted"
    kinds = frozenset({"single-label", "multi-label"})
    Parameters = SayParameters

    def inputs(self):
        return Inputs()

    def fit(self, train, samples, generator):
        return Same(np.full(len(train.classes), float(self.parameters.say == "all")))
'''
CODED = {f"s{subject}": [*["4", "12", "4+12", "25", "4"][subject:], "4", "12"] for subject in range(4)}


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    path = tmp_path / "say.py"
    path.write_text(PLUGIN)
    return path


def table(folder: Path, coded: dict[str, list[str]]) -> Path:
    """A table of clips that show those units, by subject; their frames are never read."""
    (folder / "frames").mkdir(parents=True)
    rows = [
        {"dataset": "lab", "subject": subject, "clip": f"c{place}", "frames": "frames", "onset": 1, "apex": 2,
         "offset": 3, "emotion": "joy", "action_units": units}
        for subject, own in coded.items()
        for place, units in enumerate(own)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "clips.csv", index=False)
    return folder / "clips.csv"


def f1_of_all(coded: dict[str, list[str]], without: str) -> float:
    """Mean F1 over the units 4 and 12 of predicting both of every clip, of all subjects but one."""
    clips = [set(units.split("+")) for subject, own in coded.items() if subject != without for units in own]
    shares = [np.mean([unit in clip for clip in clips]) for unit in ("4", "12")]
    return float(np.mean([2 * share / (1 + share) for share in shares]))


def test_each_study_maximises_mean_f1_on_its_training_subjects_alone(
    merbench: Cli, tmp_path: Path, plugin: Path
) -> None:
    other = {**CODED, "s3": ["25", "25", "12"]}
    scores = []
    for name, coded in (("one", CODED), ("two", other)):
        data = ("--dataset", "manifest", "--data", table(tmp_path / name, coded), "--scheme", "au=4,12")
        budget = ("--trials", 4, "--inner", 2)
        out = tmp_path / name / "tuned"
        answer = merbench("tune", "-m", "say", "--plugin", plugin, *data, *budget, "--out", out)
        assert answer.code == 0, answer.err
        assert "inner mean F1" in answer.err
        assert "UF1" not in answer.err
        folds = read_tuned(out / "tuning" / "tuned.toml").folds
        assert {fold: dict(own.chosen.values) for fold, own in folds.items()} == {
            f"lab/s{subject}": {"say": "all"} for subject in range(4)
        }
        for subject in CODED:
            assert folds[f"lab/{subject}"].chosen.inner_score == pytest.approx(f1_of_all(coded, subject))
        scores.append({fold: own.chosen.inner_score for fold, own in folds.items()})
        assert "best inner mean F1" in (out / "tuning" / "report.html").read_text()
        assert merbench("audit", out, "--plugin", plugin).code == 0
    assert scores[0]["lab/s3"] == scores[1]["lab/s3"]
    assert scores[0]["lab/s0"] != scores[1]["lab/s0"]
    words = ("run", "-m", "say", "--plugin", plugin, *data, "--tuned", out / "tuning" / "tuned.toml")
    assert merbench(*words, "--out", tmp_path / "again").code == 0
    assert Run.load(tmp_path / "again").scores().headline == Run.load(out).scores().headline
    answer = merbench(*words, "--thresholds", "inner")
    assert answer.code == 2
    assert "--tuned counts units as predicted above 0.5" in answer.err


FEW = ("--dataset", "synthetic-f", "--set", "scheme.units=1,4,12", "--set", "dataset.subjects=3",
       "--set", "dataset.clips=6", "--set", "epochs=1", "--device", "cpu")  # fmt: skip


def test_networks_are_tuned_over_what_serves_units(merbench: Cli, tmp_path: Path) -> None:
    space = tmp_path / "space.toml"
    space.write_text('sampling = "balanced"\n')
    tune = ("tune", "-m", "ststnet", *FEW, "--trials", 1, "--inner", 2, "--no-final-study", "--out", tmp_path / "run")
    answer = merbench(*tune, "--space", space)
    assert answer.code == 2
    assert "sampling=balanced does not serve multi-label tasks" in " ".join(answer.err.split())
    answer = merbench(*tune, "--thresholds", "inner")
    assert answer.code == 2
    assert "merbench tune counts units as predicted above 0.5; leave out --thresholds inner." in answer.err
    assert not (tmp_path / "run").exists()
    space.write_text('others = "fixed"\nlearning_rate = { low = 1e-4, high = 1e-2, log = true }\n')
    answer = merbench(*tune, "--space", space)
    assert answer.code == 0, answer.err
    assert Run.load(tmp_path / "run").kind.name == "multi-label"


def test_the_default_space_has_no_choice_that_needs_classes() -> None:
    from merbench.experiments.resolve import resolve
    from merbench.spec import RunSpec
    from merbench.tuning.space import default_space

    def searched(scheme: str) -> dict[str, Any]:
        space = default_space(resolve(RunSpec(method="ststnet", scheme=scheme)))
        return {each.name: each for each in space.dimensions}

    spaces = {scheme: searched(scheme) for scheme in ("au=1,4", "3-class")}
    assert set(spaces["3-class"]) - set(spaces["au=1,4"]) == {"sampling"}
    assert spaces["au=1,4"]["loss"].choices == ("cross-entropy", "focal")


def test_settings_are_ablated_and_a_comparison_is_planned(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench(
        "ablate", "-m", "ststnet", *FEW, "--vary", "class_weights", "--seeds", 2, "--runs-dir", tmp_path / "runs",
        "--out", tmp_path / "table.csv",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert [row["setting"] for row in rows] == ["unchanged (class_weights=none)", "class_weights=balanced"]
    runs = [Run.load(path) for path in (tmp_path / "runs").iterdir()]
    for row, weights in zip(rows, ("none", "balanced"), strict=True):
        own = [run for run in runs if (run.header.description.training or {})["class_weights"] == weights]
        mean = np.mean([run.scores().headline for run in own])
        assert row["mean F1"].startswith(f"{mean:.3f}")
    planned = merbench("plan", *(run.path for run in runs), "--gap", 0.3)
    assert planned.code == 0, planned.err
    assert "a difference of 0.3 in mean F1" in " ".join(planned.out.split())


def test_choices_that_need_classes_are_no_variants_unless_they_are_named(merbench: Cli, tmp_path: Path) -> None:
    from merbench.analysis.ablation import read_over
    from merbench.experiments.resolve import resolve
    from merbench.spec import RunSpec

    experiment = resolve(RunSpec(method="ststnet", scheme="au=1,4"))
    assert read_over("loss", experiment) == {"loss": ("cross-entropy", "focal", "margin")}
    for words, said in (
        ("sampling", "--vary sampling: plain is what it is already"),
        ("sampling=plain,balanced", "sampling=balanced does not serve multi-label tasks"),
    ):
        answer = merbench("ablate", "-m", "ststnet", *FEW, "--vary", words, "--runs-dir", tmp_path / "runs")
        assert answer.code == 2
        assert said in " ".join(answer.err.split())
    assert not (tmp_path / "runs").exists()
