"""Thresholds chosen on training subjects, from the command line: run, record, audit, show and predict."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from merbench import Run
from merbench.results.loading import load_record, load_result
from merbench.results.opaque import opaque

Cli = Callable[..., Any]
PLUGIN = '''
from merbench.inputs import Inputs
from merbench.method import FittedMethod, Predictor

class Drawn(Predictor):
    def __init__(self, generator, units):
        self.generator, self.units = generator, units

    def probabilities(self, held_out):
        return self.generator.random((held_out.count, self.units), dtype="float32")

class Noisy(FittedMethod):
    """Draws probabilities without looking at anything."""
    name, title, family = "noisy", "Noisy", "hand-crafted"
    kinds = frozenset({"single-label", "multi-label"})

    def inputs(self):
        return Inputs()

    def fit(self, train, samples, generator):
        return Drawn(generator, len(train.classes))
'''


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A network with thresholds chosen on training subjects."""
    import merbench

    settings = {"dataset.subjects": 6, "dataset.clips": 6, "epochs": 4, "scheme.units": "1,4,12"}
    return merbench.run(
        "ststnet", dataset="synthetic-f", settings=settings, thresholds="inner", device="cpu", keep_weights=True,
        out=tmp_path_factory.mktemp("thresholds") / "run",
    )  # fmt: skip


def refused(merbench: Cli, *words: object) -> str:
    answer = merbench(*words)
    assert answer.code == 2, answer.out + answer.err
    assert "Traceback" not in answer.err
    return " ".join(str(answer.err).split())


def table(folder: Path, truth: dict[str, list[str]]) -> Path:
    """A table of clips whose units are `truth`, by subject; their frames are never read."""
    (folder / "frames").mkdir(parents=True)
    rows = [
        {"dataset": "lab", "subject": subject, "clip": f"c{place}", "frames": "frames", "onset": 1, "apex": 2,
         "offset": 3, "emotion": "joy", "action_units": units}
        for subject, coded in truth.items()
        for place, units in enumerate(coded)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "clips.csv", index=False)
    return folder / "clips.csv"


def test_labels_of_the_test_subject_do_not_change_its_thresholds(merbench: Cli, tmp_path: Path) -> None:
    generator, choices = np.random.default_rng(0), ["4", "12", "4+12", "25"]
    truth = {f"s{subject}": list(generator.choice(choices, 8)) for subject in range(5)}
    other = {**truth, "s4": ["12", "4", "25", "4+12"] * 2}
    plugin = tmp_path / "noisy.py"
    plugin.write_text(PLUGIN)
    runs = []
    for name, each in (("one", truth), ("two", other)):
        clips = table(tmp_path / name, each)
        answer = merbench(
            "run", "-m", "noisy", "--plugin", plugin, "--dataset", "manifest", "--data", clips, "--scheme", "au=4,12",
            "--thresholds", "inner", "--out", tmp_path / name / "run",
        )  # fmt: skip
        assert answer.code == 0, answer.err
        runs.append(Run.load(tmp_path / name / "run"))
    place = runs[0].header.folds.index("lab/s4")
    assert not np.array_equal(runs[0].outer[place].truth, runs[1].outer[place].truth)
    for rule in ("last", "inner"):
        one, two = (run.thresholds(rule) for run in runs)  # type: ignore[arg-type]
        assert one is not None
        assert two is not None
        assert one[place].tolist() == two[place].tolist()
        assert not np.array_equal(one[place], [0.5, 0.5])
        assert any(
            not np.array_equal(a, b) for a, b in zip(one, two, strict=True)
        )  # s4 is kept back in the other folds


def test_thresholds_are_those_of_the_highest_f1_on_the_inner_clips(run: Run) -> None:
    for rule in run.rules:
        chosen = run.thresholds(rule)
        assert chosen is not None
        for inner, epoch, thresholds in zip(run.inner, run.epochs(rule), chosen, strict=True):
            tested = {key.split("/")[1] for key in run.outer[run.inner.index(inner)].keys}
            assert not tested & {key.split("/")[1] for key in inner.keys}
            for unit in range(3):
                truth, values = inner.truth[:, unit], inner.probabilities[epoch, :, unit]
                limits = [*np.sort(values)[:-1], np.float32(values.min() / 2), np.float32(0.5)]
                best = max(f1_score(truth, values > limit, zero_division=0) for limit in limits)
                own = f1_score(truth, values > thresholds[unit], zero_division=0)
                assert own == pytest.approx(best)


def test_the_record_states_thresholds_and_its_scores_follow_from_them(run: Run) -> None:
    assert run.path is not None
    record = load_result(run.path)
    assert record.description.thresholds == "inner"
    truth = np.concatenate([np.array(fold) for fold in record.truth])
    for rule in ("last", "inner", "oracle"):
        stated = record.by_rule[rule].thresholds  # type: ignore[index]
        assert stated is not None
        folds = zip(record.probabilities(rule), stated, strict=True)
        predicted = np.concatenate([fold > np.array(limits) for fold, limits in folds])
        expected = f1_score(truth, predicted, average="macro", zero_division=0)
        assert record.scores[rule].headline == pytest.approx(expected)
        assert run.scores(rule).headline == pytest.approx(expected)  # type: ignore[arg-type]
    last = run.to_pandas()
    assert (last["predicted"] != "none").any()
    hidden = opaque(record.updated(synthetic=False))
    assert {rule: each.headline for rule, each in hidden.scores.items()} == pytest.approx(
        {rule: each.headline for rule, each in record.scores.items()}
    )


def test_the_default_is_a_half_and_another_run(merbench: Cli, run: Run, tmp_path: Path) -> None:
    words = (
        "run", "-m", "ststnet", "--dataset", "synthetic-f", "--set", "dataset.subjects=6", "--set", "dataset.clips=6",
        "--set", "epochs=4", "--set", "scheme.units=1,4,12", "--device", "cpu",
    )  # fmt: skip
    answer = merbench(*words, "--select-epoch", "last,inner,oracle", "--out", tmp_path / "half")
    assert answer.code == 0, answer.err
    half = Run.load(tmp_path / "half")
    assert half.header.identity != run.header.identity
    assert half.thresholds() is None
    content = json.loads((tmp_path / "half" / "record.json").read_text())
    assert "thresholds" not in {**content["description"], **content["spec"], **content["by_rule"]["last"]}
    for one, two in zip(half.outer, run.outer, strict=True):
        assert np.array_equal(one.probabilities, two.probabilities)
    compared = merbench("compare", tmp_path / "half", run.path)
    assert compared.code == 0, compared.err
    assert "thresholds=inner" in compared.out
    again = merbench("show", run.path, "--config")
    assert 'thresholds = "inner"' in again.out


def test_the_audit_chooses_thresholds_again(merbench: Cli, run: Run, tmp_path: Path) -> None:
    import shutil

    assert run.path is not None
    answer = merbench("audit", run.path)
    assert answer.code == 0, answer.out + answer.err
    shutil.copytree(run.path, tmp_path / "changed")
    path = tmp_path / "changed" / "record.json"
    content = json.loads(path.read_text())
    content["by_rule"]["inner"]["thresholds"][0][1] = 0.012345
    path.write_text(json.dumps(content))
    answer = merbench("audit", tmp_path / "changed")
    assert answer.code == 1
    assert "by_rule.inner.thresholds.0.1" in answer.out
    for changed, said in (
        (None, "by_rule.inner has thresholds, or lacks them, against its description"),
        ([[0.5]] * 6, "by_rule.inner.thresholds are not one for each fold and each unit"),
        ([[0.5, 0.5, 1.5]] * 6, "less than or equal to 1"),
    ):
        content["by_rule"]["inner"]["thresholds"] = changed
        lone = tmp_path / "record.json"
        lone.write_text(json.dumps(content))
        assert said in refused(merbench, "audit", lone)


def test_a_leaderboard_takes_and_names_it(merbench: Cli, run: Run, tmp_path: Path) -> None:
    answer = merbench("leaderboard", "add", run.path, "--dir", tmp_path)
    assert answer.code == 0, answer.err
    assert merbench("leaderboard", "--dir", tmp_path).code == 0
    assert "thresholds=inner" in (tmp_path / "README.md").read_text()
    [path] = (tmp_path / "results").iterdir()
    assert load_record(path).by_rule["inner"].thresholds is not None


def test_prediction_is_by_the_mean_of_the_folds_thresholds(
    merbench: Cli, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from merbench.inference.export import export_run
    from merbench.inference.predict import Predictor

    assert run.path is not None
    export_run(run.path, tmp_path / "out")
    expected = run.thresholds("last")
    assert expected is not None
    for path in (run.path, tmp_path / "out"):
        chosen = Predictor(path, device="cpu").thresholds
        assert chosen == pytest.approx(np.mean(expected, axis=0))
    alone = Predictor(run.path, fold=run.header.folds[1], device="cpu").thresholds
    assert alone == pytest.approx(expected[1])
    plain = run.header.folds[0]
    picture = tmp_path / "face.png"
    from PIL import Image

    Image.fromarray(np.random.default_rng(0).integers(0, 255, (128, 128, 3), dtype=np.uint8)).save(picture)
    answer = merbench(
        "predict", run.path, "--fold", plain, *(["--onset", picture, "--apex", picture]), "--format", "json"
    )
    assert answer.code == 0, answer.err
    assert f"AU1 {expected[0][0]:.3f}, AU4 {expected[0][1]:.3f}, AU12 {expected[0][2]:.3f}" in " ".join(
        answer.err.split()
    )
    [said] = json.loads(answer.out)["clips"]
    limits = dict(zip(run.classes, expected[0], strict=True))
    above = [name for name, value in said["probabilities"].items() if value > limits[name]]
    assert said["predicted"] == ("+".join(above) or "none")


def test_what_cannot_have_them_is_refused(merbench: Cli, tmp_path: Path) -> None:
    out = ("--runs-dir", tmp_path / "runs")
    inner = ("--thresholds", "inner")
    said = refused(merbench, "run", "-m", "majority", *inner, *out)
    assert "--thresholds inner serves multi-label tasks, but this one is single-label" in said
    said = refused(merbench, "run", "-m", "ststnet", "-p", "cd6me", *inner, "--select-epoch", "last,oracle", *out)
    assert "but the rules are last,oracle; add --select-epoch last,inner,oracle." in said
    file = tmp_path / "new.safetensors"
    said = refused(merbench, "pretrain", "-m", "ststnet", "-p", "cd6me", *inner, "--out", file)
    assert "merbench pretrain counts units as predicted above 0.5; leave out --thresholds inner." in said
    assert "'half' is not one of '0.5', 'inner'" in refused(merbench, "run", "-m", "majority", "--thresholds", "half")
    assert not (tmp_path / "runs").exists()


def test_show_prints_the_thresholds_in_short_and_in_full(merbench: Cli, run: Run) -> None:
    chosen = run.thresholds("last")
    assert chosen is not None
    values = np.array(chosen)
    text = " ".join(str(merbench("show", run.path, "--table", "classes").out).split())
    assert "thresholds by unit, over folds" in text
    assert f"{np.median(values[:, 0]):.3f} ({values[:, 0].min():.3f} to {values[:, 0].max():.3f})" in text
    answer = merbench("show", run.path, "--table", "thresholds", "--format", "csv")
    rows = [line.split(",") for line in answer.out.splitlines()]
    assert rows[0] == ["fold", "AU1", "AU4", "AU12"]
    assert np.allclose([[float(cell) for cell in row[1:]] for row in rows[1:]], values, atol=5.1e-4)
    [method] = json.loads(merbench("show", run.path, "--format", "json").out)
    assert next(iter(method["runs"][0]["thresholds"].values()))["AU4"] == pytest.approx(values[0, 1])


def test_commands_that_count_units_above_one_half_do_not_list_thresholds(merbench: Cli) -> None:
    assert "--thresholds" in merbench("run", "--help").out
    for command in ("tune", "pretrain"):
        assert "--thresholds" not in merbench(command, "--help").out
        words = (command, "-m", "ststnet", "-d", "synthetic-f", "--set", "scheme.units=1,4", "--thresholds", "inner")
        said = refused(merbench, *words, *(("--out", "x.safetensors") if command == "pretrain" else ()))
        assert "leave out --thresholds inner" in said
