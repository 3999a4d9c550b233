"""Frame files by number."""

import re
from pathlib import Path

import pytest

from merbench.data.frame_files import entries, numbered_files, present, variant_folder
from merbench.errors import FrameError, MissingData

NAMED = re.compile(r"img([0-9]+)\.png")


def touch(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_files_come_by_number_and_others_not_at_all(tmp_path: Path) -> None:
    touch(tmp_path, "img10.png", "img009.png", "img8.png.bak", "notes.txt")
    assert numbered_files(tmp_path, NAMED, "clip") == {9: tmp_path / "img009.png", 10: tmp_path / "img10.png"}
    assert numbered_files(tmp_path / "none", NAMED, "clip") == {}


def test_two_files_of_one_number_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "img9.png", "img09.png")
    with pytest.raises(FrameError, match=r"^a/b: frame 9 has two files, .*img09.png and img9.png; remove one\.$"):
        numbered_files(tmp_path, NAMED, "a/b")


def test_what_is_present_is_told_shortly(tmp_path: Path) -> None:
    assert present(tmp_path) == present(tmp_path / "none") == "nothing"
    touch(tmp_path, *"abcdefghij")
    assert present(tmp_path) == "a, b, c, d, e, f, g, h and 2 more"


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"none: the folder cannot be read \(No such file or directory\)"):
        entries(tmp_path / "none")


def test_frames_of_another_kind_are_proposed_only_where_they_are(tmp_path: Path) -> None:
    folders = {"cropped": ("Cropped",), "raw": ("CASME2-RAW", "Raw")}
    with pytest.raises(MissingData, match=r"has no cropped frames: .* found nothing\. Put them there\.$"):
        variant_folder("casme2", tmp_path, folders, "cropped")
    (tmp_path / "Raw").mkdir()
    with pytest.raises(MissingData, match=r"or read the raw frames with --set dataset\.frames=raw\.$"):
        variant_folder("casme2", tmp_path, folders, "cropped")
    assert variant_folder("casme2", tmp_path, folders, "raw") == tmp_path / "Raw"
