"""Tables of clips from folders, videos, flow trees and label tables, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import merbench
from merbench._files.videos import frame_count, read_video
from merbench.annotations.clips import clip_of
from merbench.data.importing import Imported, import_clips
from merbench.data.source import Source
from merbench.datasets.manifest import Manifest
from merbench.errors import AnnotationError, FrameError, MerbenchError, MissingData, UsageError

RNG = np.random.default_rng(0)


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(path)
    return path


def video(path: Path, frames: int) -> Path:
    """A video whose frame n is of grey level 10 n."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 200, (32, 32))  # type: ignore[attr-defined]
    for level in range(frames):
        writer.write(np.full((32, 32, 3), 10 * level, np.uint8))
    writer.release()
    return path


def imported(root: Path) -> Imported:
    return import_clips(root, "mine", root)


def clips_read(result: Imported, home: Path) -> Source:
    result.write(home / "clips.csv")
    return Source(dataset=Manifest(), root=home / "clips.csv")


def test_class_folders(tmp_path: Path) -> None:
    for emotion, clip in (("happiness", "01_EP01"), ("surprise", "02_EP07"), ("happiness", "02_EP09")):
        for number in (93, 123, 142):
            picture(tmp_path / emotion / clip / f"img{number}.png")
    result = imported(tmp_path)
    rows = [(clip.subject, clip.clip, clip.emotion, clip.onset, clip.apex, clip.offset) for clip in result.clips]
    assert rows == [
        ("01", "01_EP01", "happiness", "93", "", "142"),
        ("02", "02_EP09", "happiness", "93", "", "142"),
        ("02", "02_EP07", "surprise", "93", "", "142"),
    ]
    assert "emotions from folders: happiness, surprise" in result.recognised
    assert any(line.startswith("apex is unknown of 3 of 3 clips") for line in result.unknown)
    source = clips_read(result, tmp_path)
    clip = clip_of("mine", source.annotations().table.iloc[0])
    assert list(source.dataset.frames(source.root, clip)) == [93, 123, 142]


def test_one_folder_a_clip_below_its_subject_has_no_emotion(tmp_path: Path) -> None:
    for subject, clip in (("sub01", "EP01_1"), ("sub02", "EP01_1")):
        for number in (1, 5):
            picture(tmp_path / "Cropped" / subject / clip / f"reg_img{number}.jpg")
    result = imported(tmp_path)
    assert [(clip.subject, clip.clip, clip.emotion) for clip in result.clips] == [
        ("sub01", "EP01_1", ""),
        ("sub02", "EP01_1", ""),
    ]
    assert "emotion is unknown of 2 of 2 clips: fill in the class of each clip" in result.unknown


def test_pictures_by_role(tmp_path: Path) -> None:
    files = {}
    for emotion, clip in (("anger", "01_a"), ("happy", "02_b")):
        for role in ("onset", "Apex", "offset"):
            files[clip, role.lower()] = picture(tmp_path / emotion / clip / f"{role}.png")
    result = imported(tmp_path)
    assert [(clip.onset, clip.apex, clip.offset) for clip in result.clips] == [("0", "1", "2")] * 2
    source = clips_read(result, tmp_path)
    clip = clip_of("mine", source.annotations().table.iloc[0])
    [apex] = source.dataset.read(source.root, clip, [1])
    assert (apex == np.asarray(Image.open(files["01_a", "apex"]))).all()


def test_videos_are_read_exactly(tmp_path: Path) -> None:
    path = video(tmp_path / "happiness" / "01_a.avi", 8)
    assert frame_count(path) == 8
    result = imported(tmp_path)
    [clip] = result.clips
    assert (clip.subject, clip.clip, clip.emotion, clip.onset, clip.offset) == ("01", "01_a", "happiness", "0", "7")
    frames = read_video(path, [7, 0, 3])
    assert [round(float(frame.mean()), -1) for frame in frames] == [70, 0, 30]


@pytest.mark.parametrize(
    ("row", "cell", "numbers"),
    [("93,95,100", "a.avi", range(93, 101)), ("1,2,3", "a.avi", range(8)), ("1,2,3", "a.avi#1", range(1, 9))],
)
def test_frames_of_a_video_are_numbered_as_annotated(tmp_path: Path, row: str, cell: str, numbers: range) -> None:
    video(tmp_path / "a.avi", 8)
    header = "dataset,subject,clip,onset,apex,offset,emotion,frames"
    (tmp_path / "clips.csv").write_text(f"{header}\nlab,1,a,{row},happy,{cell}\nlab,2,b,{row},sad,{cell}\n")
    source = Source(dataset=Manifest(), root=tmp_path / "clips.csv")
    clip = clip_of("lab", source.annotations().table.iloc[0])
    assert list(source.dataset.frames(source.root, clip)) == list(numbers)
    [second] = source.dataset.read(source.root, clip, [numbers[1]])
    assert round(float(second.mean()), -1) == 10


def test_what_is_no_video_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.avi").write_bytes(b"RIFF....AVI ")
    with pytest.raises(FrameError, match=r"a\.avi cannot be decoded as a video"):
        frame_count(tmp_path / "a.avi")


def test_flow_of_released_repositories(tmp_path: Path) -> None:
    for subject, other in (("sub01", "s02"), ("s02", "sub01")):
        picture(tmp_path / subject / "u_test" / "1" / f"{subject}_a.png")
        picture(tmp_path / subject / "u_train" / "0" / f"{other}_a.png")
    result = imported(tmp_path)
    rows = [(clip.subject, clip.clip, clip.emotion, clip.onset, clip.flow) for clip in result.clips]
    assert rows == [
        ("s02", "s02_a", "1", "", "s02/u_test/1/s02_a.png"),
        ("sub01", "sub01_a", "1", "", "sub01/u_test/1/sub01_a.png"),
    ]
    assert any("classes are the folders' numbers (1)" in line for line in result.unknown)


def test_a_table_with_renamed_headers_finds_its_frames(tmp_path: Path) -> None:
    for subject in ("sub01", "sub02"):
        for number in (3, 5, 9):
            picture(tmp_path / "raw" / subject / "EP01" / f"img{number}.jpg")
    (tmp_path / "labels.csv").write_text(
        "sub,filename_o,OnsetF,ApexF,OffsetF,label\n1,EP01,3,/,9,Happy\n2,EP01,3,5,9,sad\n"
    )
    result = imported(tmp_path)
    rows = [(clip.subject, clip.onset, clip.apex, clip.emotion, clip.frames) for clip in result.clips]
    assert rows == [("1", "3", "", "Happy", "raw/sub01/EP01"), ("2", "3", "5", "sad", "raw/sub02/EP01")]


def test_a_table_without_headers_is_read_by_what_it_holds(tmp_path: Path) -> None:
    lines = [
        f"casme2,sub0{place % 3},EP0{place},{place},{place + 5},{place + 9},{('anger', 'fear')[place % 2]}"
        for place in range(1, 8)
    ]
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    result = imported(tmp_path)
    first = result.clips[0]
    assert (first.dataset, first.subject, first.clip) == ("casme2", "sub01", "EP01")
    assert (first.onset, first.apex, first.offset, first.emotion) == ("1", "6", "10", "fear")
    assert "no headers" in result.recognised[0]


def test_an_import_runs_once_it_is_whole(tmp_path: Path) -> None:
    for subject in ("01", "02", "03"):
        for emotion in ("happiness", "disgust"):
            for number in (1, 2, 3):
                picture(tmp_path / "data" / emotion / f"{subject}_{emotion[0]}" / f"{number}.png")
    source = clips_read(imported(tmp_path / "data"), tmp_path / "data")
    assert source.root is not None
    run = merbench.run("majority", "loso", data={"manifest": source.root}, out=tmp_path / "run")
    assert len(run.keys) == 3


def test_what_is_no_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="does not exist"):
        imported(tmp_path / "no")
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(MissingData, match=r"neither folders of pictures.*notes\.txt"):
        imported(tmp_path)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x\n")
    with pytest.raises(AnnotationError, match=r"several tables: a\.csv, b\.csv"):
        imported(tmp_path)
    (tmp_path / "b.csv").unlink()
    with pytest.raises(AnnotationError, match="there is no clip"):
        imported(tmp_path)


def test_a_table_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    picture(tmp_path / "happiness" / "01_a" / "1.png")
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        imported(tmp_path).write(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "mine"


@given(text=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=200))
@settings(max_examples=60)
def test_any_table_is_read_or_refused_in_a_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "labels.csv"
    path.write_text(text, encoding="utf-8")
    try:
        result = import_clips(path, "mine", path.parent)
    except MerbenchError:
        return
    assert result.clips
