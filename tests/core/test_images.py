"""Frame files: what is decoded, what is refused, and resizing as torchvision does it."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as reference

from merbench._files.images import decode, resize
from merbench.errors import FrameError

RGB = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def saved(path: Path, array: np.ndarray, **options: object) -> Path:
    Image.fromarray(array).save(path, **options)
    return path


def encoded(form: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(RGB).save(buffer, form)
    return buffer.getvalue()


def refusal(path: Path) -> str:
    with pytest.raises(FrameError) as refused:
        decode(path)
    return str(refused.value)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tiff", "a.PNG"])
def test_a_lossless_frame_comes_back_to_the_byte(tmp_path: Path, name: str) -> None:
    found = decode(saved(tmp_path / name, RGB))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, RGB)


def test_a_jpeg_comes_back_as_pillow_decodes_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", RGB, quality=95)
    np.testing.assert_array_equal(decode(path), np.asarray(Image.open(path)))


@pytest.mark.parametrize("name", ["grey.png", "grey.jpg", "grey.bmp"])
def test_a_grey_frame_is_repeated_over_the_channels(tmp_path: Path, name: str) -> None:
    found = decode(saved(tmp_path / name, RGB[..., 0]))
    assert found.shape == (20, 30, 3)
    assert (found == found[..., :1]).all()
    if not name.endswith("jpg"):
        np.testing.assert_array_equal(found[..., 0], RGB[..., 0])


def test_transparency_and_palettes_become_rgb(tmp_path: Path) -> None:
    opaque = saved(tmp_path / "a.png", np.dstack([RGB, np.full((20, 30), 255, np.uint8)]))
    np.testing.assert_array_equal(decode(opaque), RGB)
    transparent = saved(tmp_path / "t.png", np.dstack([RGB, np.full((20, 30), 7, np.uint8)]))
    with pytest.raises(FrameError, match=r"t\.png cannot be decoded \(it is partly transparent"):
        decode(transparent)
    palette = tmp_path / "p.png"
    Image.fromarray(RGB[..., 0] // 64 * 64).convert("P").save(palette)
    np.testing.assert_array_equal(decode(palette)[..., 1], RGB[..., 0] // 64 * 64)


def test_sixteen_bits_are_scaled_or_refused_and_never_cut_off(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, 600).reshape(20, 30).astype(np.uint16)
    path = saved(tmp_path / "deep.png", deep)
    with contextlib.suppress(FrameError):
        np.testing.assert_allclose(decode(path)[..., 0], deep / 257, atol=1)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP"])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.9])
def test_a_truncated_file_is_refused_by_name(tmp_path: Path, form: str, share: float) -> None:
    path = tmp_path / f"a.{form.lower()}"
    content = encoded(form)
    path.write_bytes(content[: int(share * len(content))])
    assert re.fullmatch(rf"{re.escape(str(path))} cannot be decoded \(.+\); replace .+\.", refusal(path), re.DOTALL)


@pytest.mark.parametrize("content", [b"just text\n", b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\0" * 100])
def test_what_is_no_picture_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reg_img1.jpg"
    path.write_bytes(content)
    assert refusal(path).startswith(f"{path} cannot be decoded (")


def test_a_file_that_is_gone_or_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    assert str(tmp_path / "no.jpg") in refusal(tmp_path / "no.jpg")
    assert str(tmp_path) in refusal(tmp_path)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=150)
@given(
    form=st.sampled_from(["JPEG", "PNG", "BMP", "TIFF"]),
    changes=st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_any_damage_is_decoded_or_refused(
    tmp_path_factory: pytest.TempPathFactory, form: str, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(encoded(form))
    for place, value in changes:
        content[place % min(len(content), 400)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.jpg"
    path.write_bytes(content)
    with contextlib.suppress(FrameError):
        assert decode(path).dtype == np.uint8


@pytest.mark.parametrize("size", [(8, 8), (224, 224), (7, 50), (20, 15), (1, 1)])
def test_resizing_equals_torchvisions_to_the_byte(size: tuple[int, int]) -> None:
    expected = reference.resize(Image.fromarray(RGB), list(size), InterpolationMode.BILINEAR, antialias=True)
    found = resize(RGB, size)
    assert found.shape == (*size, 3)
    np.testing.assert_array_equal(found, np.asarray(expected))


def test_a_frame_of_the_size_stays_as_it_is() -> None:
    np.testing.assert_array_equal(resize(RGB, (20, 30)), RGB)
