"""Protocols other than leave one subject out, from the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench import Run
from merbench.errors import UnknownName
from merbench.registry import datasets
from merbench.synthetic.mock_tree import write_mock

Cli = Callable[..., Any]


def only(folder: Path) -> Path:
    [found] = folder.iterdir()
    return found


def run(merbench: Cli, runs: Path, *words: object, method: str = "majority") -> Run:
    answer = merbench("run", "-m", method, *words, "--runs-dir", runs)
    assert answer.code == 0, answer.err
    return Run.load(only(runs))


def refused(merbench: Cli, tmp_path: Path, *words: object) -> str:
    answer = merbench("run", "-m", "majority", *words, "--runs-dir", tmp_path / "runs")
    assert answer.code == 2, answer.out + answer.err
    assert "Traceback" not in answer.err
    assert not (tmp_path / "runs").exists()
    return str(answer.err)


def test_kfold_runs_and_its_parameters_are_told(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench("run", "-m", "majority", "-p", "kfold", "--set", "protocol.folds=3", "--runs-dir", tmp_path)
    assert answer.code == 0, answer.err
    assert "kfold (folds=3, seed=0) on synthetic" in answer.out
    assert "kfold (folds=3, seed=0) on synthetic" in answer.err
    assert Run.load(only(tmp_path)).header.folds == ("1 of 3", "2 of 3", "3 of 3")


@pytest.mark.parametrize(("subjects", "said"), [(3, "needs at least 5 subjects, but there are 3"), (1, "synthetic/01")])
def test_kfold_needs_subjects(merbench: Cli, tmp_path: Path, subjects: int, said: str) -> None:
    assert said in refused(merbench, tmp_path, "-p", "kfold", "--set", f"dataset.subjects={subjects}")


COMPOSITE = ["-p", "composite", "--set", "dataset.clips=6"]


def test_a_composite_of_drawn_stand_ins_tells_full_and_parts(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench("run", "-m", "random", *COMPOSITE, "--set", "epochs=5", "--runs-dir", tmp_path)
    assert answer.code == 0, answer.err
    assert "synthetic-a, synthetic-b, synthetic-c are synthetic datasets; give yours with --data NAME=DIR" in answer.err
    for word in ("3-class-megc2019", "full", "54", "synthetic-b", "18", "subjects", "majority", "no single-database"):
        assert word in answer.out
    found = Run.load(only(tmp_path))
    record = json.loads((only(tmp_path) / "record.json").read_text())
    assert list(found.subsets) == ["synthetic-a", "synthetic-b", "synthetic-c"]
    for rule in found.rules:
        for part in found.subsets:
            scored = found.scores(rule, part)
            assert record["by_rule"][rule]["parts"][part]["uf1"] == scored.uf1
            assert sum(scored.support) == 18
    with pytest.raises(UnknownName, match="Unknown subset 'synthetic'"):
        found.scores("last", "synthetic")


def test_show_and_the_leaderboard_have_the_parts(merbench: Cli, tmp_path: Path) -> None:
    found = run(merbench, tmp_path / "runs", *COMPOSITE)
    uf1 = f"{found.scores('last', 'synthetic-c').uf1:.3f}"
    rows = list(csv.DictReader(io.StringIO(merbench("show", found.path, "--table", "parts", "--format", "csv").out)))
    assert [row["part"] for row in rows] == ["full", "synthetic-a", "synthetic-b", "synthetic-c"]
    assert [(row["clips"], row["subjects"]) for row in rows] == [("54", "9"), *[("18", "3")] * 3]
    assert rows[3]["UF1"] == uf1
    assert "By part" in merbench("show", found.path).out
    board = tmp_path / "board"
    assert merbench("leaderboard", "add", found.path, "--dir", board).code == 0
    assert merbench("leaderboard", "--dir", board).code == 0
    assert "UF1 synthetic-c (18)" in (board / "README.md").read_text()
    [kept] = (board / "results").glob("*.json")
    content = json.loads(kept.read_text())
    content["by_rule"]["last"]["parts"]["synthetic-c"]["uf1"] = 0.99
    kept.write_text(json.dumps(content))
    assert "subset synthetic-c" in merbench("leaderboard", "--dir", board).err


def test_a_run_without_parts_has_no_such_table(merbench: Cli, tmp_path: Path) -> None:
    found = run(merbench, tmp_path, "--set", "dataset.clips=10")
    assert "By part" not in merbench("show", found.path).out
    assert "report no parts" in merbench("show", found.path, "--table", "parts").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-d", "synthetic"], "composite needs at least 2 datasets, but the run has synthetic alone"),
        (["-d", "casme2", "--data", "somewhere"], "the run has casme2 alone"),
        (["-d", "synthetic", "-d", "synthetic"], "dataset synthetic is given twice"),
        (["-d", "synthetic", "-d", "synthetic-a"], "Unknown label scheme of synthetic '3-class-megc2019'"),
    ],
)
def test_a_composite_needs_datasets_that_share_the_scheme(
    merbench: Cli, tmp_path: Path, words: list[str], said: str
) -> None:
    assert said in refused(merbench, tmp_path, "-p", "composite", *words)


def test_a_class_set_that_nobody_named_is_refused_with_those_that_all_datasets_have(
    merbench: Cli, tmp_path: Path
) -> None:
    root = tmp_path / "casme2"
    write_mock(datasets.get("casme2")(), root, subjects=3, clips=5, frames="none")
    words = ("run", "-m", "majority", "-d", "casme2", "-d", "synthetic-a", "--data", f"casme2={root}", "--check")
    answer = merbench(*words)
    assert answer.code == 2
    assert "No class set was named, so 5-class was taken from the first dataset, casme2, but synthetic-a" in answer.err
    remedy = answer.err.split("name one: ")[1].split()
    assert remedy == ["--scheme", "3-class-megc2019"]
    assert merbench(*words, *remedy).code == 0
    none = merbench("run", "-m", "majority", "-d", "synthetic", "-d", "synthetic-a", "--check")
    assert none.code == 2
    assert "None is of all of them (synthetic: 5-class, 3-class; synthetic-a: 3-class-megc2019" in none.err


def test_a_composite_of_a_tree_and_drawn_faces(merbench: Cli, tmp_path: Path, stand_in: Path) -> None:
    found = run(merbench, tmp_path, *COMPOSITE, "-d", "casme2", "-d", "synthetic-a", "--data", f"casme2={stand_in}")
    assert list(found.subsets) == ["casme2", "synthetic-a"]
    assert found.header.description.scheme == "3-class-megc2019"


def test_a_manifest_of_several_datasets_is_a_composite_by_itself(merbench: Cli, tmp_path: Path, stand_in: Path) -> None:
    assert merbench("data", "export", "casme2", "--data", stand_in, "--out", tmp_path / "casme2.csv").code == 0
    first = (tmp_path / "casme2.csv").read_text().splitlines()
    others = [line.replace("casme2,", "mine,", 1) for line in first[1:]]
    (tmp_path / "all.csv").write_text("\n".join([*first, *others]))
    data = ("--data", f"manifest={tmp_path / 'all.csv'}")
    assert "casme2/01" in refused(merbench, tmp_path / "shared", "-p", "composite", *data)
    data = (*data, "--distinct-subjects")
    found = run(merbench, tmp_path / "runs", "-p", "composite", *data)
    assert list(found.subsets) == ["casme2", "mine"]
    assert found.header.folds[0] == "casme2/01"
    assert {key.split("/")[0] for key in found.subsets["mine"]} == {"mine"}
    assert found.scores(subset="mine").support == found.scores(subset="casme2").support
    assert "mine" in merbench("show", found.path, "--table", "parts").out
    assert merbench("audit", found.path).code == 0
    assert run(merbench, tmp_path / "cross", "-p", "cross-dataset", *data).header.folds == ("casme2", "mine")
    alone = ("--data", f"manifest={tmp_path / 'casme2.csv'}")
    assert "composite needs at least 2 datasets, but the run has casme2 alone" in refused(
        merbench, tmp_path / "none", "-p", "composite", *alone
    )
    both = ("-d", "casme2", "-d", "manifest", "--data", f"casme2={stand_in}", *alone)
    assert "casme2 and manifest both have clips of casme2; a run takes them from one" in refused(
        merbench, tmp_path / "both", "-p", "composite", *both
    )


def test_the_frames_of_a_manifest_of_several_datasets_are_read(merbench: Cli, tmp_path: Path, stand_in: Path) -> None:
    assert merbench("data", "export", "casme2", "--data", stand_in, "--out", tmp_path / "casme2.csv").code == 0
    first = (tmp_path / "casme2.csv").read_text().splitlines()
    (tmp_path / "all.csv").write_text("\n".join([*first, *(f"mine{line[6:]}" for line in first[1:])]))
    words = ["-p", "transfer", "--set", "protocol.train=casme2", "--set", "protocol.test=mine", "--set", "size=32"]
    words += ["--set", "epochs=1", "--select-epoch", "last", "--data", f"manifest={tmp_path / 'all.csv'}"]
    words += ["--distinct-subjects"]
    found = run(merbench, tmp_path / "runs", *words, method="mmnet")
    assert list(found.header.as_dict()["frames"]) == ["casme2", "mine"]
    assert set(found.keys[0]) == {key for key in found.keys[0] if key.startswith("mine/")}


def test_leave_one_dataset_out_on_drawn_stand_ins(merbench: Cli, tmp_path: Path) -> None:
    found = run(merbench, tmp_path, "-p", "cross-dataset", "--set", "dataset.clips=6")
    assert list(found.header.folds) == list(found.subsets) == ["synthetic-a", "synthetic-b", "synthetic-c"]


def test_transfer_tests_one_dataset_alone(merbench: Cli, tmp_path: Path) -> None:
    found = run(merbench, tmp_path, "-p", "transfer", "--set", "dataset.clips=6")
    assert found.header.folds == ("synthetic-a to synthetic-b",)
    assert sum(found.scores().support) == 18
    assert "transfer (train=synthetic-a, test=synthetic-b)" in merbench("show", found.path).out
    board = tmp_path / "board"
    assert merbench("leaderboard", "add", found.path, "--dir", board).code == 0


def test_transfer_must_be_told_from_where_to_where(merbench: Cli, tmp_path: Path) -> None:
    words = ["-p", "transfer", "-d", "synthetic-b", "-d", "synthetic-c"]
    assert "--set protocol.train=NAME" in refused(merbench, tmp_path, *words)
    said = refused(merbench, tmp_path, "-p", "transfer", "-d", "synthetic-b")
    assert "at least 2 datasets" in said


def test_the_holdout_of_megc2018_prints_the_mean_of_its_directions(merbench: Cli, tmp_path: Path) -> None:
    words = ["-p", "objective-hde", "--set", "epochs=5", "--out", tmp_path / "run"]
    answer = merbench("run", "-m", "random", *words)
    assert answer.code == 0, answer.err
    assert "synthetic-d, synthetic-e are synthetic datasets" in answer.err
    found = Run.load(tmp_path / "run")
    assert found.header.folds == ("synthetic-d to synthetic-e", "synthetic-e to synthetic-d")
    for rule in found.rules:
        there, back = (found.scores(rule, part).uf1 for part in ("synthetic-e", "synthetic-d"))
        assert found.scores(rule).uf1 == pytest.approx((there + back) / 2)
    uf1 = f"{found.scores().uf1:.3f}"
    for printed in (answer.out, merbench("show", found.path).out):
        assert "mean of the folds' own" in printed
        assert f"{uf1} " in printed
    assert f"UF1 so far {uf1}" in answer.err
    board = tmp_path / "board"
    assert merbench("leaderboard", "add", found.path, "--dir", board).code == 0
    assert merbench("leaderboard", "--dir", board).code == 0
    page = (board / "README.md").read_text()
    assert f"| {uf1} |" in page
    assert "mean of the folds' own" in page


def test_the_composite_of_megc2018_runs_with_no_data(merbench: Cli, tmp_path: Path) -> None:
    found = run(merbench, tmp_path, "-p", "objective-cde")
    assert len(found.header.folds) == 6
    assert found.classes == ("I", "II", "III", "IV", "V")


def test_the_fixed_split_of_drawn_faces(merbench: Cli, tmp_path: Path) -> None:
    found = run(merbench, tmp_path, "-p", "fixed", "--set", "dataset.clips=10")
    assert list(found.header.folds) == list(found.subsets) == ["testA", "testB"]
    assert sum(found.scores().support) == 20
    assert found.header.clips == 60
    assert {key.split("/")[1] for key in found.subsets["testB"]} == {"06"}


def test_the_fixed_split_of_the_users_own_table(merbench: Cli, tmp_path: Path) -> None:
    table = tmp_path / "clips.csv"
    rows = [
        f"mine,{subject},{clip},1,2,3,{emotion},{split}"
        for subject, split in (("01", "train"), ("02", "train"), ("03", "testA"), ("04", "{other}"))
        for clip, emotion in enumerate(("happy", "sad"))
    ]
    text = "\n".join(["dataset,subject,clip,onset,apex,offset,emotion,split", *rows])
    labels = set()
    for name in ("testB", "testA"):
        table.write_text(text.replace("{other}", name))
        found = run(merbench, tmp_path / name, "-p", "fixed", "-d", "manifest", "--data", table)
        assert list(found.header.folds) == sorted({"testA", name})
        labels.add(found.header.description.labels)
    assert len(labels) == 2
    table.write_text(text.replace("{other}", ""))
    said = refused(merbench, tmp_path, "-p", "fixed", "-d", "manifest", "--data", table)
    assert "2 of 8 clips have none there (mine/04/0/1)" in said


@pytest.mark.slow
def test_a_network_under_the_holdout_of_megc2018(merbench: Cli, tmp_path: Path) -> None:
    words = ["--set", "epochs=1", "--set", "dataset.clips=7", "--set", "dataset.subjects=2", "--device", "cpu"]
    found = run(merbench, tmp_path / "runs", "-p", "objective-hde", *words, method="mmnet")
    directions = [found.scores("last", part).uf1 for part in found.subsets]
    assert found.scores().uf1 == pytest.approx(sum(directions) / 2)
    assert found.curve[-1] == pytest.approx(found.scores().uf1)
    assert merbench("audit", found.path).code == 0


def test_a_leaky_protocol_says_so_everywhere_and_is_never_ranked(merbench: Cli, tmp_path: Path) -> None:
    words = ["-p", "leave-one-clip-out", "--set", "dataset.clips=10", "--set", "dataset.subjects=2"]
    board = tmp_path / "board"
    for method in ("random", "majority"):
        answer = merbench("run", "-m", method, *words, "--out", tmp_path / method)
        assert answer.code == 0, answer.err
        assert "leaky: subjects are trained on and tested, never ranked" in answer.out
        assert "leaky" in answer.err
        assert json.loads((tmp_path / method / "record.json").read_text())["leaky"] is True
        assert merbench("leaderboard", "add", tmp_path / method, "--dir", board).code == 0
    assert merbench("leaderboard", "--dir", board).code == 0
    page = (board / "README.md").read_text()
    assert "## leave-one-clip-out (leaky) on synthetic" in page
    assert page.index("| majority") < page.index("| random")
    assert "leave-one-clip-out  Leave one clip out [leaky]" in merbench("list", "protocols").out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kfold", ["protocol.folds = 5", "protocol.seed = 0", "usual k"]),
        ("composite", ["scheme: 3-class-megc2019", "at least 2", "synthetic-a, synthetic-b, synthetic-c", "MEGC 2019"]),
        ("cross-dataset", ["Leave one dataset out", "at least 2"]),
        ("objective-cde", ["scheme: objective", "pooled over folds", "synthetic-d, synthetic-e", "MEGC 2018"]),
        ("objective-hde", ["scheme: objective", "mean of the folds' own", "A subset is one direction"]),
        ("fixed", ["needs of the table: split", "held out once: no", "A subset is one test split"]),
        ("transfer", ["protocol.train = synthetic-a", "protocol.test = synthetic-b", "held out once: no"]),
        ("leave-one-clip-out", ["leaky: yes, so never ranked", "new people"]),
        ("loso", ["scheme: that of the dataset", "synthetic data: synthetic"]),
    ],
)
def test_info_says_what_a_protocol_does(merbench: Cli, name: str, said: list[str]) -> None:
    answer = merbench("info", name)
    assert answer.code == 0
    for word in (f"protocol {name}", *said):
        assert word in answer.out
