"""`merbench audit`: what holds, what differs, and what cannot be checked."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import merbench as library

Cli = Callable[..., Any]
SETTINGS = {"dataset.clips": 10, "dataset.subjects": 3, "epochs": 5}


@pytest.fixture(scope="module")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "run"
    library.run("random", settings=SETTINGS, out=out)
    return out


@pytest.fixture
def path(_kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_kept, tmp_path / "run"))


def change(path: Path, work: Callable[[dict[str, Any]], None], name: str = "record.json") -> None:
    content = json.loads((path / name).read_text())
    work(content)
    (path / name).write_text(json.dumps(content))


def test_a_run_as_it_was_made_holds(merbench: Cli, path: Path) -> None:
    answer = merbench("audit", path)
    assert answer.code == 0, answer.out + answer.err
    for what in ("subjects: holds", "clips: holds", "scores: holds", "choice of epochs: holds"):
        assert what in answer.out


def test_of_a_compact_record_the_choice_of_epochs_cannot_be_checked(merbench: Cli, path: Path) -> None:
    answer = merbench("audit", path / "record.json")
    assert answer.code == 0, answer.out + answer.err
    assert "scores: holds" in answer.out
    assert "choice of epochs: cannot be checked" in answer.out


@pytest.mark.parametrize("kind", ["", "record.json"])
@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda c: c["by_rule"]["last"]["scores"].update(uf1=0.99), "scores: differs"),
        (lambda c: c["untrained_subjects"].update({"synthetic/02": []}), "subjects: differs"),
        (lambda c: c["keys"][1].__setitem__(0, c["keys"][0][0]), "clips: differs"),
        (lambda c: c["truth"][0].reverse(), "scores: differs"),
    ],
)
def test_what_was_changed_is_found(
    merbench: Cli, path: Path, kind: str, work: Callable[[dict[str, Any]], None], said: str
) -> None:
    change(path, work)
    answer = merbench("audit", path / kind)
    assert answer.code == 1, answer.out + answer.err
    assert said in answer.out


def test_another_epoch_than_the_rules_is_found_in_the_folder_alone(merbench: Cli, path: Path) -> None:
    change(path, lambda content: content["by_rule"]["oracle"]["epochs"].__setitem__(0, 99))
    assert merbench("audit", path / "record.json").code == 0
    answer = merbench("audit", path)
    assert answer.code == 1
    assert "part at by_rule.oracle.epochs.0" in answer.out


def test_a_fold_file_that_was_changed_is_found(merbench: Cli, path: Path) -> None:
    fold = sorted(path.glob("outer/*.npz"))[0]
    with np.load(fold) as kept:
        content = dict(kept)
    content["probabilities"] = content["probabilities"][..., ::-1]
    np.savez_compressed(fold, **content)
    assert merbench("audit", path).code == 1


def test_a_leaky_run_holds_and_says_so(merbench: Cli, tmp_path: Path) -> None:
    library.run(
        "majority", "leave-one-clip-out", settings={"dataset.clips": 5, "dataset.subjects": 2}, out=tmp_path / "r"
    )
    answer = merbench("audit", tmp_path / "r")
    assert answer.code == 0, answer.out + answer.err
    assert "trained on and tested: 2 subjects" in answer.out
    change(tmp_path / "r", lambda content: content.update(leaky=False))
    assert merbench("audit", tmp_path / "r").code == 1


UNKEPT = "folds: cannot be checked; under {} some clips are never tested"


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        ("composite", "folds: holds; 9 made anew"),
        ("transfer", UNKEPT.format("transfer")),
        ("cross-dataset", "folds: holds; 3 made anew"),
        ("kfold", "folds: holds; 5 made anew"),
        ("fixed", UNKEPT.format("fixed")),
        ("objective-cde", "folds: holds; 6 made anew"),
        ("objective-hde", "folds: holds; 2 made anew"),
    ],
)
def test_every_protocol_holds(merbench: Cli, tmp_path: Path, protocol: str, said: str) -> None:
    library.run("majority", protocol, settings={"dataset.clips": 12}, out=tmp_path / "r")
    for place in (tmp_path / "r", tmp_path / "r" / "record.json"):
        answer = merbench("audit", place)
        assert answer.code == 0, answer.out + answer.err
        assert said in answer.out


def pooled(content: dict[str, Any]) -> None:
    content["averaged"] = False


@pytest.mark.parametrize(
    ("protocol", "work", "said"),
    [
        ("kfold", lambda c: c["description"]["protocol_parameters"].update(seed=1), "kfold tests other clips in fold"),
        ("kfold", lambda c: c["description"]["protocol_parameters"].update(folds=2), "kfold makes 2 folds, the record"),
        ("objective-hde", pooled, "objective-hde has averaged=True, but the record False"),
        ("kfold", lambda c: c.update(untrained_classes={"1 of 5": ["disgust"]}), "kfold leaves other classes"),
        ("kfold", lambda c: c["untrained_subjects"]["1 of 5"].append("synthetic/99"), "kfold trains on other subjects"),
        ("kfold", lambda c: c["description"].update(protocol="loso", protocol_parameters={}), "loso makes 6 folds"),
    ],
)
def test_folds_that_the_protocol_does_not_make_are_found(
    merbench: Cli, tmp_path: Path, protocol: str, work: Callable[[dict[str, Any]], None], said: str
) -> None:
    library.run("majority", protocol, settings={"dataset.clips": 10}, out=tmp_path / "r")
    change(tmp_path / "r", work)
    answer = merbench("audit", tmp_path / "r" / "record.json")
    assert answer.code == 1, answer.out + answer.err
    assert said in answer.out


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda c: c["description"].update(protocol="mine"), "the protocol mine is not installed; name its file"),
        (lambda c: c["description"]["plugins"].update({"protocol loso": "0" * 64}), "has another source"),
        (lambda c: c["description"].update(protocol_parameters={"odd": 1}), "with the record's parameters"),
    ],
)
def test_folds_that_cannot_be_made_anew_say_why(
    merbench: Cli, path: Path, work: Callable[[dict[str, Any]], None], said: str
) -> None:
    change(path, work)
    answer = merbench("audit", path / "record.json")
    assert answer.code == 0, answer.out + answer.err
    assert "folds: cannot be checked; " in answer.out
    assert said in answer.out


def test_classes_without_a_training_clip_are_told(merbench: Cli, tmp_path: Path) -> None:
    settings = {"dataset.clips": 12}
    words = {"dataset": ["synthetic-b", "synthetic-c"], "settings": settings, "out": tmp_path / "r"}
    library.run("majority", "objective-hde", **words)
    answer = merbench("audit", tmp_path / "r")
    assert answer.code == 0, answer.out + answer.err
    assert "tested without a training clip: IV, V in synthetic-c to synthetic-b, as the record reports" in answer.out


def test_what_is_no_run_gets_a_sentence(merbench: Cli, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    for name in ("nowhere", "x.json", ""):
        answer = merbench("audit", tmp_path / name)
        assert answer.code == 2
        assert "Traceback" not in answer.err


@pytest.fixture
def real(tmp_path: Path) -> tuple[Path, Path]:
    """A run on pictures, and the table that lists them."""
    rng = np.random.default_rng(0)
    rows = ["dataset,subject,clip,onset,apex,offset,emotion,frames"]
    for place in range(6):
        (tmp_path / f"data/{place}").mkdir(parents=True)
        for number in (1, 2, 3):
            pixels = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"data/{place}/{number}.bmp")
        rows.append(f"lab,{place // 2},c{place},1,2,3,{('happiness', 'anger')[place % 2]},{place}")
    (tmp_path / "data/clips.csv").write_text("\n".join(rows) + "\n")
    run = library.run("majority", "loso", data={"manifest": tmp_path / "data"}, out=tmp_path / "real").path
    assert run is not None
    return run, tmp_path / "data"


def test_files_are_looked_at_again_where_data_are_given(merbench: Cli, real: tuple[Path, Path]) -> None:
    run, data = real
    answer = merbench("audit", run)
    assert answer.code == 0
    assert (
        "files: cannot be checked; no file of the data was looked at; give its folder with --data NAME=DIR"
        in answer.out
    )
    answer = merbench("audit", run, "--data", f"manifest={data}")
    assert answer.code == 0, answer.out
    assert "labels: holds; 6 clips" in answer.out
    assert "files: holds; every byte of lab's files is as it was read" in answer.out
    path = data / "3" / "2.bmp"
    facts, held = path.stat(), bytearray(path.read_bytes())
    held[-1] ^= 1
    path.write_bytes(held)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    answer = merbench("audit", run, "--data", f"manifest={data}")
    assert answer.code == 1
    assert "files: differs; files of lab differ" in answer.out


def test_a_table_and_pictures_that_changed_since_differ(merbench: Cli, real: tuple[Path, Path]) -> None:
    run, data = real
    table = data / "clips.csv"
    table.write_text(table.read_text().replace("c0,1,2,3,happiness", "c0,1,2,3,anger"))
    shutil.copyfile(data / "0/1.bmp", data / "2/1.bmp")
    answer = merbench("audit", run, "--data", data)
    assert answer.code == 1
    assert "labels: differs" in answer.out
    assert "pictures: differs; one and the same in 1 pair of clips of different subjects: frame" in answer.out
    shutil.rmtree(data)
    answer = merbench("audit", run, "--data", data)
    assert answer.code == 1
    assert "files: differs; the run cannot be prepared from them" in answer.out
