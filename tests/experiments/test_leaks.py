"""One person under several names, one picture under two people: refused before training, recorded where it is meant."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import merbench
from merbench.annotations.clips import clip_of
from merbench.data.finding import Finding
from merbench.data.source import Source
from merbench.data.verification import check
from merbench.data.verification.duplicates import of_duplicates
from merbench.datasets.manifest import Manifest
from merbench.datasets.synthetic import Synthetic
from merbench.errors import DataError
from merbench.experiments.file_audit import file_findings
from merbench.results.audit import audit, findings
from merbench.results.opaque import opaque
from merbench.results.reading import read_record


def _table(folder: Path, subjects: Sequence[str], datasets: Sequence[str] = ()) -> Path:
    rng = np.random.default_rng(0)
    rows = ["dataset,subject,clip,onset,apex,offset,emotion,frames"]
    for place, subject in enumerate(subjects):
        home = folder / f"clip{place}"
        home.mkdir(parents=True)
        smooth = Image.fromarray(rng.integers(0, 200, (6, 6, 3), dtype=np.uint8)).resize(
            (96, 96), Image.Resampling.BICUBIC
        )
        for number in (1, 2, 3):
            Image.fromarray(np.asarray(smooth) // 2 + np.uint8(number)).save(home / f"{number}.png")
        dataset = datasets[place] if datasets else "lab"
        rows.append(f"{dataset},{subject},{place},1,2,3,{('happy', 'sad')[place % 2]},clip{place}")
    (folder / "clips.csv").write_text("\n".join(rows) + "\n")
    return folder / "clips.csv"


def _run(table: Path, tmp_path: Path, protocol: str = "loso", **keywords: bool) -> merbench.Run:
    return merbench.run("majority", protocol, data={"manifest": table}, out=tmp_path / "run", **keywords)  # type: ignore[arg-type]


def test_one_person_under_two_names_is_refused_and_named(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "sub1", "02", "02"])
    with pytest.raises(DataError, match=r"lab/01 and lab/sub1.*--distinct-subjects"):
        _run(table, tmp_path)
    assert not (tmp_path / "run").exists()


def test_one_person_in_two_spellings_of_a_dataset_is_refused(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "01", "02", "02"], ["LAB", "lab", "lab", "lab"])
    with pytest.raises(DataError, match=r"LAB/01 and lab/01"):
        _run(table, tmp_path)


def test_people_said_to_be_different_are_run_noted_and_audited(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "sub1", "02", "02"])
    run = _run(table, tmp_path, distinct_subjects=True)
    assert run.header.spec is not None
    assert run.header.spec.distinct_subjects
    assert any("different people: lab/01 and lab/sub1" in note for note in run.header.notes)
    [finding] = [each for each in audit(tmp_path / "run") if each.what == "names of subjects"]
    assert finding.verdict == "holds"


def test_saying_so_where_no_names_are_alike_makes_no_other_run(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "02", "03", "04"])
    run = _run(table, tmp_path)
    again = _run(table, tmp_path, distinct_subjects=True)
    assert again.header.identity == run.header.identity
    assert run.header.spec is not None
    assert "distinct_subjects" not in run.header.spec.as_dict()


def test_audit_names_who_may_be_one_person_in_a_record_that_does_not_say_so(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "sub1", "02", "02"])
    _run(table, tmp_path, distinct_subjects=True)
    record = read_record(tmp_path / "run" / "record.json").updated(spec=None)
    [finding] = [each for each in findings(record) if each.what == "names of subjects"]
    assert finding.verdict == "differs"
    assert "lab/01 and lab/sub1" in finding.detail
    [hidden] = [each for each in findings(opaque(record)) if each.what == "names of subjects"]
    assert hidden.verdict == "cannot be checked"


def test_a_frame_of_two_people_is_refused_with_both_files(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "02", "03", "04"])
    shutil.copyfile(tmp_path / "data/clip0/2.png", tmp_path / "data/clip1/3.png")
    with pytest.raises(DataError, match=r"clip0/2\.png of lab/01/0/1 is .*clip1/3\.png of lab/02/1/1"):
        _run(table, tmp_path)
    assert not (tmp_path / "run").exists()
    run = _run(table, tmp_path, distinct_subjects=True)
    assert any("same bytes" in note for note in run.header.notes)


def test_a_frame_in_two_clips_of_one_person_is_no_leak(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "01", "02", "02"])
    shutil.copyfile(tmp_path / "data/clip0/2.png", tmp_path / "data/clip1/3.png")
    assert not any("same bytes" in note for note in _run(table, tmp_path).header.notes)


def _recordings(run: Path, data: Path) -> list[Finding]:
    return [each for each in file_findings(run, {"manifest": str(data)}) if each.what == "recordings"]


def test_overlapping_expressions_of_one_recording_are_said_where_clips_are_held_out(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "01", "02", "02"])
    again = "lab,01,0,2,3,3,sad,clip0\nlab,01,0,1,2,3,happy,clip0\n"
    table.write_text(table.read_text().replace("lab,01,0,1,2,3,happy,clip0\n", again))
    run = _run(table, tmp_path, "leave-one-clip-out")
    [note] = [note for note in run.header.notes if "share frames" in note]
    assert "trained on and tested in one fold: lab/01/0/1 and lab/01/0/2" in note
    [finding] = _recordings(tmp_path / "run", table)
    assert finding.verdict == "holds"
    assert "frames in common: 1 pair of clips" in finding.detail
    assert "never ranked" in finding.detail


def test_a_copied_frame_of_one_person_is_said_where_clips_are_held_out(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "01", "02", "02"])
    shutil.copyfile(tmp_path / "data/clip2/2.png", tmp_path / "data/clip3/3.png")
    [note] = [note for note in _run(table, tmp_path, "leave-one-clip-out").header.notes if "share frames" in note]
    assert note.endswith("lab/02/2/1 and lab/02/3/1")


def test_expressions_apart_in_one_video_share_nothing(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "01", "02", "02"])
    _video(tmp_path / "data/long.avi", 12)
    rows = "lab,01,0,1,2,3,happy,long.avi#1\nlab,01,1,7,8,9,sad,long.avi#1\n"
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join([lines[0], rows, *lines[3:]]))
    run = _run(table, tmp_path, "leave-one-clip-out")
    assert not [note for note in run.header.notes if "share frames" in note]
    assert not _recordings(tmp_path / "run", table)


def _video(path: Path, frames: int) -> None:
    import cv2

    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (32, 32))
    for number in range(frames):
        writer.write(np.full((32, 32, 3), 10 * number, np.uint8))
    writer.release()


def test_data_check_names_both(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "sub1", "02", "02"])
    shutil.copyfile(tmp_path / "data/clip0/2.png", tmp_path / "data/clip2/3.png")
    report = check(Source(dataset=Manifest(), root=table), read_frames=True)
    by_what = {finding.what: finding for finding in report.findings}
    assert by_what["subjects: names alike"].about == ("lab/01 and lab/sub1",)
    assert by_what["shared: frame"].verdict == "differs"
    assert report.differs


def test_data_check_names_a_clip_of_one_person_that_is_listed_twice(tmp_path: Path) -> None:
    table = _table(tmp_path / "data", ["01", "01", "02"])
    source = Source(dataset=Manifest(), root=table)
    assert not [each for each in check(source, read_frames=True).findings if each.what == "shared: clips"]
    shutil.copyfile(tmp_path / "data/clip0/2.png", tmp_path / "data/clip1/2.png")
    report = check(Source(dataset=Manifest(), root=table), read_frames=True)
    [finding] = [each for each in report.findings if each.what == "shared: clips"]
    assert (finding.verdict, finding.about) == ("to know", ("lab/01/0/1 and lab/01/1/1",))


def test_a_picture_saved_again_is_nearly_the_same(tmp_path: Path) -> None:
    pytest.importorskip("imagehash")
    table = _table(tmp_path / "data", ["01", "02", "03"])
    faces = Synthetic()
    rows = faces.table(None).table.drop_duplicates("subject").head(3)
    drawn = [clip_of("synthetic", row) for _, row in rows.iterrows()]
    [first], [second] = (faces.read(None, clip, [clip.moment("onset")]) for clip in drawn[:2])
    for place, face, ending in ((0, first, "png"), (1, second, "png"), (2, first, "jpg")):
        for number in (1, 2, 3):
            (tmp_path / f"data/clip{place}/{number}.png").unlink()
            Image.fromarray(face).save(tmp_path / f"data/clip{place}/{number}.{ending}")
    source = Source(dataset=Manifest(), root=table)
    clips = [clip_of("lab", row) for _, row in source.annotations().table.iterrows()]
    [finding] = [each for each in of_duplicates(source, clips) if each.what == "shared: near"]
    assert finding.verdict == "to know"
    assert [line.partition(" (")[0] for line in finding.about] == ["lab/01/0/1 and lab/03/2/1"]
