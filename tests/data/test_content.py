"""One byte changed in any file that an input is made from: seen by fingerprints, by the cache and by a resume."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import merbench
from merbench.data import content
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.datasets.manifest import Manifest
from merbench.errors import StoreError
from merbench.inputs.flow import Flow
from merbench.inputs.landmarks import Landmarks
from merbench.inputs.prepare_arrays import prepare_array
from merbench.results.provenance import frames_fingerprint

HEADER = "dataset,subject,clip,onset,apex,offset,emotion,frames,landmarks,flow"
FILES = {"frame": "1/frames/2.bmp", "landmarks": "1/points/2.npy", "flow.npy": "1/flow.npy", "flow.png": "2/flow.png"}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = []
    for clip, (emotion, flow) in enumerate([("happy", "npy"), ("sad", "png"), ("happy", "npy"), ("sad", "png")], 1):
        home = tmp_path / str(clip)
        for folder in ("frames", "points"):
            (home / folder).mkdir(parents=True)
        for number in (1, 2, 3):
            Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(home / f"frames/{number}.bmp")
            np.save(home / f"points/{number}.npy", rng.uniform(4, 28, (68, 2)).astype(np.float32))
        if flow == "npy":
            np.save(home / "flow.npy", rng.normal(size=(3, 28, 28)).astype(np.float32))
        else:
            Image.fromarray(rng.integers(0, 256, (28, 28, 3), dtype=np.uint8)).save(home / "flow.png")
        rows.append(f"lab,{clip % 2},{clip},1,2,3,{emotion},{clip}/frames,{clip}/points,{clip}/flow.{flow}")
    (tmp_path / "clips.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return tmp_path / "clips.csv"


def _source(table: Path) -> Source:
    return Source(dataset=Manifest(), root=table)


def _fingerprint(table: Path) -> str:
    source = _source(table)
    return frames_fingerprint(labelled([source], None, "middle").as_clips(), {"lab": source})["lab"]


def _change_one_byte(path: Path) -> None:
    held = bytearray(path.read_bytes())
    held[-8] ^= 1
    path.write_bytes(held)


@pytest.mark.parametrize("kind", FILES)
def test_one_byte_changes_the_fingerprint(table: Path, kind: str) -> None:
    before = _fingerprint(table)
    assert _fingerprint(table) == before
    _change_one_byte(table.parent / FILES[kind])
    assert _fingerprint(table) != before


def test_a_change_that_keeps_size_and_time_is_seen(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "_SETTLED_NS", -(10**15))  # as of files that were written long ago
    path = table.parent / FILES["frame"]
    facts = path.stat()
    before = _fingerprint(table)
    _change_one_byte(path)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert path.stat().st_mtime_ns == facts.st_mtime_ns
    assert _fingerprint(table) != before


def test_frames_between_the_key_frames_count_however_large_the_data(tmp_path: Path) -> None:
    (tmp_path / "clip").mkdir()
    for number in range(1, 8):
        Image.fromarray(np.full((8, 8, 3), number, np.uint8)).save(tmp_path / f"clip/{number}.bmp")
    (tmp_path / "clips.csv").write_text(
        "dataset,subject,clip,onset,apex,offset,emotion,frames\nlab,1,a,1,4,7,happy,clip\nlab,2,b,1,4,7,sad,clip\n"
    )
    before = _fingerprint(tmp_path / "clips.csv")
    _change_one_byte(tmp_path / "clip/2.bmp")
    assert _fingerprint(tmp_path / "clips.csv") != before


def test_the_folder_and_the_time_of_the_files_do_not_count(
    table: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    moved = tmp_path_factory.mktemp("elsewhere") / "data"
    before = _fingerprint(table)
    table.parent.rename(moved)
    (moved / "1/flow.npy").touch()
    assert _fingerprint(moved / "clips.csv") == before


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        ("landmarks", Landmarks(at=("onset", "apex"), size=(32, 32))),
        ("flow.npy", Flow(size=(28, 28), strain=True)),
        ("flow.png", Flow(size=(28, 28), strain=True)),
    ],
)
def test_no_input_of_the_old_bytes_is_served_from_the_cache(table: Path, kind: str, declared: Landmarks | Flow) -> None:
    def values() -> np.ndarray:
        clips = labelled([_source(table)], None, "middle").as_clips()
        prepared, failed = prepare_array(clips, {"lab": _source(table)}, declared)
        assert not failed
        return np.array(prepared.values)

    before = values()
    path = table.parent / FILES[kind]
    if kind == "landmarks":
        np.save(path, np.load(path) + 1)
    else:
        _change_pixels(path)
    changed = values()
    assert (before != changed).reshape(4, -1).any(1).sum() == 1


def _change_pixels(path: Path) -> None:
    if path.suffix == ".npy":
        np.save(path, -np.load(path))
    else:
        Image.fromarray(255 - np.asarray(Image.open(path))).save(path)


@pytest.mark.parametrize("kind", FILES)
def test_a_run_is_not_resumed_on_other_bytes(table: Path, tmp_path: Path, kind: str) -> None:
    def run() -> merbench.Run:
        return merbench.run("majority", "loso", "manifest", data={"manifest": table}, runs=tmp_path / "runs")

    first = run()
    assert run().path == first.path
    _change_one_byte(table.parent / FILES[kind])
    with pytest.raises(StoreError, match="frames"):
        run()
