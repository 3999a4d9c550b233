"""Frames in video files: the right picture under each annotated number, in every adapter that reads videos."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from merbench._files.videos import place_in_video, read_numbered
from merbench.annotations.clips import Clip
from merbench.data.content import content_of
from merbench.data.export import export
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.datasets.cas_me_2 import CasMe2
from merbench.datasets.cas_me_3 import CasMe3A
from merbench.datasets.casme2 import Casme2
from merbench.datasets.manifest import Manifest
from merbench.errors import FrameError, MissingData
from merbench.inputs.apex_spotting import spot
from merbench.inputs.fingerprints import fingerprint

#: How much brighter than the one before a frame is.
STEP = 3


def video(path: Path, frames: int, codec: str = "MJPG", step: int = STEP) -> Path:
    """A video whose frame at place n, from 0, has the brightness n times `step`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), 25, (32, 32))
    for place in range(frames):
        writer.write(np.full((32, 32, 3), step * place % 256, np.uint8))
    writer.release()
    return path


def places(dataset: Dataset, root: Path, clip: Clip, numbers: Sequence[int], step: int = STEP) -> list[int]:
    """The places in the video of the frames that are read under those numbers, by their brightness."""
    return [round(float(frame.mean()) / step) for frame in dataset.read(root, clip, numbers)]


def casme2(onset: int, offset: int) -> Clip:
    return Clip(dataset="casme2", subject="01", name="EP02_01f", onset=onset, apex=None, offset=offset)


@pytest.mark.parametrize(("onset", "offset", "at_onset"), [(46, 65, 0), (5, 12, 4)])
def test_a_video_of_casme2_is_the_clip_or_its_recording(tmp_path: Path, onset: int, offset: int, at_onset: int) -> None:
    video(tmp_path / "CASME2_Compressed video/sub01/EP02_01f.avi", 20)
    dataset = Casme2(Casme2.Parameters(frames="video"))
    clip = casme2(onset, offset)
    assert places(dataset, tmp_path, clip, [onset, onset + 3]) == [at_onset, at_onset + 3]
    with pytest.raises(FrameError, match="no file for frame"):
        dataset.read(tmp_path, clip, [66])


def test_the_remedy_for_missing_crops_names_the_videos_that_are_there(tmp_path: Path) -> None:
    video(tmp_path / "CASME2_Compressed video/sub01/EP02_01f.avi", 3)
    with pytest.raises(MissingData, match=r"read the video frames with --set dataset\.frames=video"):
        Casme2().frames(tmp_path, casme2(1, 3))


@pytest.mark.parametrize("name", ["spNO.1_a_104/clip.mp4", "spno.1_a_104.mp4"])
def test_a_cut_clip_of_cas_me_3_begins_at_its_onset(tmp_path: Path, name: str) -> None:
    video(tmp_path / "Part_A_ME_clip/video" / name, 12, "mp4v", step=20)
    dataset = CasMe3A(CasMe3A.Parameters(frames="clip-videos"))
    clip = Clip(dataset="cas-me-3a", subject="spNO.1", name="a", onset=104, apex=109, offset=115)
    assert places(dataset, tmp_path, clip, [104, 109, 115], step=20) == [0, 5, 11]
    short = dataclasses.replace(clip, offset=116)
    with pytest.raises(FrameError, match=r"has 12 frames, but onset to offset are 13.*--set dataset\.frames=clips"):
        CasMe3A(CasMe3A.Parameters(frames="clip-videos")).read(tmp_path, short, [104])


def test_a_recording_of_cas_me_2_begins_at_frame_1(tmp_path: Path) -> None:
    CasMe2().mock(tmp_path / "data", subjects=2, clips=2, seed=0, frames="none")
    table = CasMe2().table(tmp_path / "data").table
    row = table.iloc[0]
    name = str(row["clip"]).split("_")[0]
    video(tmp_path / f"data/rawvideo/s15/{name}.avi", 80)
    dataset = CasMe2(CasMe2.Parameters(frames="video"))
    clip = Clip(dataset="cas-me-2", subject=str(row["subject"]), name=str(row["clip"]), onset=61, apex=64, offset=70)
    assert clip.subject == "1"
    assert places(dataset, tmp_path / "data", clip, [61, 64]) == [60, 63]


def manifest(folder: Path, cell: str) -> tuple[Source, Clip]:
    folder.mkdir(exist_ok=True)
    (folder / "clips.csv").write_text(
        f"dataset,subject,clip,onset,apex,offset,emotion,frames\nlab,1,a,10,14,20,happy,{cell}\n"
    )
    return Source(dataset=Manifest(), root=folder / "clips.csv"), Clip(
        dataset="lab", subject="1", name="a", onset=10, apex=14, offset=20
    )


@pytest.mark.parametrize(("cell", "at_onset"), [("a.avi", 10), ("a.avi#1", 9), ("a.avi#10", 0)])
def test_another_first_frame_is_another_input(tmp_path: Path, cell: str, at_onset: int) -> None:
    video(tmp_path / "a.avi", 40)
    source, clip = manifest(tmp_path, cell)
    assert places(source.dataset, source.root or tmp_path, clip, [10, 20]) == [at_onset, at_onset + 10]
    other, _ = manifest(tmp_path, "a.avi#2")
    assert fingerprint(source, clip, [10, 14]) == fingerprint(source, clip, [10, 14])
    assert fingerprint(source, clip, [10, 14]) != fingerprint(other, clip, [10, 14])
    assert content_of(source, [clip]) != content_of(other, [clip])


def test_an_exported_video_is_read_back_under_the_same_numbers(tmp_path: Path) -> None:
    root = tmp_path / "data"
    Casme2().mock(root, subjects=1, clips=1, seed=0, frames="none")
    row = Casme2().table(root).table.iloc[0]
    clip = Clip(
        dataset="casme2", subject=str(row["subject"]), name=str(row["clip"]),
        onset=int(row["onset"]), apex=None, offset=int(row["offset"]),
    )  # fmt: skip
    video(root / f"CASME2_compressed/sub{clip.subject}/{clip.name}.avi", len(clip.range))
    dataset = Casme2(Casme2.Parameters(frames="video"))
    export(Source(dataset=dataset, root=root), tmp_path / "clips.csv")
    numbers = [clip.moment("onset"), clip.moment("offset")]
    read = Manifest().read(tmp_path / "clips.csv", clip, numbers)
    for one, other in zip(read, dataset.read(root, clip, numbers), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_apex_is_spotted_in_a_video(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    still = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
    writer = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 64))
    for place in range(11):
        frame = still.copy()
        shift = 5 - abs(place - 6)
        frame[20:40] = np.roll(frame[20:40], max(shift, 0), axis=1)
        writer.write(cv2.GaussianBlur(frame, (7, 7), 2))
    writer.release()
    source, clip = manifest(tmp_path, "a.avi")
    assert spot(source, dataclasses.replace(clip, apex=None)) == 16


def test_pictures_and_a_video_may_stand_under_one_clip(tmp_path: Path) -> None:
    path = video(tmp_path / "a.avi", 5)
    picture = tmp_path / "9.png"
    cv2.imwrite(str(picture), np.full((32, 32, 3), 250, np.uint8))
    present = {3: path, 4: path, 5: path, 9: picture}
    assert [round(float(frame.mean()) / 3) for frame in read_numbered(present, [9, 4, 3])] == [83, 1, 0]
    assert place_in_video(present, 5) == (2,)
    assert place_in_video(present, 9) == ()
