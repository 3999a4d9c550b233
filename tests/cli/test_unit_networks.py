"""Networks of action units: what they predict of new clips, exported, and started from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from merbench import Run
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.registry import datasets

Cli = Callable[..., Any]
SMALL = {"dataset.subjects": 3, "dataset.clips": 8}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on three units that kept its networks."""
    import merbench

    path = tmp_path_factory.mktemp("units") / "run"
    settings = {**SMALL, "epochs": 20, "class_weights": "balanced", "scheme.units": "1,4,12"}
    merbench.run("ststnet", dataset="synthetic-f", settings=settings, device="cpu", keep_weights=True, out=path)
    return path


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory, kept: Path) -> Path:
    """A table, without emotions, of the clips that the second fold held out."""
    folder, kind = tmp_path_factory.mktemp("clips"), datasets.get("synthetic-f")
    dataset = kind(kind.Parameters().changed({"subjects": 3, "clips": 8}))
    clips = {clip.key: clip for clip in labelled([Source(dataset=dataset)], "au=1,4,12", "middle").as_clips()}
    rows = []
    for key in Run.load(kept).outer[1].keys:
        clip = clips[key]
        moments = [clip.moment("onset"), clip.moment("apex"), clip.moment("offset")]
        (folder / clip.name).mkdir()
        for number, frame in zip(moments, dataset.read(None, clip, moments), strict=True):
            Image.fromarray(frame).save(folder / clip.name / f"{number}.png")
        rows.append(["mine", "s1", clip.name, *moments, clip.name])
    with (folder / "clips.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["dataset", "subject", "clip", "onset", "apex", "offset", "frames"], *rows])
    return folder / "clips.csv"


def test_the_networks_say_of_new_clips_what_they_said_of_the_held_out_ones(
    merbench: Cli, kept: Path, table: Path
) -> None:
    answer = merbench(
        "predict", kept, "--manifest", table, "--fold", "synthetic-f/02", "--format", "json", "--device", "cpu"
    )
    assert answer.code == 0, answer.err
    run = Run.load(kept)
    clips, expected = json.loads(answer.out)["clips"], run.outer[1].probabilities[-1]
    assert len(clips) == len(expected) == 8
    for clip, row in zip(clips, expected, strict=True):
        assert list(clip["probabilities"]) == ["AU1", "AU4", "AU12"]
        np.testing.assert_allclose(list(clip["probabilities"].values()), row, atol=1e-3)
        above = [name for name, value in clip["probabilities"].items() if value > 0.5]
        assert clip["predicted"] == ("+".join(above) or "none")
    assert len({clip["predicted"] for clip in clips}) > 1


def test_a_table_has_a_column_a_unit_of_the_mean_over_folds(merbench: Cli, kept: Path, table: Path) -> None:
    def columns(*words: object) -> tuple[list[str], np.ndarray]:
        answer = merbench("predict", kept, "--manifest", table, *words, "--format", "csv", "--device", "cpu")
        assert answer.code == 0, answer.err
        head, *rows = csv.reader(io.StringIO(answer.out))
        return head, np.array([row[2:] for row in rows], dtype=float)

    head, mean = columns()
    assert head == ["clip", "predicted", "AU1", "AU4", "AU12"]
    each = [columns("--fold", fold)[1] for fold in Run.load(kept).header.folds]
    np.testing.assert_allclose(mean, np.mean(each, axis=0), atol=2e-3)


def test_the_log_of_a_challenge_of_classes_is_refused(merbench: Cli, kept: Path, table: Path) -> None:
    answer = merbench("predict", kept, "--format", "megc")
    assert answer.code == 2
    assert "--format megc serves single-label tasks, but this one is multi-label: choose --format csv." in " ".join(
        answer.err.split()
    )
    assert answer.out == ""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, kept: Path) -> Path:
    from merbench.inference.export import export_run

    out = tmp_path_factory.mktemp("exported") / "out"
    export_run(kept, out)
    return out


def test_an_exported_folder_predicts_as_its_run(merbench: Cli, kept: Path, exported: Path, table: Path) -> None:
    one, two = (
        merbench("predict", path, "--manifest", table, "--format", "csv", "--device", "cpu")
        for path in (kept, exported)
    )
    assert one.code == two.code == 0, one.err + two.err
    assert one.out == two.out
    card = (exported / "README.md").read_text("utf-8")
    yaml = pytest.importorskip("yaml")
    [result] = yaml.safe_load(card.split("---\n")[1])["model-index"][0]["results"]
    stated = {metric["name"].rsplit(",", 2)[0]: metric["value"] for metric in result["metrics"]}
    assert stated["mean F1"] == pytest.approx(Run.load(kept).scores().headline, abs=1e-4)
    assert "UF1" not in card
    assert "The sigmoid of each output is the probability of one of the action units" in " ".join(card.split())


def test_an_exported_folder_starts_another_run(merbench: Cli, exported: Path, tmp_path: Path) -> None:
    run = (
        "run", "-m", "ststnet", "--dataset", "synthetic-e", "--set", "dataset.subjects=2", "--set", "dataset.clips=6",
        "--set", "epochs=1", "--weights", exported, "--device", "cpu", "--runs-dir", tmp_path / "runs",
    )  # fmt: skip
    other = merbench(*run, "--set", "scheme.units=1,4")
    assert other.code == 2
    assert "its networks are for the classes AU1, AU4, AU12, and the run is for AU1, AU4" in " ".join(other.err.split())
    answer = merbench(*run, "--set", "scheme.units=1,4,12", "--out", tmp_path / "run")
    assert answer.code == 0, answer.err
    assert Run.load(tmp_path / "run").header.description.start is not None


@pytest.mark.filterwarnings("ignore")  # torch's own, of its exporter
def test_onnx_gives_the_logits_of_each_unit(merbench: Cli, kept: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="pip install merbench[onnx]")
    onnxruntime = pytest.importorskip("onnxruntime")
    answer = merbench("export", kept, "--out", tmp_path / "out", "--onnx")
    assert answer.code == 0, answer.err
    files = sorted((tmp_path / "out" / "onnx").iterdir())
    assert len(files) == 3
    session = onnxruntime.InferenceSession(str(files[0]), providers=["CPUExecutionProvider"])
    assert session.get_outputs()[0].shape[-1] == 3
