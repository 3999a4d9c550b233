"""Whether commands that run together give what one alone does: python tests/regression/together.py.

Two tuners on one study, eight writers on one leaderboard, the memory of a run over sixty folds, and equal bits for
equal numerics: for each number of parallel folds and of threads, folds trained in this process, by one worker and by
two. The figures are kept in `together.json`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from merbench.plural import plural

FIGURES = Path(__file__).with_name("together.json")
KILLS = runpy.run_path(str(Path(__file__).with_name("kills.py")))
merbench, contents = KILLS["merbench"], KILLS["contents"]
STSTNET = ("-m", "ststnet", "--recipe", "quick", "--set", "dataset.clips=5", "--set", "epochs=1", "--device", "cpu")
SMALL = (*STSTNET, "--set", "dataset.subjects=3")
WRITERS = 8
FOLDS = 60
#: By how much the memory of the last folds may exceed that of the first ones.
GROWTH = 0.03


def begun(folder: Path, words: Sequence[str], threads: int = 1) -> subprocess.Popen[str]:
    """A command that runs in a folder."""
    variables = {**KILLS["environment"](folder), "OMP_NUM_THREADS": str(threads)}
    return subprocess.Popen(
        KILLS["command"](words),
        cwd=folder,
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """What processes that failed said, once all have ended."""
    said = [process.communicate(timeout=KILLS["LONGEST"])[1] for process in processes]
    return [text[-300:] for text, process in zip(said, processes, strict=True) if process.returncode]


def tuners(home: Path) -> dict[str, Any]:
    """Two tuners on one study beside one alone: exactly the trials, and the parameters and results of the run."""
    words = ("tune", *SMALL, "--trials", "4", "--inner", "2", "--no-final-study", "--sampler", "random", "--out", "run")
    alone, both = home / "alone", home / "both"
    for folder in (alone, both):
        folder.mkdir()
    merbench(alone, *words)
    faults = ended([begun(both, words) for _ in range(2)])
    expected, now = contents(alone / "run"), contents(both / "run")
    trials = json.loads((both / "run" / "run.json").read_text("utf-8"))["tuning"]["trials"]
    differing = sorted(path for path in {*now, *expected} if now.get(path) != expected.get(path))
    return {"trials": trials, "failed": faults, "differing": differing, "sound": not faults and not differing}


def writers(home: Path) -> dict[str, Any]:
    """Eight writers of one leaderboard beside one after the other."""
    size = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--set", "epochs=1", "--select-epoch", "last")
    runs = [f"run{number}" for number in range(WRITERS)]
    for number, run in enumerate(runs):
        merbench(home, "run", "-m", "random", *size, "--seed", str(number), "--out", run)
        KILLS["commit"](home / run)
    for run in runs:
        merbench(home, "leaderboard", "add", run, "--dir", "serial")
    merbench(home, "leaderboard", "--dir", "serial")
    faults = ended([begun(home, ("leaderboard", "add", run, "--dir", "together")) for run in runs])
    faults += ended([begun(home, ("leaderboard", "--dir", "together")) for _ in runs])
    expected, now = contents(home / "serial"), contents(home / "together")
    differing = sorted(path for path in {*now, *expected} if now.get(path) != expected.get(path))
    return {"records": WRITERS, "failed": faults, "differing": differing, "sound": not faults and not differing}


def memory(home: Path) -> dict[str, Any]:
    """The resident memory of a run in MiB, by the number of folds that are finished."""
    size = ("--set", f"dataset.subjects={FOLDS // 5}", "-p", "leave-one-clip-out", "--parallel-folds", "1")
    process = begun(home, ("run", *STSTNET, *size, "--select-epoch", "last", "--out", "run"))
    by_folds: dict[int, float] = {}
    while process.poll() is None:
        done = len(list((home / "run" / "outer").glob("*.npz")))
        by_folds[done] = _resident(process.pid) or by_folds.get(done, 0.0)
        time.sleep(0.05)
    faults = ended([process])
    early = [size for done, size in by_folds.items() if 5 <= done < 20]
    late = [size for done, size in by_folds.items() if done >= FOLDS - 15]
    means = [round(sum(sizes) / max(len(sizes), 1)) for sizes in (early, late)]
    growth = round(means[1] / max(means[0], 1) - 1, 4)
    return {
        "folds": len(list((home / "run" / "outer").glob("*.npz"))),
        "MiB in folds 5 to 20": means[0],
        f"MiB in the last 15 of {FOLDS}": means[1],
        "growth": growth,
        "failed": faults,
        "sound": not faults and growth <= GROWTH,
    }


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0


def bits(home: Path) -> dict[str, Any]:
    """Which of the ways to carry folds out give other bits than this process does, for equal numerics.

    Workers share the threads of the machine, and the record says how many each had: with others, no bits are promised.
    """
    others = {"one worker": ("--executor", "processes", "--workers", "1"), "two workers": ("--executor", "processes")}
    equal: list[str] = []
    other_numerics: list[str] = []
    differing: list[str] = []
    for folds, threads in itertools.product((1, 3), (1, 2)):
        place = home / f"{folds}-{threads}"
        place.mkdir()
        size = ("--set", "dataset.subjects=4", "--parallel-folds", str(folds), "--precision", "float32")
        for name, words in {"this process": (), **others}.items():
            command = ("run", *STSTNET, *size, *words, "--out", name.replace(" ", "-"))
            differing += ended([begun(place, command, threads)])
        numerics, expected = _carried_out(place / "this-process")
        for name in others:
            way = f"{name}, {plural(folds, 'parallel fold')}, {plural(threads, 'thread')}"
            own, now = _carried_out(place / name.replace(" ", "-"))
            same = now == expected and bool(expected)
            (equal if same else other_numerics if own != numerics else differing).append(way)
    return {"equal": equal, "other numerics": other_numerics, "differing": differing, "sound": not differing}


def _carried_out(run: Path) -> tuple[Any, dict[str, str]]:
    """The numerics that a run recorded, and what its fold files hold."""
    return json.loads((run / "run.json").read_text("utf-8"))["numerics"], contents(run / "outer")


PARTS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "two tuners on one study": tuners,
    "eight writers on one board": writers,
    "memory over sixty folds": memory,
    "equal bits": bits,
}


def main() -> int:
    """0 if everything is sound."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--part", action="append", choices=list(PARTS), help="Only this; repeatable.")
    parser.add_argument("--out", type=Path, default=FIGURES, help="Where the figures are kept.")
    options = parser.parse_args()
    figures = json.loads(options.out.read_text("utf-8"))["parts"] if options.out.is_file() else {}
    for name in options.part or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "work"
            home.mkdir()
            figures[name] = PARTS[name](home)
        sys.stdout.write(f"{name}: {figures[name]}\n")
        sys.stdout.flush()
        content = {"command": "python tests/regression/together.py", "parts": figures}
        options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return int(not all(part["sound"] for part in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
