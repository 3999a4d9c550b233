"""Frames, videos, flow and landmarks of any bytes: arrays as promised, or a refusal that names the file.

``MERBENCH_FUZZ=50 pytest tests/fuzzing`` tries fifty times as many examples, and new ones each time.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np
from PIL import Image

from merbench._files.images import decode
from merbench._files.videos import frame_count, read_video
from merbench.annotations.clips import Clip
from merbench.data.flow_files import read_flow, read_picture
from merbench.datasets.manifest import Manifest
from merbench.errors import FrameError

FACTOR = int(os.environ.get("MERBENCH_FUZZ", "1"))
LIGHT = settings(max_examples=80 * FACTOR, suppress_health_check=[HealthCheck.function_scoped_fixture])
SHARE = st.floats(0, 1, exclude_max=True)
#: How a file is damaged: bytes replaced, a piece taken out, a piece put in, the rest cut off.
DAMAGE = st.tuples(
    st.lists(st.tuples(SHARE, st.integers(0, 255)), max_size=4),
    st.tuples(SHARE, st.integers(0, 12)),
    st.tuples(SHARE, st.binary(max_size=12)),
    st.none() | SHARE,
)
Damage = tuple[list[tuple[float, int]], tuple[float, int], tuple[float, bytes], float | None]


def damaged(content: bytes, damage: Damage) -> bytes:
    swaps, (gap, length), (place, more), kept = damage
    changed = bytearray(content)
    for at, value in swaps:
        changed[int(at * len(changed))] = value
    start = int(gap * len(changed))
    del changed[start : start + length]
    middle = int(place * len(changed))
    changed[middle:middle] = more
    return bytes(changed if kept is None else changed[: int(kept * len(changed))])


def picture(kind: str, mode: str) -> bytes:
    rng = np.random.default_rng(len(kind) + len(mode))
    image = Image.fromarray(rng.integers(0, 255, (9, 12, 3), dtype=np.uint8)).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


PICTURES = {
    **{f"{mode}.png": picture("PNG", mode) for mode in ("RGB", "L", "P", "RGBA")},
    "RGB.jpg": picture("JPEG", "RGB"),
    "L.bmp": picture("BMP", "L"),
    "RGB.bmp": picture("BMP", "RGB"),
    "RGB.tif": picture("TIFF", "RGB"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_damaged_picture(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PICTURES[name])
    whole = decode(path)

    @LIGHT
    @given(damage=DAMAGE)
    def check(damage: Damage) -> None:
        path.write_bytes(damaged(PICTURES[name], damage))
        for read in (decode, read_picture):
            try:
                pixels = read(path)
            except FrameError as refusal:
                assert str(path) in str(refusal)  # noqa: PT017
                continue
            assert 3 in (pixels.shape[0], pixels.shape[2])
            if read is decode and name.endswith(".png"):  # whose checksums show every change of a pixel
                np.testing.assert_array_equal(pixels, whole)

    check()


def test_a_damaged_video(tmp_path: Path) -> None:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (16, 16))
    for place in range(4):
        writer.write(np.full((16, 16, 3), 60 * place, np.uint8))
    writer.release()
    content = path.read_bytes()

    @settings(LIGHT, max_examples=25 * FACTOR)
    @given(damage=DAMAGE)
    def check(damage: Damage) -> None:
        path.write_bytes(damaged(content, damage))
        try:
            count = frame_count(path)
            frames = read_video(path, [0, count - 1])
        except FrameError as refusal:
            assert str(path) in str(refusal)  # noqa: PT017
            return
        assert all(frame.dtype == np.uint8 and frame.ndim == 3 and frame.shape[2] == 3 for frame in frames)
        with pytest.raises(FrameError):
            read_video(path, [count])

    check()


SHAPES = st_np.array_shapes(min_dims=1, max_dims=4, max_side=4) | st.sampled_from([(2, 3, 4), (3, 4, 4), (5, 4, 2)])
KINDS = st.sampled_from(["u1", "i1", "i4", "f2", "f4", "f8", ">f8", "c8", "?", "U2", "M8[s]"])


@LIGHT
@given(array=KINDS.flatmap(lambda kind: st_np.arrays(kind, SHAPES)))
def test_any_array_as_flow(tmp_path: Path, array: np.ndarray) -> None:
    path = tmp_path / "flow.npy"
    np.save(path, array)
    try:
        flow = read_flow(path)
    except FrameError as refusal:
        assert str(path) in str(refusal)  # noqa: PT017
        usual = array.ndim == 3 and {2, 3} & {array.shape[0], array.shape[2]} and array.dtype.kind in "fi"
        with np.errstate(over="ignore"):
            assert not usual or not np.isfinite(array.astype(np.float32)).all()
        return
    assert flow.dtype == np.float32
    expected = array if array.shape[0] in (2, 3) else array.transpose(2, 0, 1)
    np.testing.assert_array_equal(flow, expected.astype(np.float32))


@LIGHT
@given(damage=DAMAGE)
def test_a_damaged_array_as_flow(tmp_path: Path, damage: Damage) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.ones((2, 3, 4), np.float32))
    path = tmp_path / "flow.npy"
    path.write_bytes(damaged(buffer.getvalue(), damage))
    try:
        flow = read_flow(path)
    except FrameError as refusal:
        assert str(path) in str(refusal)  # noqa: PT017
        return
    assert flow.ndim == 3
    assert np.isfinite(flow).all()


@LIGHT
@given(
    array=KINDS.flatmap(lambda kind: st_np.arrays(kind, st.just((68, 2)) | SHAPES)),
    damage=st.none() | DAMAGE,
)
def test_any_landmarks(tmp_path: Path, array: np.ndarray, damage: Damage | None) -> None:
    table, path = tmp_path / "clips.csv", tmp_path / "points" / "1.npy"
    path.parent.mkdir(exist_ok=True)
    table.write_text("dataset,subject,clip,onset,apex,offset,emotion,landmarks\nlab,1,a,1,2,3,happy,points\n")
    buffer = io.BytesIO()
    np.save(buffer, array)
    path.write_bytes(buffer.getvalue() if damage is None else damaged(buffer.getvalue(), damage))
    clip = Clip(dataset="lab", subject="1", name="a", onset=1, apex=2, offset=3)
    try:
        points = Manifest().landmarks(table, clip, 1)
    except FrameError as refusal:
        assert str(path) in str(refusal)  # noqa: PT017
        return
    assert points is not None
    assert points.shape == (68, 2)
    assert np.isfinite(points).all()
    if damage is None:
        np.testing.assert_array_equal(points, array.astype(np.float32))
