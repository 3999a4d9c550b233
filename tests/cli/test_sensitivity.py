"""`merbench sensitivity`: what is run, that it resumes, what the table says, and that its runs are never ranked."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import merbench as library
from merbench.analysis.statistics import against_first, method_runs
from merbench.errors import FrameError

Cli = Callable[..., Any]
TINY = ["--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--alignments", ""]


def test_each_change_is_run_compared_and_taken_up_again(merbench: Cli, tmp_path: Path) -> None:
    words = ["sensitivity", "-m", "flow-svm", "--flips", "0.3", "--shifts", "3", *TINY, "--seeds", "3",
             "--runs-dir", tmp_path / "runs", "--out", tmp_path / "table.csv"]  # fmt: skip
    answer = merbench(*words)
    assert answer.code == 0, answer.err
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert [row["setting"] for row in rows] == [
        "as annotated", "30 % of training labels flipped", "apex 3 frames earlier", "apex 3 frames later",
        "every apex spotted",
    ]  # fmt: skip
    runs = [library.Run.load(path) for path in (tmp_path / "runs").iterdir()]
    assert len(runs) == 15
    flipped = [run for run in runs if (run.header.description.perturbed or {}).get("label_flips")]
    plain = [run for run in runs if run.header.description.perturbed is None and run.header.apex_policy == "middle"]
    assert (len(flipped), len(plain)) == (3, 3)
    truth = {key: label for one in plain[0].outer for key, label in zip(one.keys, one.truth, strict=True)}
    assert all(truth[key] == label for one in flipped[0].outer for key, label in zip(one.keys, one.truth, strict=True))
    [pair] = against_first([method_runs("a", plain), method_runs("b", flipped)]).pairs
    assert float(rows[1]["UF1 difference"]) == pytest.approx(pair.difference, abs=6e-4)
    again = merbench(*words)
    assert again.code == 0
    assert "3 trainings kept from an earlier start" in again.err


def test_a_check_names_the_settings_and_writes_nothing(merbench: Cli, tmp_path: Path) -> None:
    words = ["sensitivity", "-m", "ststnet", "--flips", "0.3", "--shifts", "", "--no-spot", *TINY, "--seeds", "2",
             "--set", "epochs=2", "--device", "cpu", "--runs-dir", tmp_path / "runs", "--check"]  # fmt: skip
    answer = merbench(*words)
    assert answer.code == 0, answer.err
    assert "2 settings, 4 runs: as annotated; 30 % of training labels flipped" in answer.err
    assert answer.err.count("expected duration: about ") == 2
    assert "check: sound so far" in answer.out
    assert not (tmp_path / "runs").exists()
    refused = merbench(*words[:-1], "--flips", "3", "--check")
    assert refused.code == 2
    assert "flips=3 is not possible" in refused.err


def test_changed_clips_are_never_ranked_and_named(merbench: Cli, tmp_path: Path) -> None:
    study = library.sensitivity(
        "majority", flips=(0.5,), shifts=(1,), spot=False, alignments=(), seeds=1, runs=tmp_path,
        settings={"dataset.subjects": 3, "dataset.clips": 5},
    )  # fmt: skip
    [flipped] = study.runs["50 % of training labels flipped"]
    assert flipped.header.description.unranked == "clips changed on purpose"
    [own] = study.runs["as annotated"]
    assert own.header.description.unranked == ""
    assert "perturbed" not in own.record().as_dict()["description"]
    assert "label_flips" not in own.record().as_dict()["spec"]
    assert len({run.header.description.group for same in study.runs.values() for run in same}) == 4
    shown = merbench("show", flipped.path, "--table", "scores")
    assert "majority (label_flips=0.5)" in shown.out
    file = tmp_path / "again.toml"
    file.write_text(merbench("show", flipped.path, "--config").out)
    assert "label_flips = 0.5" in file.read_text()
    repeated = merbench("run", file, "--runs-dir", tmp_path)
    assert repeated.code == 0, repeated.err
    assert str(flipped.path) in repeated.out


def test_flipped_labels_reach_the_training(tmp_path: Path) -> None:
    """A majority of wrong labels changes what the majority is, whatever the clips show."""
    study = library.sensitivity(
        "flow-svm", flips=(1.0,), shifts=(), spot=False, alignments=(), seeds=1, runs=tmp_path,
        settings={"dataset.subjects": 4, "dataset.clips": 10},
    )  # fmt: skip
    [own], [wrong] = study.runs["as annotated"], study.runs["100 % of training labels flipped"]
    assert wrong.scores().uf1 < own.scores().uf1 - 0.3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--flips", "2"], "flips=2 is not possible: it must be a share of the clips"),
        (["--flips", "many"], "--flips many is not possible: name shares of the clips"),
        (["--shifts", "0"], "shifts=0 is not possible: it must be a whole number of frames from 1"),
        (["--shifts", "1.5"], "--shifts 1.5 is not possible"),
        (["--flips", "", "--shifts", "", "--no-spot"], "Nothing is changed"),
        (["--alignments", "dlib-70"], "alignment=dlib-70 is not possible"),
        (["--vary", "apex=1"], "--vary apex=1 is not possible: name the most that key frames are shifted by"),
        (["--vary", "keyframe_noise=1.5"], "keyframe_noise=1.5 is not possible"),
        (["--vary", "keyframe_noise=1", "--keyframe-noise", "2"], "keyframe_noise=2 is given beside values to vary"),
    ],
)
def test_mistakes_get_a_sentence_before_anything_runs(
    merbench: Cli, tmp_path: Path, words: list[str], sentence: str
) -> None:
    answer = merbench("sensitivity", "-m", "majority", *TINY, *words, "--runs-dir", tmp_path / "runs")
    assert (answer.code, sentence in answer.err) == (2, True), answer.err
    assert not (tmp_path / "runs").exists()


DETECTION = "merbench.inputs.alignment.landmark_detection"
FEW = ["--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--flips", "", "--shifts", "", "--no-spot"]


def test_alignments_without_what_detects_landmarks_are_refused_or_left_out(
    merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{DETECTION}.importlib.util.find_spec", lambda name: None)
    words = ["sensitivity", "-m", "majority", *FEW, "--seeds", "1", "--runs-dir", tmp_path / "runs"]
    sentence = (
        "Detecting landmarks needs dlib and face_recognition_models, not installed here; install them with: "
        'pip install "merbench[align]".'
    )
    named = merbench(*words, "--alignments", "dlib-68-ststnet")
    assert (named.code, named.err, (tmp_path / "runs").exists()) == (2, f"merbench: {sentence}\n", False)
    free = merbench(*words, "--flips", "0.5")
    assert free.code == 0, free.err
    assert f"alignment dlib-68 left out: {sentence}" in free.err
    assert "labels flipped" in free.out
    assert "alignment dlib" not in free.out


@pytest.mark.parametrize("faceless", [0, 2, 15])
def test_an_alignment_is_a_row_unless_no_face_was_detected(
    merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faceless: int
) -> None:
    seen = 0

    def box(frame: np.ndarray) -> np.ndarray:
        nonlocal seen
        seen += 1
        if seen <= faceless:
            raise FrameError("no face is detected in the frame.")
        height, width = frame.shape[:2]
        points = np.full((68, 2), (width / 2, height / 2), np.float32)
        points[[0, 16, 8, 19]] = [(0.2 * width, height / 2), (0.8 * width, height / 2),
                                  (width / 2, 0.9 * height), (width / 2, 0.2 * height)]  # fmt: skip
        points[36:42], points[42:48] = (0.35 * width, 0.4 * height), (0.65 * width, 0.4 * height)
        return points

    monkeypatch.setattr(f"{DETECTION}.detect_landmarks", box)
    monkeypatch.setattr("merbench.inputs.alignment.spec.require_detection", lambda: None)
    monkeypatch.setattr("merbench.inputs.worker_pool._WORTH_WORKERS", 100)  # workers would not have the box
    monkeypatch.setenv("MERBENCH_CACHE", str(tmp_path / "cache"))
    answer = merbench("sensitivity", "-m", "flow-svm", *FEW, "--seeds", "1", "--runs-dir", tmp_path / "runs",
                      "--alignments", "dlib-68", "--out", tmp_path / "table.csv")  # fmt: skip
    assert answer.code == 0, answer.err
    own, *aligned = csv.DictReader((tmp_path / "table.csv").read_text().splitlines())
    if faceless == 15:
        assert not aligned
        assert "alignment dlib-68: not compared, as no clip could be aligned" in answer.err
        return
    [row] = aligned
    assert float(row["UF1"]) - float(own["UF1"]) == pytest.approx(float(row["UF1 difference"]), abs=1.1e-3)
    one, other = (library.Run.load(path).outer[0].probabilities for path in (tmp_path / "runs").iterdir())
    assert not np.array_equal(one, other)
    note = "alignment dlib-68: 2 of 15 clips stay as distributed, no face was detected.\n"
    assert (note in answer.out) == (faceless == 2)


def test_the_curve_over_key_frame_noise_has_its_rows_alone_and_goes_on(merbench: Cli, tmp_path: Path) -> None:
    words = ["sensitivity", "-m", "flow-svm", "--vary", "keyframe_noise=0,2,0.25", "--keyframe-noise-side", "test",
             "--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--seeds", "1",
             "--runs-dir", tmp_path / "runs", "--out", tmp_path / "table.csv"]  # fmt: skip
    answer = merbench(*words)
    assert answer.code == 0, answer.err
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert [row["setting"] for row in rows] == [
        "as annotated",
        "key frames shifted by up to 2 frames, in testing alone",
        "key frames shifted by up to 25 % of the rise, in testing alone",
    ]
    assert all(row["from"] for row in rows[1:])
    noisy = [path for path in (tmp_path / "runs").iterdir() if library.Run.load(path).header.description.perturbed]
    assert len(noisy) == 2
    again = library.sensitivity("flow-svm", flips=(), shifts=(), spot=False, alignments=(), keyframes=(2,), seeds=1,
                                settings={"dataset.subjects": 3, "dataset.clips": 5}, runs=tmp_path / "runs",
                                keyframe_noise_side="test")  # fmt: skip
    assert {run.path for runs in again.runs.values() for run in runs} < set((tmp_path / "runs").iterdir())
    shown = merbench("show", noisy[0])
    assert "changed on purpose: keyframe_noise" in shown.out
    assert "keyframe_noise_side=test" in shown.out
    file = tmp_path / "again.toml"
    file.write_text(merbench("show", noisy[0], "--config").out)
    assert str(noisy[0]) in merbench("run", file, "--runs-dir", tmp_path / "runs").out


def test_spotting_is_said_and_so_are_changes_that_a_method_cannot_see(merbench: Cli, tmp_path: Path) -> None:
    words = ["sensitivity", "-m", "majority", "--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--seeds", "1"]
    answer = merbench(*words, "--flips", "0.5", "--shifts", "1", "--alignments", "", "--runs-dir", tmp_path / "runs")
    assert answer.code == 0, answer.err
    said = " ".join(answer.err.split())
    assert "every apex spotted: the frame that moved furthest is taken, for which all frames are read" in said
    assert (
        "majority sees no frames, so these change none of its scores: apex 1 frame earlier; apex 1 frame later; every "
        "apex spotted" in said
    )
    assert "flipped" not in said.partition("sees no frames")[2].partition("spotted")[0]
