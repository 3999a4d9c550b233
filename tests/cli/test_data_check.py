"""`merbench data check` and `data list`, and runs that mend, spot and find their data by the configuration."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from merbench import Run
from merbench.dataset import SYNTHETIC_MARK

Cli = Callable[..., Any]


@pytest.fixture
def samm(tmp_path: Path, merbench: Cli) -> Path:
    """A whole SAMM table without frames."""
    assert merbench("data", "mock", "samm", "--out", tmp_path / "samm", "--full", "--frames", "none").code == 0
    (tmp_path / "samm" / "SAMM").mkdir(exist_ok=True)
    return tmp_path / "samm"


def snapshot(root: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in root.rglob("*")}


def test_a_key_frame_stand_in_lacks_frames_between_only(merbench: Cli, stand_in: Path) -> None:
    before = snapshot(stand_in)
    answer = merbench("data", "check", "casme2", stand_in, "--frames")
    assert "- frames: some lacking between:" in answer.out
    assert "= frames: content: all" in answer.out
    assert "20 of 20 clips read" in answer.err
    assert snapshot(stand_in) == before


def test_a_lacking_key_frame_and_a_broken_one_differ(merbench: Cli, stand_in: Path, tmp_path: Path) -> None:
    root = tmp_path / "tree"
    shutil.copytree(stand_in, root)
    clip = next((root / "Cropped" / "sub01").iterdir())
    files = sorted(clip.iterdir(), key=lambda path: int(path.stem.removeprefix("reg_img")))
    files[0].unlink()
    files[-1].write_bytes(b"no picture")
    answer = merbench("data", "check", "casme2", root, "--frames")
    assert answer.code == 1
    assert "! frames: onset, apex or offset lacking: 1 of 20 clips" in answer.out
    assert f"{files[-1].name} cannot be decoded" in answer.out
    assert "differs from what is known" in answer.out
    plain = merbench("data", "check", "casme2", root, "--json")
    content = json.loads(plain.out)
    assert (plain.code, content["differs"], content["clips"], content["drawn"]) == (1, True, 20, True)
    assert "frames: content" not in {finding["what"] for finding in content["findings"]}


def test_a_drawn_dataset_can_be_checked(merbench: Cli) -> None:
    answer = merbench("data", "check", "synthetic")
    assert (answer.code, "drawn when they are needed" in answer.out) == (0, True)


def test_a_damaged_table_is_a_sentence(merbench: Cli, tmp_path: Path) -> None:
    (tmp_path / "CASME2-coding-20140508.xlsx").write_bytes(b"PK\x03\x04 nothing")
    answer = merbench("data", "check", "casme2", tmp_path)
    assert (answer.code, "cannot be read as an .xlsx workbook" in answer.err) == (2, True)


def test_data_that_is_configured_need_not_be_named(
    merbench: Cli, stand_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "merbench.toml").write_text(f'[data]\ncasme2 = "{stand_in}"\nsam = "x"\nsamm = "nowhere"\n')
    listed = merbench("data", "list")
    assert listed.code == 0
    for words in (("casme2", "found"), ("samm", "MISSING"), ("sam", "no such dataset")):
        assert any(all(word in line for word in words) for line in listed.out.splitlines()), words
    ran = merbench("run", "-m", "majority", "-d", "casme2", "--runs-dir", tmp_path / "runs")
    assert ran.code == 0, ran.err
    assert "loso on casme2 (synthetic faces)" in ran.out
    assert merbench("run", "-m", "majority", "-d", "samm", "--runs-dir", tmp_path / "runs").code == 2


def test_a_composite_takes_its_usual_datasets_if_all_are_configured(
    merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("casme2", "smic-hs", "samm"):
        assert merbench("data", "mock", name, "--out", tmp_path / name, "--subjects", 2, "--clips", 6).code == 0
    monkeypatch.setenv("MERBENCH_DATA", str(tmp_path))
    ran = merbench("run", "-m", "majority", "-p", "composite", "--runs-dir", tmp_path / "runs")
    assert ran.code == 0, ran.err
    assert "casme2 + smic-hs + samm" in ran.out
    held_out = merbench("run", "-m", "majority", "-p", "cross-dataset", "--runs-dir", tmp_path / "runs")
    assert "casme2 + smic-hs + samm" in held_out.out
    assert merbench("data", "export", "samm", "--out", tmp_path / "samm.csv").code == 0
    (tmp_path / "samm").rename(tmp_path / "away")
    ran = merbench("run", "-m", "majority", "-p", "composite", "--runs-dir", tmp_path / "runs")
    assert "synthetic-a + synthetic-b + synthetic-c" in ran.out


def test_the_earlier_spelling_of_corrections_is_read_and_in_no_help(merbench: Cli, tmp_path: Path) -> None:
    root = tmp_path / "samm"
    assert merbench("data", "mock", "SAMM", "--out", root, "--full", "--frames", "none").code == 0
    now = merbench("data", "check", "samm", root, "--corrections", "merbench-1")
    before = merbench("data", "check", "samm", root, "--mends", "merbench-1")
    assert "028/028_4_1: apex 1143 -> 1113" in now.out
    assert (before.code, before.out) == (now.code, now.out)
    assert before.err == f"--mends is now called --corrections.\n{now.err}"
    assert "--mends" not in merbench("data", "check", "--help").out


def test_apexes_are_spotted_and_recorded(merbench: Cli, tmp_path: Path) -> None:
    root, runs = tmp_path / "smic", tmp_path / "runs"
    assert merbench("data", "mock", "smic-hs", "--out", root, "--subjects", 2, "--clips", 3).code == 0
    words = ("run", "-m", "majority", "--data", f"smic-hs={root}", "--runs-dir", runs)
    ran = merbench(*words, "--apex", "spot")
    assert ran.code == 0, ran.err
    assert "no usable annotated apex in 6 of 6 clips, spotted by motion (--apex spot): smic-hs/s1/" in ran.err
    [folder] = runs.iterdir()
    manifest = Run.load(folder).header.as_dict()
    assert (manifest["apex_policy"], len(manifest["apexes_not_annotated"])) == ("spot", 6)
    assert merbench(*words, "--apex", "middle").code == 0
    assert len(list(runs.iterdir())) == 2  # another apex, another run


def test_a_mended_run_says_what_was_mended(merbench: Cli, samm: Path, tmp_path: Path) -> None:
    checked = merbench("data", "check", "samm", samm)
    assert "- corrections: --corrections merbench-1 would change 2 cells" in checked.out
    words = ("run", "-m", "majority", "--data", f"samm={samm}", "--runs-dir", tmp_path / "runs")
    plain, mended = merbench(*words), merbench(*words, "--corrections", "merbench-1")
    assert "2 cells corrected (--corrections merbench-1): 028/028_4_1: apex 1143 -> 1113" in mended.err
    manifests = [Run.load(folder).header.as_dict() for folder in (tmp_path / "runs").iterdir()]
    assert {manifest["mends"]: len(manifest["mended"]) for manifest in manifests} == {"none": 0, "merbench-1": 2}
    assert (plain.code, mended.code) == (0, 0)
    assert merbench(*words, "--corrections", "all").code == 2


def test_a_whole_table_without_frames_has_the_known_counts(merbench: Cli, samm: Path) -> None:
    answer = merbench("data", "check", "samm", samm)
    assert answer.code == 1  # its frames are lacking
    assert "= clips by emotion: anger 57" in answer.out
    assert "! frames: " in answer.out
    [workbook] = samm.glob("*.xlsx")
    book = load_workbook(workbook)
    book.worksheets[0].delete_rows(20)
    book.save(workbook)
    assert "- clips by emotion: differ in" in merbench("data", "check", "samm", samm).out  # a mock need not be whole
    (samm / SYNTHETIC_MARK).unlink()
    assert "! clips by emotion: differ in" in merbench("data", "check", "samm", samm).out


@pytest.mark.parametrize("name", ["casme2", "mmew", "cas-me-2", "smic-hs"])
def test_a_folder_of_another_dataset_is_named_as_what_it_is(merbench: Cli, samm: Path, name: str) -> None:
    answer = merbench("data", "check", name, samm)
    said = " ".join((answer.out + answer.err).split())
    remedy = f"merbench data check samm {samm}"
    assert f"The folder has the annotation of samm (v2); check it as such: {remedy}." in said
    assert merbench(*remedy.split()[1:]).code == 1  # there are no frames, but it is read as what it is


def test_a_folder_of_no_known_dataset_is_not_called_one(merbench: Cli, samm: Path, tmp_path: Path) -> None:
    book = next(samm.glob("*.xlsx"))
    table = load_workbook(book)
    for sheet in table:
        sheet.delete_rows(sheet.max_row)
    table.save(book)
    assert "The folder has" not in merbench("data", "check", "mmew", samm).out
    (tmp_path / "empty").mkdir()
    answer = merbench("data", "check", "casme2", tmp_path / "empty")
    assert (answer.code != 0, "The folder has" in answer.err) == (True, False)


def test_a_table_of_several_datasets_whose_flow_is_not_all_there(merbench: Cli, tmp_path: Path) -> None:
    lines = ["dataset,subject,clip,onset,apex,offset,emotion,flow", "a,1,x,1,2,3,happy,1.npy", "b,1,x,1,2,3,sad,2.npy"]
    (tmp_path / "all.csv").write_text("\n".join(lines))
    (tmp_path / "1.npy").touch()
    answer = merbench("data", "check", "manifest", tmp_path / "all.csv")
    assert answer.code == 1
    assert "2 subjects" in answer.out
    assert "! precomputed: flow: not there: 1 file of those named; there: 1" in answer.out
    assert "line 3: flow is '2.npy', but there is no such file, seen from the table" in answer.out
    (tmp_path / "2.npy").touch()
    assert "= precomputed: flow: 2 of 2 clips have a file" in merbench(
        "data", "check", "manifest", tmp_path / "all.csv").out  # fmt: skip


def test_frames_that_are_not_there_are_said_with_the_line_that_names_them(merbench: Cli, tmp_path: Path) -> None:
    table = tmp_path / "clips.csv"
    table.write_text(
        "dataset,subject,clip,onset,apex,offset,emotion,frames\nlab,1,a,0,2,2,happy,away/a\nlab,2,b,0,2,2,sad,away/b\n"
    )
    answer = merbench("data", "check", "manifest", table)
    assert answer.code == 1
    printed = " ".join(answer.out.split())
    assert "line 3: frames is 'away/b', but there is no file for frame 0 of clip b." in printed


def test_a_table_in_place_of_a_folder_or_a_name_is_answered_with_the_dataset_manifest(
    merbench: Cli, tmp_path: Path
) -> None:
    table = tmp_path / "my clips.csv"
    table.write_text("dataset,subject,clip,onset,apex,offset,emotion\nlab,1,a,0,2,2,happy\nlab,2,b,0,2,2,sad\n")
    for words in (
        ("data", "check", "casme2", table),
        ("run", "-m", "majority", "--data", table),
        ("run", "-m", "majority", "-d", table),
    ):
        refused = merbench(*words)
        assert refused.code == 2
        [option] = re.findall(r"is the dataset manifest: (.*?\.csv'?)[.,](?: |\n)", refused.err)
        pasted = shlex.split(option)
        assert merbench("run", "-m", "majority", *pasted, "--check").code == 0, words


def test_a_list_without_folders_says_how_one_is_configured(
    merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _, _, shown = merbench("data", "list").out.partition("merbench.toml in this folder:\n")
    (tmp_path / "merbench.toml").write_text(textwrap.dedent(shown))
    listed = merbench("data", "list").out
    assert any("casme2" in line and "MISSING" in line for line in listed.splitlines())
    assert "merbench.toml in this folder" not in listed


def test_every_lacking_column_of_an_own_table_is_named_at_once(merbench: Cli, tmp_path: Path) -> None:
    file = tmp_path / "my clips.csv"
    file.write_text("filename,sub,estimated emotion\na,1,happy\nb,2,sad\n")
    refused = merbench("data", "check", "manifest", file)
    assert refused.code == 2
    assert "there is no dataset, subject, clip, onset, apex, offset, emotion (or class); add" in refused.err
    assert "as it was distributed" not in refused.err
    rewritten = shlex.split(refused.err.split("rewritten: merbench ")[1].removesuffix(".\n"))
    assert merbench(*rewritten[:-1], tmp_path / rewritten[-1]).code == 0
    header = (tmp_path / "clips.csv").read_text().splitlines()[0]
    assert {"dataset", "subject", "clip", "onset", "apex", "offset", "emotion"} <= set(header.split(","))
    file.write_text("dataset,subject,clip,onset,apex,class\nmine,1,a,1,2,x\n")
    assert "there is no offset; add" in merbench("data", "check", "manifest", file).err


@pytest.mark.parametrize("words", ["data check manifest {}", "run -m majority -p loso --dataset manifest --data {}"])
def test_every_bad_line_is_named_at_once(merbench: Cli, tmp_path: Path, words: str) -> None:
    file = tmp_path / "clips.csv"
    header = "dataset,subject,clip,onset,apex,offset,emotion"
    lines = [f"mine,{at % 3},{at},{onset},,30,happiness" for at, onset in enumerate(["1", "x", "2", "-3", "7.5"])]
    file.write_text("\n".join([header, *lines]) + "\n")
    found = merbench(*words.format(file).split())
    assert found.code == 2
    printed = " ".join(found.err.split())
    assert "3 rows cannot be read:" in printed
    for line in ("line 3: onset is 'x'", "line 5: onset is '-3'", "line 6: onset is '7.5'"):
        assert line in printed
