"""Pictures as a viewer shows them, and those that are refused instead."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from merbench._files.images import MOST_PIXELS, channels, decode
from merbench.errors import FrameError

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)


def _saved(path: Path, image: Image.Image, **how: Any) -> Path:
    image.save(path, **how)
    return path


def test_colours_grey_and_palettes_are_as_shown(tmp_path: Path) -> None:
    assert (decode(_saved(tmp_path / "a.png", Image.fromarray(PIXELS))) == PIXELS).all()
    grey = PIXELS[..., 0]
    assert (decode(_saved(tmp_path / "b.png", Image.fromarray(grey))) == grey[..., None]).all()
    few = Image.fromarray(PIXELS // 128 * 255).quantize(8)
    assert few.mode == "P"
    assert (decode(_saved(tmp_path / "c.png", few)) == np.asarray(few.convert("RGB"))).all()
    black = Image.fromarray(grey > 99)
    assert (decode(_saved(tmp_path / "d.png", black)) == np.asarray(black)[..., None] * 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_camera_was(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = _saved(tmp_path / "a.png", Image.fromarray(PIXELS), exif=exif)
    turned = {
        1: PIXELS,
        2: PIXELS[:, ::-1],
        3: PIXELS[::-1, ::-1],
        4: PIXELS[::-1],
        5: PIXELS.transpose(1, 0, 2),
        6: np.rot90(PIXELS, -1),
        7: PIXELS[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(PIXELS),
    }[orientation]
    assert decode(path).shape == turned.shape
    assert (decode(path) == turned).all()


def test_metadata_that_nobody_can_read_change_nothing(tmp_path: Path) -> None:
    path = _saved(tmp_path / "a.png", Image.fromarray(PIXELS), exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7f")
    assert (decode(path) == PIXELS).all()


def test_alpha_counts_only_where_something_shows_through(tmp_path: Path) -> None:
    alpha = np.full((4, 6, 1), 255, np.uint8)
    path = _saved(tmp_path / "a.png", Image.fromarray(np.concatenate([PIXELS, alpha], axis=2)))
    assert (decode(path) == PIXELS).all()
    alpha[2, 3] = 254
    path = _saved(tmp_path / "b.png", Image.fromarray(np.concatenate([PIXELS, alpha], axis=2)))
    with pytest.raises(FrameError, match=r"b\.png cannot be decoded \(it is partly transparent"):
        decode(path)
    path = _saved(tmp_path / "c.png", Image.fromarray(PIXELS), transparency=tuple(map(int, PIXELS[0, 0])))
    with pytest.raises(FrameError, match="partly transparent"):
        decode(path)


def test_sixteen_bits_and_colours_for_print_are_refused(tmp_path: Path) -> None:
    path = _saved(tmp_path / "a.png", Image.fromarray(PIXELS[..., 0].astype(np.uint16) * 257))
    with pytest.raises(FrameError, match="pixels of mode I;16"):
        decode(path)
    path = _saved(tmp_path / "b.jpg", Image.fromarray(PIXELS).convert("CMYK"))
    with pytest.raises(FrameError, match="pixels of mode CMYK"):
        decode(path)


@pytest.mark.parametrize("side", [9_000, 12_000, 100_000])
def test_a_picture_of_gigabytes_is_refused_by_its_head(tmp_path: Path, side: int) -> None:
    assert side**2 > MOST_PIXELS
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    packed = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(packed))
    for read in (decode, channels):
        with pytest.raises(FrameError, match=r"a\.png cannot be decoded"):
            read(tmp_path / "a.png")
