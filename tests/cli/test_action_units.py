"""Tasks of action units from the command line: run, show, audit, compare, the leaderboard, and what is refused."""

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
from merbench.results.loading import load_result
from merbench.results.opaque import opaque
from merbench.results.record import scores_record

Cli = Callable[..., Any]
FEW = ("--set", "dataset.subjects=2", "--set", "dataset.clips=8", "--set", "scheme.units=12,4,1")
PLUGIN = '''
import numpy as np
from merbench.inputs import Inputs
from merbench.method import FittedMethod, Predictor

class One(Predictor):
    def probabilities(self, held_out):
        return np.full((held_out.count, 3), 1 / 3, dtype=np.float32)

class Single(FittedMethod):
    """One class a clip alone."""
    name, title, family = "only-classes", "Only classes", "hand-crafted"
    def inputs(self):
        return Inputs()
    def fit(self, train, samples, generator):
        return One()
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of three methods on the units 1, 4 and 12 of six small synthetic datasets."""
    import merbench

    folder = tmp_path_factory.mktemp("units")
    settings = {"dataset.subjects": 2, "dataset.clips": 8, "scheme.units": "12,4,1"}
    for name in ("majority", "random", "flow-svm"):
        merbench.run(name, "cd6me", settings=settings, out=folder / name)
    fast = {**settings, "epochs": 3}
    merbench.run("ststnet", "cd6me", settings=fast, rules="last,inner,oracle", device="cpu", out=folder / "ststnet")
    return folder


def units(texts: pd.Series, classes: tuple[str, ...]) -> pd.DataFrame:
    return texts.str.get_dummies("+").reindex(columns=list(classes), fill_value=0)


def refused(merbench: Cli, *words: object) -> str:
    answer = merbench(*words)
    assert answer.code == 2, answer.out + answer.err
    assert "Traceback" not in answer.err
    return " ".join(str(answer.err).split())


def test_the_scores_are_scikit_learns_of_the_clips_that_pandas_gets(folder: Path) -> None:
    run = Run.load(folder / "ststnet")
    frame = run.to_pandas()
    truth, predicted = (units(frame[name], run.classes) for name in ("true", "predicted"))
    scores: Any = run.scores()
    assert run.classes == ("AU1", "AU4", "AU12")
    assert scores.f1 == pytest.approx(tuple(f1_score(truth, predicted, average=None, zero_division=0)))
    assert scores.mean_f1 == pytest.approx(f1_score(truth, predicted, average="macro", zero_division=0))
    above = frame[[f"p({name})" for name in run.classes]].to_numpy() > 0.5
    assert (above == predicted.to_numpy(dtype=bool)).all()
    by_dataset = [run.scores("last", dataset).headline for dataset in run.subsets]
    assert scores.fold_mean_f1 == pytest.approx(np.mean(by_dataset))
    assert run.confusion().sum(axis=1).tolist() == [len(frame)] * 3


def test_truth_is_that_of_the_annotation(folder: Path) -> None:
    from merbench.registry import datasets

    frame = Run.load(folder / "majority").to_pandas().set_index("clip")
    kind = datasets.get("synthetic-f")
    table = kind(kind.Parameters().changed({"subjects": 2, "clips": 8})).table(None).table
    for row in table.itertuples():
        numbers = {int(unit.strip("LR")) for unit in row.action_units.split("+")}
        expected = "+".join(f"AU{unit}" for unit in (1, 4, 12) if unit in numbers) or "none"
        assert frame.loc[f"synthetic-f/{row.subject}/{row.clip}/{row.onset}", "true"] == expected


def test_the_control_predicts_every_unit_and_draws_are_by_share(folder: Path) -> None:
    majority, random = (Run.load(folder / name) for name in ("majority", "random"))
    assert all((fold == 1).all() for fold in majority.probabilities("last"))
    drawn = np.concatenate([outcome.probabilities for outcome in random.outer], axis=1)
    assert set(np.unique(drawn)) == {0.0, 1.0}
    shares = [count / random.header.clips for count in random.header.counts.values()]
    assert drawn.mean(axis=(0, 1)) == pytest.approx(shares, abs=0.03)


def test_the_audit_holds_and_finds_a_changed_truth(merbench: Cli, folder: Path, tmp_path: Path) -> None:
    answer = merbench("audit", folder / "ststnet")
    assert answer.code == 0, answer.out + answer.err
    assert "differs" not in answer.out
    content = json.loads((folder / "ststnet" / "record.json").read_text())
    content["truth"][0][0][0] = 1 - content["truth"][0][0][0]
    path = tmp_path / "record.json"
    path.write_text(json.dumps(content))
    answer = merbench("audit", path)
    assert answer.code == 1
    assert "scores" in answer.out
    content["truth"][0][0] = 1
    path.write_text(json.dumps(content))
    assert "its truth is not that of a multi-label task" in refused(merbench, "audit", path)


def test_a_record_comes_back_and_goes_out_with_digests(folder: Path) -> None:
    record = load_result(folder / "ststnet")
    assert record.description.as_dict()["kind"] == "multi-label"
    hidden = opaque(record.updated(synthetic=False))
    assert hidden.opaque
    assert {rule: scores_record(scores) for rule, scores in hidden.scores.items()} == {
        rule: scores_record(scores) for rule, scores in record.scores.items()
    }
    assert not {key for fold in hidden.keys for key in fold} & {key for fold in record.keys for key in fold}


def test_tables_say_units_and_mean_f1(merbench: Cli, folder: Path) -> None:
    answer = merbench("show", folder / "ststnet")
    assert answer.code == 0, answer.err
    for said in ("mean F1, fold mean", "macro F1", "by unit", "AU12", "rightly absent", "part"):
        assert said in answer.out
    assert "UF1" not in answer.out + answer.err
    assert "Traceback" not in answer.err
    listed = merbench("show", folder)
    assert listed.code == 0
    assert "mean F1 under the rule last" in " ".join(listed.out.split())
    data = json.loads(merbench("show", folder / "ststnet", "--format", "json").out)
    assert data[0]["runs"][0]["scores"]["last"]["mean_f1"] == pytest.approx(
        Run.load(folder / "ststnet").scores().headline
    )
    assert data[0]["confusion"] is data[0]["calibration"] is None


def test_a_page_of_runs_shows_units(merbench: Cli, folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert merbench("show", folder / "ststnet", folder / "majority", "--html", page).code == 0
    text = page.read_text()
    assert '"scores":["mean F1","mean F1, fold mean","macro F1"]' in text
    assert '"word":"unit"' in text


def test_methods_are_compared_by_mean_f1(merbench: Cli, folder: Path) -> None:
    names = [folder / name for name in ("majority", "random", "flow-svm", "ststnet")]
    answer = merbench("compare", *names, "--format", "json")
    assert answer.code == 0, answer.err
    compared = json.loads(answer.out)
    assert compared["metric"] == "mean_f1"
    values = {row["method"].split(" ")[0]: row["value"] for row in compared["methods"]}
    for path in names:
        assert values[path.name] == pytest.approx(Run.load(path).scores().headline)
    text = merbench("compare", *names[:2], "--metric", "macro_f1", "--clips")
    assert text.code == 0
    assert "macro F1" in text.out
    said = refused(merbench, "compare", *names[:2], "--metric", "uf1")
    assert "metric=uf1 is not possible: for multi-label tasks it must be one of mean_f1, macro_f1" in said
    common = merbench("compare", *names[:2], "--common")
    assert common.code == 0, common.err


def test_the_leaderboard_has_a_table_of_them(merbench: Cli, folder: Path, tmp_path: Path) -> None:
    board = tmp_path / "board"
    answer = merbench(
        "leaderboard", "add", *(folder / name for name in ("majority", "random", "ststnet")), "--dir", board
    )
    assert answer.code == 0, answer.err
    assert merbench("leaderboard", "--dir", board).code == 0
    page = (board / "README.md").read_text()
    assert (
        "| rank | letters | method | recipe | device | mean F1 | 95 % interval | mean F1, fold mean | macro F1 |"
        in page
    )
    assert "ranked by *mean F1*" in page
    assert merbench("leaderboard", "--check", "--dir", board).code == 0


def test_units_name_a_scheme_and_contradictions_are_refused(merbench: Cli, tmp_path: Path, folder: Path) -> None:
    assert Run.load(folder / "majority").header.description.scheme == "au=1,4,12"
    run = ("run", "-m", "majority", "--runs-dir", tmp_path / "runs")
    said = refused(merbench, *run, "--scheme", "5-class", "--set", "scheme.units=1,2")
    assert "scheme.units=1,2 is the scheme au=1,2, but --scheme 5-class was given" in said
    assert "numbers of action units" in refused(merbench, *run, "--set", "scheme.units=eyes")
    said = refused(merbench, *run, "--set", "scheme.units=4,45")
    assert "no clip of unit AU45" in said
    assert "name units that occur, --scheme au=4, in place of au=4,45" in said
    assert not (tmp_path / "runs").exists()


def test_what_serves_one_kind_is_refused_for_the_other(merbench: Cli, folder: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin.py"
    plugin.write_text(PLUGIN)
    out = ("--runs-dir", tmp_path / "runs")
    said = refused(merbench, "run", "-m", "only-classes", "--plugin", plugin, "-p", "cd6me", *out)
    assert "method only-classes serves single-label tasks, but this one is multi-label" in said
    units = tmp_path / "units.py"
    names = {
        "only-classes": "only-units",
        "Inputs()\n    def": "Inputs()\n    kinds = frozenset({'multi-label'})\n    def",
    }
    text = PLUGIN
    for old, new in names.items():
        text = text.replace(old, new)
    units.write_text(text)
    said = refused(merbench, "run", "-m", "only-units", "--plugin", units, *out)
    assert "method only-units serves multi-label tasks, but this one is single-label: add --scheme au-12" in said
    said = refused(merbench, "run", "-m", "majority", "-p", "cd6me", "--scheme", "3-class-megc2019", *out)
    assert "protocol cd6me serves multi-label tasks, but this one is single-label: add --scheme au-12" in said
    said = refused(merbench, "run", "-m", "capsulenet", "-p", "cd6me", "--recipe", "published", *out)
    assert "capsulenet: sampling=repeated does not serve multi-label tasks" in said
    assert "add --set sampling=plain" in said
    said = refused(merbench, "run", "-m", "ststnet", "-p", "cd6me", "--set", "sampling=balanced", *out)
    assert "ststnet: sampling=balanced does not serve multi-label tasks" in said
    said = refused(
        merbench, "sensitivity", "-m", "majority", "-p", "cd6me", *FEW, "--shifts", "", "--flips", "0.1", *out
    )
    assert "label_flips serves single-label tasks" in said
    assert not (tmp_path / "runs").exists() or not any((tmp_path / "runs").iterdir())


def test_a_plain_protocol_takes_units_too_and_leaves_out_what_is_not_coded(merbench: Cli, tmp_path: Path) -> None:
    rows = [
        {
            "dataset": "lab",
            "subject": f"s{subject}",
            "clip": f"c{clip}",
            "flow": "",
            "emotion": "joy",
            "action_units": units,
        }
        for subject in range(3)
        for clip, units in enumerate(["4", "12+L1", "?", "25"])
    ]
    table = pd.DataFrame(rows)
    frames = tmp_path / "frames"
    frames.mkdir()
    table = table.assign(frames="frames", onset=1, apex=2, offset=3).drop(columns="flow")
    table.to_csv(tmp_path / "clips.csv", index=False)
    answer = merbench(
        "run", "-m", "majority", "--dataset", "manifest", "--data", tmp_path / "clips.csv", "--scheme", "au=4,12",
        "--out", tmp_path / "run",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "left out for their scheme: 3 clips (no action units coded" in " ".join(answer.err.split())
    run = Run.load(tmp_path / "run")
    assert (run.header.clips, run.header.counts) == (9, {"AU4": 3, "AU12": 3})
    assert sorted(run.to_pandas()["true"].unique()) == ["AU12", "AU4", "none"]
