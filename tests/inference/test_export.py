"""Exported networks: read back with equal probabilities, without names of real people, as a model repository."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open

import merbench
from merbench.errors import StoreError, UsageError
from merbench.inference.export import export_run
from merbench.inference.new_clips import from_table
from merbench.inference.predict import Predictor
from merbench.registry import datasets
from merbench.results.loading import load_result
from merbench.results.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    few = {"epochs": 1, "dataset.subjects": 3, "dataset.clips": 5}
    out = tmp_path_factory.mktemp("runs") / "run"
    return merbench.run("ststnet", settings=few, rules=("last", "oracle"), device="cpu", keep_weights=True, out=out)


@pytest.fixture
def real(run: Run, tmp_path: Path) -> Run:
    """The same run, said to be of real faces."""
    assert run.path is not None
    shutil.copytree(run.path, tmp_path / "real")
    header = tmp_path / "real" / "run.json"
    content = json.loads(header.read_text("utf-8"))
    header.write_text(json.dumps({**content, "drawn": False}), "utf-8")
    return Run.load(tmp_path / "real")


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """A table of two clips of noise."""
    generator = np.random.default_rng(0)
    for clip in ("a", "b"):
        (tmp_path / clip).mkdir()
        for number in (1, 2, 3):
            picture = generator.integers(0, 255, (64, 64, 3), dtype=np.uint8)
            Image.fromarray(picture).save(tmp_path / clip / f"img{number}.png")
    lines = ["dataset,subject,clip,onset,apex,offset,emotion,frames"]
    lines += [f"mine,s1,{clip},1,2,3,happiness,{clip}/img{{number}}.png" for clip in ("a", "b")]
    (tmp_path / "clips.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path / "clips.csv"


def test_what_is_exported_predicts_as_the_run(real: Run, clips: Path, tmp_path: Path) -> None:
    run = real
    assert run.path is not None
    exported = export_run(run.path, tmp_path / "out")
    assert exported.missing == ()
    wanted, sources, _ = from_table(datasets.get("manifest")(), clips, "middle")
    one, two = (Predictor(path, device="cpu").predict(wanted, sources) for path in (run.path, tmp_path / "out"))
    assert np.allclose(one.probabilities, two.probabilities, atol=1e-6)  # folds are in another order
    assert load_result(tmp_path / "out" / "record.json").by_rule["last"].scores.uf1 == pytest.approx(run.scores().uf1)


def test_a_repository_has_metadata_and_no_name_of_a_subject_or_a_place(real: Run, tmp_path: Path) -> None:
    run = real
    assert run.path is not None
    export_run(run.path, tmp_path / "out")
    _, head, body = (tmp_path / "out" / "README.md").read_text("utf-8").split("---\n", 2)
    yaml = pytest.importorskip("yaml")
    metadata = yaml.safe_load(head)
    assert metadata["library_name"] == "merbench"
    [result] = metadata["model-index"][0]["results"]
    assert result["metrics"][0]["value"] == pytest.approx(run.scores().uf1, abs=1e-4)
    assert "merbench predict" in body
    files = sorted((tmp_path / "out" / "weights").iterdir())
    assert len(files) == 3
    with safe_open(files[0], "pt") as read:
        facts = json.loads(read.metadata()["merbench"])
        assert facts["run"] == run.header.identity
        assert len(list(read.keys())) > 0
    texts = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    secret = [name.encode() for fold in run.keys for name in (*fold, str(tmp_path))]
    secret += [f'"{fold}"'.encode() for fold in run.header.folds]
    assert [name for name in secret for text in texts if name in text] == []


@pytest.mark.filterwarnings("ignore")  # torch's own, of its exporter
def test_onnx_gives_what_torch_gives(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="pip install merbench[onnx]")
    onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    assert run.path is not None
    export_run(run.path, tmp_path / "out", onnx=True)
    files = sorted((tmp_path / "out" / "onnx").iterdir())
    assert len(files) == 3
    onnx.checker.check_model(str(files[0]))
    session = onnxruntime.InferenceSession(str(files[0]), providers=["CPUExecutionProvider"])
    assert [each.name for each in session.get_inputs()] == ["flow"]


def test_what_cannot_be_exported_is_refused_before_a_file_is_written(run: Run, tmp_path: Path) -> None:
    assert run.path is not None
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(StoreError, match="not empty"):
        export_run(run.path, tmp_path / "full")
    few = {"dataset.subjects": 3, "dataset.clips": 5}
    plain = merbench.run("majority", settings=few, out=tmp_path / "plain")
    assert plain.path is not None
    with pytest.raises(UsageError, match="no network"):
        export_run(plain.path, tmp_path / "out")
    without = merbench.run("ststnet", settings={**few, "epochs": 1}, out=tmp_path / "without", device="cpu")
    assert without.path is not None
    with pytest.raises(StoreError, match="--keep-weights"):
        export_run(without.path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_onnx_that_is_not_installed_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run.path is not None
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"merbench\[onnx\]"):
        export_run(run.path, tmp_path / "out", onnx=True)
    assert not (tmp_path / "out").exists()
