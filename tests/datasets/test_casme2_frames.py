"""The frame files of a CASME II clip: both variants, as distributed and as found elsewhere."""

import pickle
from pathlib import Path

import pytest

from merbench.annotations.clips import Clip
from merbench.datasets.casme2 import Casme2
from merbench.errors import FrameError, MissingData, UsageError

CLIP = Clip(dataset="casme2", subject="01", name="EP02_01f", onset=9, apex=10, offset=11)
RAW = Casme2.Parameters(frames="raw")


def touch(folder: Path, *names: str) -> Path:
    """The folder, with empty files of those names in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


@pytest.mark.parametrize("home", ["Cropped", "Cropped-updated/Cropped"])
def test_cropped_frames_by_number(tmp_path: Path, home: str) -> None:
    folder = touch(tmp_path / home / "sub01" / "EP02_01f", "reg_img9.jpg", "reg_img10.JPG", "reg_img011.jpeg")
    touch(folder, "Thumbs.db", "img9.jpg", "reg_img.jpg", "._reg_img9.jpg")
    found = Casme2().frames(tmp_path, CLIP)
    assert list(found) == [9, 10, 11]
    assert found[10] == folder / "reg_img10.JPG"


@pytest.mark.parametrize("home", ["CASME2_RAW_selected", "CASME2-RAW"])
def test_raw_frames_by_number(tmp_path: Path, home: str) -> None:
    folder = touch(tmp_path / home / "sub01" / "EP02_01f", "img46.jpg", "img047.jpg", "reg_img1.jpg")
    assert Casme2(RAW).frames(tmp_path, CLIP) == {46: folder / "img46.jpg", 47: folder / "img047.jpg"}


def test_a_folder_is_listed_once(tmp_path: Path) -> None:
    folder = touch(tmp_path / "Cropped" / "sub01" / "EP02_01f", "reg_img9.jpg")
    adapter = Casme2()
    first = adapter.frames(tmp_path, CLIP)
    touch(folder, "reg_img10.jpg")
    assert adapter.frames(tmp_path, CLIP) is first
    assert list(Casme2().frames(tmp_path, CLIP)) == [9, 10]
    assert pickle.loads(pickle.dumps(adapter)).frames(tmp_path, CLIP) == first


def test_a_clip_without_a_folder_has_no_frames(tmp_path: Path) -> None:
    touch(tmp_path / "Cropped")
    adapter = Casme2()
    assert adapter.frames(tmp_path, CLIP) == {}


def test_two_files_of_one_number(tmp_path: Path) -> None:
    touch(tmp_path / "Cropped" / "sub01" / "EP02_01f", "reg_img9.jpg", "reg_img009.jpg")
    with pytest.raises(FrameError, match=r"casme2/01/EP02_01f/9: frame 9 has two files, .* remove one"):
        Casme2().frames(tmp_path, CLIP)


def test_a_variant_that_is_not_there(tmp_path: Path) -> None:
    touch(tmp_path / "CASME2_RAW_selected")
    with pytest.raises(MissingData) as refusal:
        Casme2().frames(tmp_path, CLIP)
    assert str(refusal.value) == (
        f"casme2: {tmp_path} has no cropped frames: looked for the folders Cropped and Cropped-updated/Cropped, found "
        "CASME2_RAW_selected. Put them there, or read the raw frames with --set dataset.frames=raw."
    )


def test_an_empty_or_a_full_folder_is_described(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"found nothing\. Put them there\.$"):
        Casme2(RAW).frames(tmp_path, CLIP)
    touch(tmp_path, *(f"{letter}.zip" for letter in "abcdefghij"))
    with pytest.raises(MissingData, match=r"found a.zip, b.zip, .*, h.zip and 2 more"):
        Casme2(RAW).frames(tmp_path, CLIP)


def test_no_data_folder(tmp_path: Path) -> None:
    for root in (None, tmp_path / "none"):
        with pytest.raises(MissingData, match=r"does not exist\. Say where it lies with --data casme2=DIR"):
            Casme2().frames(root, CLIP)


def test_another_variant_is_no_parameter() -> None:
    with pytest.raises(UsageError, match="frames=aligned is not possible: frames must be one of cropped, raw, video"):
        Casme2.Parameters().changed({"frames": "aligned"})
