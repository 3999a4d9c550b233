"""A package of other people, as a wheel beside that of merbench in a new environment: found, checked, run, ranked."""

from __future__ import annotations

import json
import os
import re
import shutil
import site
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

THIRD_PARTY = Path(__file__).parent / "third_party"
#: What the environment may see of the one that the tests run in: libraries, but no editable merbench.
LIBRARIES = [path for path in site.getsitepackages() if Path(path).is_dir()]
WORKER = """
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

import merbench

if __name__ == "__main__":
    settings = {"dataset.subjects": 3, "dataset.clips": 5, "epochs": 1}
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        run = pool.submit(merbench.run, "stranger-net", settings=settings, device="cpu", out=sys.argv[1]).result()
    print(run.method, len(run.keys), merbench.__file__)
"""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An environment with both wheels, and a folder to work in."""

    place: Path
    work: Path

    def call(self, *command: str, code: int = 0) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
        done = subprocess.run(
            [str(self.place / "bin" / command[0]), *command[1:]],
            cwd=self.work,
            env={**kept, "MERBENCH_CACHE": str(self.work / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def environment(root: Path, files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    top = tmp_path_factory.mktemp("third")
    for path in files:
        if path.parts[0] not in ("tests", "leaderboard", "docs"):
            (top / "merbench" / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, top / "merbench" / path)
    shutil.copytree(THIRD_PARTY, top / "stranger", ignore=shutil.ignore_patterns("*.egg-info", "build", "__pycache__"))
    wheels = [_wheel(top / name, top / "wheels" / name) for name in ("merbench", "stranger")]
    venv.create(top / "venv", with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(top / "venv" / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", *map(str, wheels)], check=True)
    [packages] = (top / "venv" / "lib").glob("python*/site-packages")
    (packages / "libraries.pth").write_text("\n".join(LIBRARIES) + "\n", "utf-8")  # last, or pip would find merbench
    (top / "work").mkdir()
    return Environment(place=top / "venv", work=top / "work")


def _wheel(source: Path, out: Path) -> Path:
    command = [sys.executable, "-P", "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), str(source)]
    done = subprocess.run(command, cwd=source.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [made] = out.iterdir()
    return made


def test_it_is_found_and_its_broken_entry_harms_nothing(environment: Environment) -> None:
    listed = environment.call("merbench", "list")
    assert "A stranger's network [image network] (from stranger)" in listed
    assert "A stranger's halves (from stranger)" in listed
    assert re.search(r"stranger-gone +BROKEN, in stranger \(stranger.no_such_module:Gone\): ModuleNotFound", listed)
    assert "  mmnet " in listed
    assert environment.call("merbench", "list", "methods", "--check", code=1)


@pytest.mark.parametrize("name", ["stranger-net", "stranger-halves"])
def test_it_passes_the_checks(environment: Environment, name: str) -> None:
    told = environment.call("merbench", "check", name)
    assert " 0 failed" in told


def test_it_runs_from_another_folder_and_is_ranked(environment: Environment) -> None:
    small = ("--set", "dataset.subjects=4", "--set", "dataset.clips=5", "--device", "cpu")
    words = ("run", "-p", "stranger-halves", *small, "--runs", "runs")
    environment.call("merbench", *words, "-m", "stranger-net", "--set", "epochs=1")
    environment.call("merbench", *words, "-m", "majority")
    runs = [str(path) for path in sorted((environment.work / "runs").iterdir())]
    environment.call("merbench", "audit", *runs)
    environment.call("merbench", "leaderboard", "add", *runs, "--dir", "board")
    environment.call("merbench", "leaderboard", "--dir", "board")
    assert "stranger-net" in (environment.work / "board" / "README.md").read_text("utf-8")
    [run] = [path for path in runs if "stranger-net" in Path(path).name]
    origins = json.loads((Path(run) / "record.json").read_text("utf-8"))["origins"]
    for entry in ("method stranger-net", "protocol stranger-halves"):
        assert (origins[entry]["package"], origins[entry]["version"]) == ("stranger", "1.2.3")
        assert len(origins[entry]["digest"]) == 64


def test_it_runs_in_a_spawned_worker(environment: Environment) -> None:
    (environment.work / "worker.py").write_text(WORKER, "utf-8")
    told = environment.call("python", "worker.py", "spawned").split()
    assert told[:2] == ["stranger-net", "3"]
    assert Path(told[2]).is_relative_to(environment.place)
