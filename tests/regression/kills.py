"""Whether a command that is killed at any moment leaves nothing wrong behind: python tests/regression/kills.py.

Each command is run undisturbed once, and then killed (SIGKILL, the whole process group) at random moments of its time
in a fresh folder. What remains is looked at: a file is there whole, or not at all, or under a hidden name. Then the
command is given again; it must end, and the folder must hold what the undisturbed one does, byte by byte. What two
equal calls do not share is left out: times, peak memory, and the study's own log, of which the trials count.

``--kills`` are shared among the commands; figures are kept in `kills.json`, with the command that made them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FIGURES = Path(__file__).with_name("kills.json")
#: Keys of records that differ between equal runs.
VOLATILE = ("seconds", "peak_memory", "hours")
#: Files that differ between equal runs: locks, and the logs of studies.
UNEQUAL = (".lock", ".db", ".sqlite3", ".log", ".db-wal", ".db-shm", ".db-journal", ".part")
LONGEST = 600.0
TINY = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--device", "cpu")


@dataclass(frozen=True)
class Scenario:
    """A command, what must be there before it, and which files of its folder are compared afterwards."""

    name: str
    words: tuple[str, ...]
    prepare: Callable[[Path], None]
    #: How many of a hundred kills it gets: quick commands get more.
    share: int


def scenarios() -> list[Scenario]:
    """The commands, each with an output below the folder that it is called in."""
    tune = ("tune", "-m", "ststnet", "--recipe", "quick", *TINY, "--set", "epochs=1", "--trials", "2", "--inner", "2")
    ablate = ("ablate", "-m", "ststnet", "--recipe", "quick", *TINY, "--set", "epochs=1", "--vary", "dropout=0.1,0.5")
    mock = ("data", "mock", "smic-hs", "--subjects", "1", "--clips", "1", "--out", "out/tree")
    return [
        Scenario("data import", ("data", "import", "clips", "--out", "out/clips.csv"), _class_folders, 20),
        Scenario("data export", ("data", "export", "casme2", "--data", "casme2", "--out", "out/clips.csv"), _mock, 20),
        Scenario("data mock", mock, _nothing, 18),
        Scenario("leaderboard add", ("leaderboard", "add", "run", "--dir", "out"), _board(added=False), 15),
        Scenario("leaderboard", ("leaderboard", "--dir", "out"), _board(added=True), 15),
        Scenario("ablate", (*ablate, "--runs-dir", "out", "--out", "table.csv"), _nothing, 6),
        Scenario("tune", (*tune, "--no-final-study", "--heartbeat", "1", "--out", "out/run"), _nothing, 6),
    ]


def _nothing(folder: Path) -> None:
    """The command needs nothing."""


def _class_folders(folder: Path) -> None:
    for subject in range(40):
        for emotion in ("happiness", "disgust", "surprise"):
            clip = folder / "clips" / emotion / f"{subject:02d}_EP{subject}"
            clip.mkdir(parents=True)
            for number in range(1, 6):
                (clip / f"img{number}.jpg").touch()


def _mock(folder: Path) -> None:
    merbench(folder, "data", "mock", "casme2", "--subjects", "3", "--clips", "5", "--out", "casme2")


def _board(*, added: bool) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        merbench(folder, "run", "-m", "majority", *TINY, "--out", "run")
        merbench(folder, "run", "-m", "random", *TINY, "--out", "other")
        for path in (folder / "run", folder / "other"):
            commit(path)
        merbench(folder, "leaderboard", "add", "other", "--dir", "out")
        if added:
            merbench(folder, "leaderboard", "add", "run", "--dir", "out")

    return prepare


def commit(run: Path) -> None:
    """Say that a run is of committed code, which boards demand, whatever state this checkout is in."""
    for name in ("run.json", "record.json"):
        content = json.loads((run / name).read_text("utf-8"))
        content["code"]["dirty"] = False
        (run / name).write_text(json.dumps(content), encoding="utf-8")


def merbench(folder: Path, *words: str) -> None:
    """A command that must succeed."""
    done = called(folder, words)
    if done.returncode:
        raise SystemExit(f"merbench {' '.join(words)} ended with {done.returncode}: {done.stderr}")


def called(folder: Path, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """What a command in a folder printed, and how it ended."""
    return subprocess.run(
        command(words),
        check=False,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )


def command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "merbench", *words]


def environment(folder: Path) -> dict[str, str]:
    threads = {"OMP_NUM_THREADS": "1", "LOKY_MAX_CPU_COUNT": "1"}
    return {**os.environ, **threads, "MERBENCH_CACHE": str(folder.parent / "cache"), "COLUMNS": "120"}


# --- what a folder holds ------------------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, str]:
    """What lies in a folder: by path, a digest of what two equal calls share; hidden and unequal files do not count."""
    return {
        str(path.relative_to(folder)): _digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name[0] != "." and not path.name.endswith(UNEQUAL)
    }


def _digest(path: Path) -> str:
    try:
        content = _shared(path)
    except (OSError, ValueError, KeyError) as fault:
        return f"unreadable: {fault}"
    return hashlib.sha256(content).hexdigest()


def _shared(path: Path) -> bytes:
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return b"".join(
                name.encode() + str(arrays[name].dtype).encode() + arrays[name].tobytes()
                for name in sorted(arrays)
                if name not in VOLATILE
            )
    if path.suffix == ".json":
        return json.dumps(_steady(json.loads(path.read_text("utf-8"))), sort_keys=True).encode()
    if path.suffix == ".xlsx":
        from openpyxl import load_workbook

        return repr([[list(row) for row in sheet.values] for sheet in load_workbook(path).worksheets]).encode()
    if path.name == "report.html":  # it has the times of trials
        return b""
    return path.read_bytes()


def _steady(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _steady(value) for name, value in content.items() if name not in VOLATILE}
    return [_steady(value) for value in content] if isinstance(content, list) else content


# --- kills --------------------------------------------------------------------------------------------------------


def killed(scenario: Scenario, folder: Path, after: float) -> bool:
    """Whether the command was still running after that many seconds, and was killed."""
    process = subprocess.Popen(
        command(scenario.words),
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def trial(scenario: Scenario, prepared: Path, expected: Mapping[str, str], after: float) -> dict[str, Any]:
    """One kill: what remained that is not in the undisturbed folder, and whether the second call gives the same."""
    with tempfile.TemporaryDirectory(dir=prepared.parent) as name:
        folder = Path(name) / "work"
        shutil.copytree(prepared, folder)
        before = contents(folder)
        stopped = killed(scenario, folder, after)
        remained = contents(folder)
        half = [path for path, digest in remained.items() if digest not in (expected.get(path), before.get(path))]
        start = time.monotonic()
        try:
            again = called(folder, scenario.words)
            code, said = again.returncode, again.stderr.strip().splitlines()[-1:]
        except subprocess.TimeoutExpired:
            code, said = -1, ["it does not end"]
        now = contents(folder)
        differing = sorted(path for path in {*now, *expected} if now.get(path) != expected.get(path))
        return {
            "after": round(after, 3),
            "killed": stopped,
            "files": len(remained),
            "half": half,
            "code": code,
            "said": said if code else [],
            "differing": differing,
            "seconds": round(time.monotonic() - start, 2),
        }


def measured(scenario: Scenario, kills: int, rng: random.Random, home: Path) -> dict[str, Any]:
    """The figures of one command under that many kills."""
    prepared = home / scenario.name.replace(" ", "-") / "prepared"
    prepared.mkdir(parents=True)
    scenario.prepare(prepared)
    for name in ("first", "whole"):  # the first reads everything from the disk, and takes longer
        whole = prepared.with_name(name)
        shutil.copytree(prepared, whole)
        start = time.monotonic()
        merbench(whole, *scenario.words)
        seconds = time.monotonic() - start
    expected = contents(whole)
    trials = [trial(scenario, prepared, expected, rng.uniform(0.02, 1.05) * seconds) for _ in range(kills)]
    faults = [each for each in trials if not sound(each)]
    counts = Counter(bool(each["killed"]) for each in trials)
    sys.stdout.write(f"{scenario.name}: {counts[True]} kills, {counts[False]} ended first, {len(faults)} faults\n")
    for each in faults[:3]:
        sys.stdout.write(f"  {each}\n")
    sys.stdout.flush()
    return {
        "command": f"merbench {' '.join(scenario.words)}",
        "seconds": round(seconds, 2),
        "files": len(expected),
        "kills": counts[True],
        "ended_first": counts[False],
        "left_half_written": sum(bool(each["half"]) for each in trials),
        "second_call_refused": sum(each["code"] != 0 for each in trials),
        "second_call_differs": sum(bool(each["differing"]) for each in trials),
        "longest_second_call": max((each["seconds"] for each in trials), default=0.0),
        "faults": faults[:5],
    }


def sound(each: Mapping[str, Any]) -> bool:
    """Whether the second call mended whatever the kill left."""
    return each["code"] in (0, 2) and not each["differing"]  # 2: what it makes is there already, and whole


def main() -> int:
    """0 if every second call gives what an undisturbed one does."""
    every = scenarios()
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200, help="How many kills, shared among the commands.")
    parser.add_argument("--seed", type=int, default=0, help="The seed of the moments.")
    parser.add_argument("--command", action="append", choices=[each.name for each in every], help="Repeatable.")
    parser.add_argument("--out", type=Path, default=FIGURES, help="Where the figures are kept.")
    options = parser.parse_args()
    chosen = [each for each in every if not options.command or each.name in options.command]
    every_share = sum(each.share for each in chosen)
    figures: dict[str, Any] = {}
    if options.out.is_file():
        figures = json.loads(options.out.read_text("utf-8"))["commands"]
    with tempfile.TemporaryDirectory() as home:
        for each in chosen:
            count = round(options.kills * each.share / every_share)
            words = f"python tests/regression/kills.py --command '{each.name}' --kills {count} --seed {options.seed}"
            figures[each.name] = {
                "measured by": words,
                **measured(each, count, random.Random(f"{options.seed} {each.name}"), Path(home)),
            }
            content = {"kills": sum(each["kills"] for each in figures.values()), "commands": figures}
            options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return int(any(figures[each.name]["faults"] for each in chosen))


if __name__ == "__main__":
    sys.exit(main())
