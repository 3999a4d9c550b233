"""`merbench predict`: the probabilities of new clips, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load, save

import merbench as library
from merbench import Run
from merbench.annotations.clips import Clip
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.errors import DataError
from merbench.inference.challenge import megc_log
from merbench.registry import datasets
from merbench.results import weights
from merbench.results.store import Store

SMALL = {"dataset.subjects": 3, "dataset.clips": 10, "size": 32, "epochs": 1, "position": "learned"}
TINY = ("--set", "size=32", "--set", "epochs=1", "--set", "position=learned", "--set", "batch=4")
Cli = Callable[..., Any]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return library.run(
        "mmnet", settings=SMALL, rules="last", keep_weights=True, out=tmp_path_factory.mktemp("r") / "run"
    )


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, kept: Run) -> list[tuple[str, Path, Path]]:
    """Key, onset and apex file of the first clips that the second fold held out."""
    folder = tmp_path_factory.mktemp("pictures")
    dataset = datasets.get("synthetic")()
    clips = {clip.key: clip for clip in labelled([Source(dataset=dataset)], None, "middle").as_clips()}
    found = []
    for key in kept.outer[1].keys[:2]:
        clip, paths = clips[key], []
        assert clip.apex is not None
        for number, frame in zip(
            (clip.onset, clip.apex), dataset.read(None, clip, [clip.onset, clip.apex]), strict=True
        ):
            paths.append(folder / clip.name / f"{number}.png")
            paths[-1].parent.mkdir(exist_ok=True)
            Image.fromarray(frame).save(paths[-1])
        found.append((key, *paths))
    return found


def words_of(pictures: list[tuple[str, Path, Path]]) -> list[object]:
    return [word for _, onset, apex in pictures for word in ("--onset", onset, "--apex", apex)]


def folder(run: Run) -> Path:
    assert run.path is not None
    return run.path


def table_of(pictures: list[tuple[str, Path, Path]], path: Path, *, emotion: bool = False, apex: bool = True) -> Path:
    header = ["dataset", "subject", "clip", "onset", "apex", "offset", "frames", *(["emotion"] if emotion else [])]
    rows = []
    for key, onset, at in pictures:
        first, last = int(onset.stem), int(at.stem)
        rows.append(["mine", "01", key.split("/")[2], first, last if apex else "", last + 5, onset.parent])
        rows[-1] += ["joy"] if emotion else []
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_the_networks_say_of_files_what_they_said_of_the_held_out_clips(
    merbench: Cli, kept: Run, pictures: list[tuple[str, Path, Path]]
) -> None:
    answer = merbench("predict", folder(kept), *words_of(pictures), "--fold", "synthetic/02", "--format", "json")
    assert answer.code == 0, answer.err
    assert "trained for evaluation" in answer.err
    told = json.loads(answer.out)
    assert told["folds"] == ["synthetic/02"]
    assert [clip["clip"] for clip in told["clips"]] == [str(apex) for _, _, apex in pictures]
    for clip, row in zip(told["clips"], kept.outer[1].probabilities[-1][:2], strict=True):
        assert list(clip["probabilities"]) == list(kept.classes)
        np.testing.assert_allclose(list(clip["probabilities"].values()), row, atol=1e-3)
        assert clip["predicted"] == kept.classes[int(row.argmax())]


def test_folds_are_averaged(merbench: Cli, kept: Run, pictures: list[tuple[str, Path, Path]]) -> None:
    def asked(*words: object) -> np.ndarray:
        answer = merbench("predict", folder(kept), *words_of(pictures), *words, "--format", "json")
        return np.array([list(clip["probabilities"].values()) for clip in json.loads(answer.out)["clips"]])

    single = [asked("--fold", fold) for fold in kept.header.folds]
    np.testing.assert_allclose(asked(), np.mean(single, axis=0), atol=1e-5)


@pytest.mark.parametrize("emotion", [True, False])
def test_a_table_needs_no_emotions(
    merbench: Cli, tmp_path: Path, kept: Run, pictures: list[tuple[str, Path, Path]], emotion: bool
) -> None:
    by_files = merbench("predict", folder(kept), *words_of(pictures), "--format", "csv")
    table = table_of(pictures, tmp_path / "clips.csv", emotion=emotion)
    answer = merbench("predict", folder(kept), "--manifest", table, "--format", "csv")
    assert answer.code == 0, answer.err
    rows, others = (list(csv.reader(io.StringIO(text))) for text in (answer.out, by_files.out))
    assert rows[0] == ["clip", "predicted", *kept.classes]
    assert [row[1:] for row in rows] == [row[1:] for row in others]
    assert rows[1][0].startswith("mine/01/")


def test_an_apex_that_is_not_given_is_found_as_in_the_run(
    merbench: Cli, tmp_path: Path, kept: Run, pictures: list[tuple[str, Path, Path]]
) -> None:
    table = table_of(pictures[:1], tmp_path / "clips.csv", apex=False)
    answer = merbench("predict", folder(kept), "--manifest", table)
    assert answer.code == 2
    assert "there is no file for frame" in answer.err  # the middle one, which was not drawn
    assert "apex not annotated in 1 clip: --apex middle" in answer.err


def test_a_table_without_emotions_is_no_table_for_a_run(
    merbench: Cli, tmp_path: Path, pictures: list[tuple[str, Path, Path]]
) -> None:
    table = table_of(pictures, tmp_path / "clips.csv")
    answer = merbench("run", "-m", "majority", "--data", f"manifest={table}", "--runs-dir", tmp_path / "runs")
    assert answer.code == 2
    assert "there is no emotion" in answer.err


def test_files_must_be_those_of_the_moments(
    merbench: Cli, tmp_path: Path, kept: Run, pictures: list[tuple[str, Path, Path]]
) -> None:
    _, onset, apex = pictures[0]
    broken = tmp_path / "broken.png"
    broken.write_bytes(apex.read_bytes()[:500])
    for words, said in [
        ([], "Say which clips"),
        (["--manifest", tmp_path, "--onset", onset], "Say which clips"),
        (["--onset", onset], "sees --onset and --apex of each clip"),
        (["--onset", onset, "--apex", apex, "--apex", apex], "not 1 --onset, 2 --apex"),
        (["--onset", onset, "--apex", apex, "--offset", apex], "as many files of each and no others"),
        (["--onset", onset, "--apex", tmp_path / "nowhere.png"], "there is no such file"),
        (["--onset", onset, "--apex", broken], "cannot be decoded"),
        (["--manifest", tmp_path / "nowhere.csv"], "does not exist"),
        (["--onset", onset, "--apex", apex, "--fold", "synthetic/03x"], "Did you mean 'synthetic/03'"),
        (["--onset", onset, "--apex", apex, "--format", "xml"], "'xml' is not one of 'text', 'csv', 'json', 'megc'"),
    ]:
        answer = merbench("predict", folder(kept), *words)
        assert answer.code == 2, words
        assert said in answer.err, words
        assert answer.out == ""


def test_the_log_of_megc_for_test_clips_that_nobody_labelled(merbench: Cli, tmp_path: Path) -> None:
    table = labelled_table(tmp_path / "data")
    data = ("--data", f"manifest={table}")
    refused = merbench("run", "-m", "mmnet", "-p", "fixed", *data, *TINY, "--out", tmp_path / "fixed")
    assert refused.code == 2
    assert "Test clips without a class are not scored but predicted" in refused.err
    words = re.search(r"run (--protocol.*), then merbench (predict RUN --manifest FILE.csv)", refused.err)
    assert words is not None
    run = tmp_path / "run"
    scheme = ("--scheme", "3-class-megc2019", "--select-epoch", "last", "--out", run)
    trained = merbench("run", "-m", "mmnet", *words[1].split(), *data, *TINY, *scheme)
    assert trained.code == 0, trained.err
    predict = [{"RUN": run, "FILE.csv": table}.get(word, word) for word in words[2].split()]
    answer = merbench("predict", run, "--onset", tmp_path / "a.png", "--format", "megc")
    assert (answer.code, answer.out) == (2, "")
    assert "so it needs a table of them: --manifest FILE.csv" in answer.err
    answer = merbench(*predict, "--format", "megc")
    assert answer.code == 0, answer.err
    assert "The truth of 2 of 8 clips is not in the table: ? in the log." in answer.err
    lines = [line.split() for line in answer.out.splitlines()]
    assert [line for line in lines if len(line) == 2] == [["lab", "1"], ["lab", "2"], ["lab", "9"]]
    assert [line[:2] for line in lines[1:4]] == [["c0", "0"], ["c1", "1"], ["c2", "2"]]
    assert [line[:2] for line in lines[-2:]] == [["c0", "?"], ["c1", "?"]]
    assert {line[2] for line in lines if len(line) == 3} <= {"0", "1", "2"}


def test_the_log_of_megc_is_of_its_classes_whatever_names_the_clips(merbench: Cli, kept: Run, tmp_path: Path) -> None:
    answer = merbench("predict", folder(kept), "--onset", tmp_path / "a.png", "--format", "megc")
    assert (answer.code, answer.out) == (2, "")
    assert "Train it with --scheme 3-class-megc2019, or choose --format csv" in answer.err


def test_names_of_the_log_are_those_of_the_official_list() -> None:
    def clip(dataset: str, subject: str, name: str, onset: int = 1) -> Clip:
        return Clip(dataset=dataset, subject=subject, name=name, onset=onset, apex=None, offset=9)

    clips = [clip("casme2", "01", "EP02_01f"), clip("smic-hs", "s1", "s1_ne_01"), clip("samm", "6", "006_1_2")]
    clips.append(clip("smic-hs", "s11", "s11_po_01"))
    log = megc_log(clips, ["positive", "surprise", "negative", "positive"], ["positive", "negative", "negative", ""])
    assert log.splitlines() == [
        "casme2 sub01", "EP02_01f 1 1", "smic s01", "s01_ne_01 0 2", "samm 006", "006_1_2 0 0", "smic s11",
        "s11_po_01 ? 1",
    ]  # fmt: skip
    with pytest.raises(DataError, match="separates its columns by blanks"):
        megc_log([clip("lab", "a b", "c")], ["positive"], [""])
    with pytest.raises(DataError, match="has no onsets"):
        megc_log([clip("lab", "a", "c"), clip("lab", "a", "c", onset=5)], ["positive"] * 2, [""] * 2)


def test_frames_of_videos_are_predicted_as_the_same_frames_of_a_table(
    merbench: Cli, kept: Run, pictures: list[tuple[str, Path, Path]], tmp_path: Path
) -> None:
    frames = [cv2.imread(str(path)) for path in pictures[0][1:]]
    height, width = frames[0].shape[:2]
    clip = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"MJPG"), 25, (width, height))
    for frame in (frames[0], frames[0], frames[1]):
        writer.write(frame)
    writer.release()
    by_files = merbench("predict", folder(kept), "--onset", f"{clip}#0", "--apex", f"{clip}#2", "--format", "json")
    table = tmp_path / "clips.csv"
    table.write_text("dataset,subject,clip,onset,apex,offset,frames\nlab,1,a,0,2,2,clip.avi\n")
    by_table = merbench("predict", folder(kept), "--manifest", table, "--format", "json")
    assert (by_files.code, by_table.code) == (0, 0), by_files.err + by_table.err
    one, other = (json.loads(answer.out)["clips"][0]["probabilities"] for answer in (by_files, by_table))
    assert one == other
    missing = merbench("predict", folder(kept), "--onset", f"{clip}#0", "--apex", f"{clip}#3")
    assert missing.code == 2
    assert "cannot be decoded at frame 3 of the file, whose frames are 0 to 2;" in missing.err
    bare = merbench("predict", folder(kept), "--onset", clip, "--apex", f"{clip}#2")
    assert "is a video: say which frame of it, counted from 0, as in clip.avi#12" in bare.err


def labelled_table(home: Path) -> Path:
    """Two people with a clip of each class of MEGC 2019 to train on, and a third whose clips have no emotion."""
    home.mkdir()
    rng = np.random.default_rng(0)
    rows = ["dataset,subject,clip,onset,apex,offset,emotion,split,frames"]
    for subject, emotions in (("1", ("disgust", "happy", "surprise")), ("2", ("anger", "happy", "surprise"))):
        rows += [f"lab,{subject},c{n},1,2,3,{emotion},train,{subject}{n}" for n, emotion in enumerate(emotions)]
    rows += [f"lab,9,c{n},1,2,3,,test,9{n}" for n in range(2)]
    for row in rows[1:]:
        frames = home / row.rpartition(",")[2]
        frames.mkdir()
        for number in (1, 2, 3):
            Image.fromarray(rng.integers(0, 255, (40, 40, 3), dtype=np.uint8)).save(frames / f"{number}.png")
    (home / "clips.csv").write_text("\n".join(rows) + "\n")
    return home / "clips.csv"


def test_runs_without_weights_get_a_sentence(
    merbench: Cli, tmp_path: Path, kept: Run, pictures: list[tuple[str, Path, Path]]
) -> None:
    copy = tmp_path / "run"
    shutil.copytree(folder(kept), copy)
    store = Store(copy)
    store.weights("synthetic/01").unlink()
    answer = merbench("predict", copy, *words_of(pictures))
    assert answer.code == 0
    assert "left out: 1 fold without weights: synthetic/01" in answer.err
    assert merbench("predict", copy, *words_of(pictures), "--fold", "synthetic/01").code == 2
    shutil.rmtree(copy / "weights")
    answer = merbench("predict", copy, *words_of(pictures))
    assert answer.code == 2
    assert "has no weights: run the same command again with --keep-weights" in answer.err
    library.run("majority", settings={"dataset.subjects": 3, "dataset.clips": 10}, out=tmp_path / "majority")
    answer = merbench("predict", tmp_path / "majority", *words_of(pictures))
    assert answer.code == 2
    assert "majority has no weights: it is no network" in answer.err


def test_weights_that_are_not_the_runs_own_get_a_sentence(
    merbench: Cli, tmp_path: Path, kept: Run, pictures: list[tuple[str, Path, Path]]
) -> None:
    copy = tmp_path / "run"
    shutil.copytree(folder(kept), copy)
    path = Store(copy).weights("synthetic/01")
    read, content = weights.read(path), path.read_bytes()
    for changed, said in [
        ({"classes": ["a", "b"]}, "is for the classes a, b, but its run is for happiness"),
        ({"run": "another"}, "is of another run than its folder"),
        ({"stands_alone": False}, "is not enough to build the network of mmnet"),
    ]:
        path.write_bytes(save(load(content), {"merbench": json.dumps({**read.facts.as_dict(), **changed})}))
        answer = merbench("predict", copy, *words_of(pictures))
        assert answer.code == 2
        assert said in answer.err
    path.write_bytes(content[:1000])
    answer = merbench("predict", copy, *words_of(pictures))
    assert answer.code == 2
    assert "is no weights file of merbench" in answer.err


def test_a_network_that_sees_flow_is_asked_with_files(merbench: Cli, tmp_path: Path, pictures: Any) -> None:
    settings = {**SMALL, "motion": "flow", "flow": "farneback"}
    run = library.run("mmnet", settings=settings, rules="last", keep_weights=True, out=tmp_path / "run")
    answer = merbench("predict", tmp_path / "run", *words_of(pictures), "--fold", "synthetic/02", "--format", "json")
    assert answer.code == 0, answer.err
    for clip, row in zip(json.loads(answer.out)["clips"], run.outer[1].probabilities[-1][:2], strict=True):
        np.testing.assert_allclose(list(clip["probabilities"].values()), row, atol=1e-3)


def test_the_command_keeps_the_weights_of_networks_alone(merbench: Cli, tmp_path: Path) -> None:
    words = [word for name, value in SMALL.items() if "." in name for word in ("--set", f"{name}={value}")]
    answer = merbench("run", "-m", "majority", *words, "--keep-weights", "--runs-dir", tmp_path)
    assert answer.code == 2
    assert "majority has no weights" in answer.err
    assert not list(tmp_path.iterdir())
    words = [*words, "--set", "epochs=1"]
    answer = merbench("run", "-m", "random", "-m", "mmnet", *words, "--keep-weights", "--runs-dir", tmp_path)
    assert answer.code == 0, answer.err
    assert "--keep-weights: random is no network and has none to keep" in answer.err
    assert next(path.parent.name for path in tmp_path.glob("*/weights")).startswith("mmnet")
