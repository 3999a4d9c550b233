"""The flow pictures of MEGC 2019: both layouts, what is unknown, who is refused, and what a changed picture does."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import merbench
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.data.verification import check
from merbench.datasets.megc2019_flow import Megc2019Flow
from merbench.datasets.megc2019_flow.layouts import LIST, PICTURES
from merbench.errors import AnnotationError, FrameError, MissingData
from merbench.results.audit import audit
from merbench.results.provenance import frames_fingerprint
from merbench.synthetic.mock_tree import write_mock

PARTS = ("casme2", "samm", "smic")


def adapter(layout: str = "auto") -> Megc2019Flow:
    return Megc2019Flow(Megc2019Flow.Parameters().changed({"layout": layout}))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("flow") / "tree"
    write_mock(adapter(), out, subjects=6, clips=3, seed=2)
    return out


def test_it_lists_three_parts_with_moments_unknown(tree: Path) -> None:
    source = Source(dataset=adapter(), root=tree)
    task = labelled([source], None, "middle")
    assert source.dataset.dataset_names(tree) == PARTS
    assert set(task.subjects) == {
        "casme2/sub01", "casme2/sub02", "samm/001", "samm/002", "smic/s01", "smic/s02",
    }  # fmt: skip
    assert task.counts == {"negative": 6, "positive": 6, "surprise": 6}
    assert all(clip.onset is clip.apex is clip.offset is None for clip in task.as_clips())
    assert all(key.endswith("/-") for key in task.clips.index)
    assert (task.apexes, task.left_out) == ((), ())
    assert "onset or offset is unknown of 18 of 18 clips" in task.notes[-1]
    assert task.precomputed_counts == {"flow": 18}


@pytest.mark.parametrize("policy", ["middle", "spot", "drop", "error"])
def test_no_apex_policy_loses_or_invents_anything(tree: Path, policy: merbench.spec.ApexPolicy) -> None:
    task = labelled([Source(dataset=adapter(), root=tree)], None, policy)
    assert (len(task.clips), task.apexes) == (18, ())


def test_both_layouts_give_the_same_clips_and_pictures(tree: Path, tmp_path: Path) -> None:
    write_mock(adapter("subjects"), tmp_path, subjects=6, clips=3, seed=2)
    assert not (tmp_path / LIST).exists()
    one, two = (Source(dataset=adapter(), root=root) for root in (tree, tmp_path))
    first, second = (labelled([source], None, "middle") for source in (one, two))
    assert first.fingerprint == second.fingerprint
    for clip in first.as_clips():
        here, there = (source.dataset.precomputed(source.root, clip, "flow") for source in (one, two))
        assert here is not None
        assert there is not None
        assert here.read_bytes() == there.read_bytes()


def test_names_without_the_blank_and_with_the_subject_once_are_the_same_clips(tmp_path: Path) -> None:
    write_mock(adapter("subjects"), tmp_path, subjects=3, clips=3, seed=2)
    before = set(labelled([Source(dataset=adapter(), root=tmp_path)], None, "middle").clips.index)
    for path in list(tmp_path.rglob("*.png")):
        subject, _, rest = path.name.partition("_")
        short = rest if rest.startswith(subject) else path.name
        path.rename(path.with_name(short.replace(" .png", ".png")))
    assert set(labelled([Source(dataset=adapter(), root=tmp_path)], None, "middle").clips.index) == before


def test_the_full_mock_holds_the_official_counts_and_check_passes(tmp_path: Path) -> None:
    write_mock(adapter(), tmp_path, subjects=1, clips=1, seed=0, frames="none", full=True)
    table = Source(dataset=adapter(), root=tmp_path).annotations().table
    assert Counter(table["emotion"]) == {"negative": 250, "positive": 109, "surprise": 83}
    assert Counter(table["dataset"]) == {"smic": 164, "casme2": 145, "samm": 133}
    assert len(set(zip(table["dataset"], table["subject"], strict=True))) == 68
    report = check(Source(dataset=adapter(), root=tmp_path))
    differing = [finding.what for finding in report.findings if finding.verdict == "differs"]
    assert differing == ["precomputed: flow"]  # of this mock no picture was asked for


def test_one_lacking_clip_is_seen_by_the_check(tmp_path: Path) -> None:
    write_mock(adapter(), tmp_path, subjects=1, clips=1, seed=0, frames="none", full=True)
    lines = (tmp_path / LIST).read_text().splitlines(keepends=True)
    (tmp_path / LIST).write_text("".join([*lines[:5], *lines[6:]]))
    report = check(Source(dataset=adapter(), root=tmp_path))
    assert any(f.what == "clips by dataset" and f.verdict == "differs" for f in report.findings)


def test_a_run_scores_each_part_and_its_audit_holds(tree: Path, tmp_path: Path) -> None:
    run = merbench.run(
        "flow-svm", protocol="composite", dataset="megc2019-flow", data={"megc2019-flow": tree}, out=tmp_path / "r"
    )
    record = run.record()
    assert tuple(record.subset_scores["last"]) == PARTS
    assert record.data == "megc2019-flow (synthetic faces, given flow)"
    assert all(finding.verdict != "differs" for finding in audit(tmp_path / "r"))


@pytest.mark.parametrize(("method", "needs"), [("mmnet", "frames"), ("htnet", "landmarks"), ("lbp-top", "sequence")])
def test_methods_that_need_more_are_refused_with_those_that_do_not(
    tree: Path, tmp_path: Path, method: str, needs: str
) -> None:
    with pytest.raises(FrameError) as refusal:
        merbench.run(method, protocol="composite", data={"megc2019-flow": tree}, out=tmp_path / "r")
    message = str(refusal.value)
    assert f"{method} needs {needs}, which 18 of 18 clips do not have" in message
    named = message.partition("Methods that run on what is there: ")[2].partition(".")[0].split(", ")
    assert {"flow-svm", "majority", "ststnet"} <= set(named)
    assert method not in named
    assert not (tmp_path / "r").exists()


def test_alignment_is_refused_since_it_needs_frames(tree: Path, tmp_path: Path) -> None:
    pytest.importorskip("dlib", reason="needs the extra align")
    with pytest.raises(FrameError, match=r"--alignment dlib-68 needs frames, which 18 of 18 clips"):
        merbench.run("flow-svm", protocol="loso", data={"megc2019-flow": tree}, alignment="dlib-68", out=tmp_path / "r")


def test_one_changed_byte_changes_the_fingerprint_and_the_resume_is_refused(tree: Path, tmp_path: Path) -> None:
    copy, out = tmp_path / "copy", tmp_path / "r"
    shutil.copytree(tree, copy)
    source = Source(dataset=adapter(), root=copy)
    clips = labelled([source], None, "middle").as_clips()
    before = frames_fingerprint(clips, dict.fromkeys(PARTS, source))
    merbench.run("flow-svm", protocol="loso", data={"megc2019-flow": copy}, out=out)
    (out / "record.json").unlink()
    next((out / "outer").iterdir()).unlink()
    changed = sorted((copy / PICTURES).glob("0*.png"))[0]
    pixels = np.asarray(Image.open(changed)).copy()
    pixels[0, 0, 0] ^= 1
    Image.fromarray(pixels).save(changed)
    after = frames_fingerprint(clips, dict.fromkeys(PARTS, Source(dataset=adapter(), root=copy)))
    assert before["samm"] != after["samm"]
    assert (before["casme2"], before["smic"]) == (after["casme2"], after["smic"])
    with pytest.raises(merbench.errors.StoreError):
        merbench.run("flow-svm", protocol="loso", data={"megc2019-flow": copy}, out=out)


def _edit(path: Path, column: str, value: str) -> None:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[1][column] = value
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("label", "3", "must be 0"),
        ("dataset", "casme3", "must be one of casme2, samm, smic"),
        ("sub", "", "must not be empty"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, column: str, value: str, rule: str) -> None:
    write_mock(adapter(), tmp_path, subjects=3, clips=2, seed=0, frames="none")
    _edit(tmp_path / LIST, column, value)
    with pytest.raises(AnnotationError, match=rf"line 3: {column} is '{value}', but it {rule}"):
        adapter().table(tmp_path)


def test_a_lacking_picture_is_named_before_anything_is_trained(tree: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tree, copy)
    lost = sorted((copy / PICTURES).iterdir())[0]
    lost.unlink()
    with pytest.raises(FrameError, match=f"1 of 18 clips lack usable frames: .*there is no picture .*{lost.name}"):
        merbench.run("flow-svm", protocol="loso", data={"megc2019-flow": copy}, out=tmp_path / "r")


def test_another_folder_is_told_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    with pytest.raises(MissingData, match=f"neither the list {LIST} nor folders of subjects with u_test, but else"):
        adapter().table(tmp_path)


def test_a_folder_of_another_database_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "spNO.1" / "u_test" / "0").mkdir(parents=True)
    with pytest.raises(AnnotationError, match=r"spNO\.1 is of no part"):
        adapter().table(tmp_path)


def test_a_list_without_a_row_is_refused(tree: Path, tmp_path: Path) -> None:
    (tmp_path / LIST).write_text((tree / LIST).read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(AnnotationError, match=rf"{LIST} has no clip; fetch the repository anew"):
        Source(dataset=adapter(), root=tmp_path).annotations()


def test_where_landmarks_are_lacking_the_refusal_says_who_runs_here_and_where_the_method_runs(
    tree: Path, tmp_path: Path
) -> None:
    with pytest.raises(FrameError) as refusal:
        merbench.run("htnet", protocol="composite", data={"megc2019-flow": tree}, out=tmp_path / "r")
    for words in (
        "htnet needs landmarks",
        ". With --set regions=fixed, htnet needs nothing more. ",
        "Methods that run on what is there: ",
        " dual-inception (--set end=apex),",
        " htnet (--set regions=fixed),",
        " ststnet,",
        "merbench reproduce htnet takes the frames",
    ):
        assert words in str(refusal.value)
