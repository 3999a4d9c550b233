"""Inputs made elsewhere: what a file holds is delivered as it stands, or refused in a sentence."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from merbench.data.flow_files import read_flow
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.data.verification import check
from merbench.datasets.manifest import Manifest
from merbench.errors import FrameError
from merbench.inputs.flow import Flow
from merbench.inputs.prepare_arrays import prepare_array

FLOW = np.random.default_rng(3).normal(0, 4, (28, 30, 3))
LEVELS = np.random.default_rng(4).integers(0, 256, (28, 30, 3), dtype=np.uint8)


def test_an_archive_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.npy").open("wb") as file:
        np.savez(file, a=FLOW)
    with pytest.raises(FrameError, match="must be one array, but it is an archive of several"):
        read_flow(tmp_path / "a.npy")
    (tmp_path / "b.npy").mkdir()
    for name in ("b.npy", "c.npy", "c.png"):
        with pytest.raises(FrameError, match=f"{name}"):
            read_flow(tmp_path / name)


def test_a_picture_of_one_channel_and_an_array_of_bytes_are_explained(tmp_path: Path) -> None:
    Image.fromarray(LEVELS[..., 0]).save(tmp_path / "grey.png")
    with pytest.raises(FrameError, match="must have three channels, u in red, v in green and strain in blue, but this"):
        read_flow(tmp_path / "grey.png")
    np.save(tmp_path / "bytes.npy", LEVELS)
    with pytest.raises(FrameError, match=r"array of bytes \(uint8\), which cannot be displacements in pixels; "):
        read_flow(tmp_path / "bytes.npy")


def test_a_check_says_which_level_is_no_motion(tmp_path: Path) -> None:
    levels = np.full((28, 30, 3), 128, dtype=np.uint8)
    Image.fromarray(levels).save(tmp_path / "plain.png")
    levels[0, 0], levels[0, 1] = 0, 255
    Image.fromarray(levels).save(tmp_path / "stretched.png")
    Image.fromarray(LEVELS[..., 0]).save(tmp_path / "grey.png")
    rows = [f"lab,{name},x,,,,happy,{name}.png" for name in ("plain", "stretched", "grey")]
    (tmp_path / "all.csv").write_text("\n".join(["dataset,subject,clip,onset,apex,offset,emotion,flow", *rows]))
    report = check(Source(dataset=Manifest(), root=tmp_path / "all.csv"), read_frames=True)
    refused, known = (each for each in report.findings if each.what == "precomputed: flow, content")
    assert refused.verdict == "differs"
    assert "grey.png" in refused.about[0]
    assert "1 pictures of 30x28 (u, v, strain), where u and v of 128 are no motion" in known.detail
    assert "each channel stretched to 0..255: no level stands for no motion" in known.detail


def _bytes(form: str) -> bytes:
    buffer = io.BytesIO()
    if form == "npy":
        np.save(buffer, FLOW)
    else:
        Image.fromarray(LEVELS).save(buffer, form)
    return buffer.getvalue()


@settings(max_examples=150)
@given(
    form=st.sampled_from(["npy", "png", "bmp"]),
    cut=st.floats(0, 1),
    swaps=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=4),
    near=st.booleans(),
)
def test_any_damage_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, form: str, cut: float, swaps: list[tuple[float, int]], near: bool
) -> None:
    content = bytearray(_bytes(form))
    for at, value in swaps:
        content[int(at * (128 if near else len(content)))] = value
    path = tmp_path_factory.getbasetemp() / f"damaged.{form}"
    path.write_bytes(content[: round(cut * len(content))] if not near else content)
    try:
        read = read_flow(path)
    except FrameError:
        return
    assert read.shape[0] in (2, 3)
    assert np.isfinite(read).all()


def test_a_named_flow_that_is_not_there_fails_its_clip_alone(tmp_path: Path) -> None:
    lines = ["dataset,subject,clip,onset,apex,offset,emotion,flow", "a,1,x,1,2,3,happy,1.npy", "b,1,x,1,2,3,sad,2.npy"]
    (tmp_path / "all.csv").write_text("\n".join(lines))
    np.save(tmp_path / "1.npy", FLOW)
    source = Source(dataset=Manifest(), root=tmp_path / "all.csv")
    clips = labelled([source], None, "middle").as_clips()
    sources = dict.fromkeys(source.dataset.dataset_names(source.root), source)
    prepared, failed = prepare_array(clips, sources, Flow(size=(28, 30), strain=True))
    np.testing.assert_allclose(prepared.values[0], np.moveaxis(FLOW, 2, 0).astype(np.float32), rtol=1e-6)
    assert list(failed) == ["b/1/x/1"]
    assert "line 3: flow is '2.npy', but there is no such file" in failed["b/1/x/1"]
