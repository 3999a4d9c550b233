"""`merbench run` on synthetic faces and on a CASME II tree, and what it refuses."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from merbench import Run

TINY = ["--set", "size=32", "--set", "epochs=2", "--set", "dataset.subjects=3", "--set", "dataset.clips=10"]
QUICK = ["--recipe", "quick", "--set", "size=32", "--set", "epochs=2"]
SLOW = '''
import time

from merbench import FittedMethod, Inputs


def sleep():
    print("asleep", flush=True)
    time.sleep(60)


{imported}


class Slow(FittedMethod):
    """Stays in its own code for long."""

    name = "slow"
    title = "Slow"
    family = "control"

    def inputs(self):
        return Inputs()

    def fit(self, train, samples, generator):
        sleep()
'''
Cli = Callable[..., Any]


def only(folder: Path) -> Path:
    [found] = folder.iterdir()
    return found


def test_the_main_job_ends_with_a_table_controls_and_a_record(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench("run", "-m", "mmnet", "-p", "loso", *TINY, "--runs-dir", tmp_path)
    assert answer.code == 0, answer.err
    for word in ("mmnet", "majority", "random", "oracle*", "UF1", "optimism", "surprise", str(only(tmp_path))):
        assert word in answer.out
    for word in ("30 clips, 3 subjects", "recipe quick", "seed 0", "3/3 synthetic/03", "UF1 so far"):
        assert word in answer.err
    record = json.loads((only(tmp_path) / "record.json").read_text())
    assert record["clips"] == 30
    assert record["counts"] == {"happiness": 6, "surprise": 6, "disgust": 6, "repression": 6, "others": 6}
    assert record["drawn"] is True
    assert record["numerics"]["precision"] in ("bfloat16", "float32")


def test_several_methods_and_seeds_make_one_table(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench(
        "run", "-m", "majority", "-m", "random", "--seeds", 3, "--set", "dataset.clips=10", "--runs-dir", tmp_path
    )
    assert answer.code == 0, answer.err
    assert len(list(tmp_path.iterdir())) == 6
    assert "±" in answer.out
    assert len({Run.load(path).header.group for path in tmp_path.iterdir()}) == 2


def test_a_casme2_tree_ends_with_a_record(merbench: Cli, tmp_path: Path, stand_in: Path) -> None:
    answer = merbench("run", "-m", "mmnet", "-d", "casme2", "--data", stand_in, *QUICK, "--runs-dir", tmp_path)
    assert answer.code == 0, answer.err
    run = Run.load(only(tmp_path))
    assert run.rules == ("last", "inner", "oracle")
    assert run.header.apexes_not_annotated == ("casme2/04/EP12_01f/261",)
    assert "middle frame taken" in answer.err
    assert run.header.synthetic is True
    assert run.header.parameter_count == run.record().as_dict()["parameter_count"] > 0


@pytest.mark.parametrize("data", ["casme2={}", "{}"])
def test_data_folders_are_given_by_name_or_alone(merbench: Cli, tmp_path: Path, stand_in: Path, data: str) -> None:
    words = ["--dataset", "casme2"] if data == "{}" else []
    answer = merbench("run", "-m", "majority", *words, "--data", data.format(stand_in), "--runs-dir", tmp_path)
    assert answer.code == 0, answer.err
    assert "casme2" in only(tmp_path).name


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "merbench", "run", "-m", "mmnet", *TINY, *words, "--runs-dir", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_with_the_same_bits(tmp_path: Path) -> None:
    rules = ("--select-epoch", "last,inner,oracle")
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert start(whole, *rules).wait() == 0
    process = start(broken, *rules)
    until = time.monotonic() + 120
    while not list(broken.glob("*/outer/*.npz")) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {path: path.stat().st_mtime_ns for path in broken.glob("*/outer/*.npz")}
    assert start(broken, *rules).wait() == 0
    assert kept
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items())
    one, two = Run.load(only(whole)), Run.load(only(broken))
    for left, right in zip(one.outer + one.inner, two.outer + two.inner, strict=True):
        assert left.keys == right.keys
        np.testing.assert_array_equal(left.probabilities, right.probabilities)
    for rule in ("last", "inner", "oracle"):
        assert one.scores(rule) == two.scores(rule)


@pytest.mark.slow
def test_an_interrupt_says_that_the_run_can_go_on(tmp_path: Path) -> None:
    words = [*TINY, "--runs-dir", str(tmp_path)]
    words[words.index("epochs=2")] = "epochs=500"
    heed = "import signal; from merbench.cli import main; signal.signal(signal.SIGINT, signal.default_int_handler)"
    # what a shell starts in the background ignores interrupts, and so would the command started by it
    command = [sys.executable, "-c", f"{heed}; main()", "run", "-m", "mmnet", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("record:"):
                break
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert "run the same command again" in rest


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_leaves_nothing_of_its_workers_on_the_terminal(
    tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    words = [*TINY, "--runs-dir", str(tmp_path), "--executor", "processes", "--workers", "2"]
    words[words.index("epochs=2")] = "epochs=500"
    heed = "import signal; from merbench.cli import main; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heed}; main()", "run", "-m", "mmnet", *words]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("record:"):
                break
        time.sleep(3)  # for the workers to begin
        os.killpg(process.pid, sent) if sent == signal.SIGINT else process.send_signal(sent)  # as shells and timeout do
        rest = process.stderr.read()
    assert process.returncode == code
    assert rest.splitlines() == ["merbench: stopped. What is finished is kept; run the same command again to go on."]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("place", ["import", "fit"])
def test_a_stop_within_code_of_an_entry_is_no_fault_of_the_entry(
    tmp_path: Path, place: str, sent: signal.Signals, code: int
) -> None:
    plugin = tmp_path / "slow.py"
    plugin.write_text(SLOW.format(imported="sleep()" if place == "import" else ""), encoding="utf-8")
    heed = "import signal; from merbench.cli import main; signal.signal(signal.SIGINT, signal.default_int_handler)"
    words = ["run", "-m", "slow", "--plugin", str(plugin), *TINY[-4:], "--runs-dir", str(tmp_path / "runs")]
    with subprocess.Popen(
        [sys.executable, "-c", f"{heed}; main()", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "asleep\n"
        process.send_signal(sent)
        rest = process.stderr.read()
    assert process.returncode == code
    assert rest.splitlines()[-1].startswith("merbench: stopped.")
    assert "failed" not in rest
    assert "Traceback" not in rest


def refused(answer: Any, *words: str) -> None:
    assert answer.code == 2, answer.out + answer.err
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-m", "mmnte"], ["Unknown method 'mmnte'", "Did you mean 'mmnet'?", "majority"]),
        (["-m", "mmnet", "-p", "lso"], ["Unknown protocol 'lso'", "'loso'"]),
        (["-m", "mmnet", "-d", "casme22"], ["Unknown dataset 'casme22'", "casme2"]),
        (["-m", "mmnet", "--set", "epoch=3"], ["Unknown setting of mmnet 'epoch'", "'epochs'"]),
        (["-m", "mmnet", "--set", "epochs=many"], ["epochs=many", "a whole number from 1"]),
        (["-m", "mmnet", "--set", "size=50"], ["size=50", "divisible by 16"]),
        (["-m", "mmnet", "--set", "motion=flov"], ["motion=flov", "one of difference, apex"]),
        (["-m", "mmnet", "--set", "dataset.hard=1"], ["dataset.hard", "dataset.difficulty"]),
        (["-m", "mmnet", "--set", "protocol.folds=3"], ["protocol.folds"]),
        (["-m", "mmnet", "--set", "epochs"], ["--set NAME=VALUE"]),
        (["-m", "majority", "--set", "epochs=3"], ["Unknown setting of majority 'epochs'"]),
        (["-m", "mmnet", "--recipe", "fast"], ["recipe", "'fast'", "published", "quick"]),
        (["-m", "mmnet", "--scheme", "4-class"], ["label scheme", "5-class"]),
        (["-m", "mmnet", "--select-epoch", "best"], ["rules=best", "last, inner, oracle"]),
        (["-m", "mmnet", "--device", "tpu9"], ["device=tpu9", "cpu"]),
        (["-m", "mmnet", "--precision", "half"], ["--precision", "half", "float32", "bfloat16"]),
        (["-m", "mmnet", "--apex", "guess"], ["--apex", "guess", "middle", "spot", "drop", "error"]),
        (["-m", "mmnet", "--seed", "-1"], ["seed=-1"]),
        (["-m", "mmnet", "-d", "casme2"], ["no data folder", "--data casme2=DIR", "data mock casme2"]),
        (["-m", "mmnet", "-d", "casme2", "--data", "nowhere"], ["nowhere", "does not exist"]),
        (["-m", "mmnet", "--data", "nowhere"], ["--data", "which dataset"]),
        (["-m", "mmnet", "--set", "dataset.subjects=1"], ["at least 2 subjects", "synthetic/01"]),
        (["-m", "mmnet", "--set", "dataset.clips=3"], ["no clip of class surprise"]),
        (["-m", "mmnet", "-m", "random", "--out", "x"], ["--out", "--runs-dir"]),
        (["-m", "mmnet", "--plugin", "nowhere.py"], ["nowhere.py", "no such file"]),
    ],
)
def test_mistakes_get_a_sentence_and_leave_nothing(
    merbench: Cli, tmp_path: Path, words: list[str], said: list[str]
) -> None:
    refused(merbench("run", *words, "--runs-dir", tmp_path / "runs"), *said)
    assert not (tmp_path / "runs").exists()


@pytest.fixture
def tree(tmp_path: Path, stand_in: Path) -> Path:
    """A tree of one's own, to be damaged."""
    return Path(shutil.copytree(stand_in, tmp_path / "tree"))


def workbook(tree: Path) -> Path:
    [found] = tree.glob("CASME2-coding-*.xlsx")
    return found


def on_tree(merbench: Cli, tree: Path, *words: object) -> Any:
    return merbench("run", "-m", "mmnet", "-d", "casme2", "--data", tree, *QUICK, "--select-epoch", "last", *words,
                    "--runs-dir", tree.parent / "runs")  # fmt: skip


def test_a_workbook_without_a_needed_column(merbench: Cli, tree: Path) -> None:
    book = openpyxl.load_workbook(workbook(tree))
    header = next(cell for cell in book["Sheet1"][1] if cell.value == "ApexFrame")
    header.value = "Peak"
    book.save(workbook(tree))
    refused(on_tree(merbench, tree), "ApexFrame", workbook(tree).name)
    assert not (tree.parent / "runs").exists()


def a_frame(tree: Path, number: int = 0) -> Path:
    """The onset frame of the first clip that the 5-class scheme holds."""
    dataset = _casme2()
    table = dataset.table(tree).table
    row = table[table["emotion"].isin(["happiness", "surprise", "disgust"])].iloc[number]
    from merbench.annotations.clips import clip_of

    clip = clip_of("casme2", row)
    return dataset.frames(tree, clip)[clip.onset]


def _casme2() -> Any:
    from merbench.registry import datasets

    return datasets.get("casme2")()


def test_frames_missing_or_unreadable_are_named_and_counted(merbench: Cli, tree: Path) -> None:
    missing, broken = a_frame(tree, 0), a_frame(tree, 1)
    missing.unlink()
    broken.write_bytes(broken.read_bytes()[:400])
    refused(on_tree(merbench, tree), "2 of ", "lack usable frames", broken.name, missing.parent.name, "--on-error skip")
    assert not (tree.parent / "runs").exists()
    answer = on_tree(merbench, tree, "--on-error", "skip")
    assert answer.code == 0, answer.err
    manifest = Run.load(only(tree.parent / "runs")).header.as_dict()
    lost = [left_out for left_out in manifest["left_out"] if left_out["why"] == "frames"]
    assert len(lost) == 2
    assert manifest["clips"] == sum(manifest["counts"].values())
    assert "left out for their frames: 2 clips" in answer.err


def test_an_apex_that_cannot_be_used(merbench: Cli, tree: Path) -> None:
    refused(on_tree(merbench, tree, "--apex", "error"), "casme2/04/EP12_01f/261", "no apex", "--apex middle")
    book = openpyxl.load_workbook(workbook(tree))
    sheet = book["Sheet1"]
    names = {cell.value: cell.column for cell in sheet[1]}
    row = next(row for row in sheet.iter_rows(min_row=2) if row[names["Estimated Emotion"] - 1].value == "surprise")
    row[names["ApexFrame"] - 1].value = 1
    book.save(workbook(tree))
    refused(on_tree(merbench, tree, "--apex", "error"), "the apex 1 lies outside")
    answer = on_tree(merbench, tree, "--apex", "drop")
    assert answer.code == 0, answer.err
    manifest = Run.load(only(tree.parent / "runs")).header.as_dict()
    assert manifest["apex_policy"] == "drop"
    assert [left_out["why"] for left_out in manifest["left_out"]].count("apex") == 2
    assert "left out for their apex: 2 clips" in answer.err


def test_a_folder_of_another_run_is_left_alone(merbench: Cli, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    words = ["run", "-m", "random", "--set", "dataset.clips=10", "--out", out]
    assert merbench(*words).code == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    refused(merbench(*words, "--set", "epochs=7"), "holds another run", "parameters", "--out")
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    refused(merbench("run", "-m", "random", "--out", other), "other files and no run")
    assert [path.name for path in other.iterdir()] == ["notes.txt"]


def test_frames_or_numerics_that_changed_since_are_not_mixed(merbench: Cli, tree: Path) -> None:
    assert on_tree(merbench, tree).code == 0
    path = only(tree.parent / "runs")
    manifest = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(
        json.dumps({**manifest, "numerics": {**manifest["numerics"], "device_name": "Abacus"}})
    )
    refused(on_tree(merbench, tree), "device_name Abacus then", "--out")
    (path / "run.json").write_text(json.dumps(manifest))
    frame = a_frame(tree)
    frame.write_bytes(frame.read_bytes() + b"\0")
    refused(on_tree(merbench, tree), "other frames", "--out")


def test_a_full_disk_loses_nothing(merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["run", "-m", "mmnet", *TINY, "--select-epoch", "last", "--runs-dir", tmp_path / "runs"]
    real, calls = os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 3:  # the manifest and a fold are kept, then there is no space
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    merbench("run", "-m", "mmnet", *TINY, "--select-epoch", "last", "--runs-dir", tmp_path / "warm")
    monkeypatch.setattr(os, "fsync", full)
    refused(merbench(*words), "the disk is full", "Finished folds are kept", "same command again")
    folder = only(tmp_path / "runs")
    assert len(list(folder.glob("outer/*.npz"))) == 2
    assert not list(folder.rglob("*.part"))
    monkeypatch.setattr(os, "fsync", real)
    answer = merbench(*words)
    assert answer.code == 0, answer.err
    assert "2 trainings kept" in answer.err
    assert Run.load(folder).scores() == Run.load(only(tmp_path / "warm")).scores()


def test_a_rule_can_be_added_to_a_run(merbench: Cli, tmp_path: Path) -> None:
    words = ["run", "-m", "mmnet", *TINY, "--runs-dir", tmp_path]
    assert merbench(*words, "--select-epoch", "last").code == 0
    before = Run.load(only(tmp_path))
    assert before.rules == ("last",)
    answer = merbench(*words, "--select-epoch", "inner")
    assert answer.code == 0, answer.err
    after = Run.load(only(tmp_path))
    assert after.rules == ("last", "inner")
    assert after.scores("last") == before.scores("last")
    assert "3/3" in answer.err


def test_check_says_what_would_be_run_and_trains_and_writes_nothing(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench("run", "-m", "ststnet,majority", *TINY[4:], "--check", "--runs-dir", tmp_path / "runs")
    assert answer.code == 0, answer.err
    for words in ("ststnet under loso", "majority under loso", "30 clips, 3 subjects", "expected duration"):
        assert words in answer.err
    assert "nothing was trained" in answer.out
    assert list(tmp_path.iterdir()) == []


def test_check_refuses_what_the_run_would(merbench: Cli, tmp_path: Path) -> None:
    for wrong in (("--set", "epochs=0"), ("--set", "sampling=none-such"), ("--dataset", "casme2")):
        answer = merbench("run", "-m", "ststnet", *wrong, "--check", "--runs-dir", tmp_path)
        assert answer.code == 2
        assert answer.err.startswith("merbench: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--tuned", "nowhere.toml"), "nowhere.toml"),
        (("--seeds", "2", "--out", "new"), "--out names the folder of one run"),
        (("--out", "."), "holds other files and no run"),
        (("--keep-weights", "--executor", "processes"), "leave out --executor"),
    ],
)
def test_check_refuses_files_and_folders_that_the_run_would(
    merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    answer = merbench("run", "-m", "ststnet", *TINY[4:], "--check", *words)
    assert answer.code == 2
    assert sentence in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_of_other_files_is_refused_before_data_is_read(
    merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    monkeypatch.setattr("merbench.experiments.runs.prepare", lambda experiment, observer: pytest.fail("data is read"))
    answer = merbench("run", "-m", "ststnet", *TINY[4:], "--out", tmp_path)
    assert answer.code == 2
    assert "holds other files and no run" in answer.err
