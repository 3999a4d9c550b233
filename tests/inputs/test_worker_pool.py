"""Computing in worker processes: the same numbers as here, whatever becomes of the workers."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest

from merbench.annotations.clips import Clip, clip_of
from merbench.data.source import Source
from merbench.datasets.synthetic import Synthetic
from merbench.inputs import ArrayInput, Flow
from merbench.inputs.cache import Cache
from merbench.inputs.clip_reader import ClipFiles
from merbench.inputs.prepare_arrays import prepare_array

FLOW = Flow(size=(16, 16), computed=(32, 32), algorithm="dis")
Sources = Mapping[str, Source]
HOARD: list[np.ndarray] = []


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes are used, whatever the machine has."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")


@pytest.fixture
def drawn() -> tuple[list[Clip], Sources]:
    """Enough clips for workers to be worth while."""
    dataset = Synthetic(Synthetic.Parameters().changed({"subjects": 2, "clips": 5}))
    clips = [clip_of("synthetic", row) for _, row in dataset.table(None).table.iterrows()]
    return clips, {"synthetic": Source(dataset=dataset)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids(ArrayInput):
    """The id of the process that computed a clip; every process but this one is ended, or grows, if so asked."""

    name: ClassVar[str] = "ids"
    revision: ClassVar[int] = 1
    home: int
    fatal: bool = False
    grows: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return (1,)

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        return ()

    def array(self, files: ClipFiles) -> np.ndarray:
        if self.fatal and os.getpid() != self.home:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.grows and os.getpid() != self.home:
            HOARD.append(np.ones(320_000_000, np.uint8))  # loky replaces what grew by 300 MB since a second before
            time.sleep(1.1)
        return np.array([os.getpid()], np.float32)


def one_by_one(clips: list[Clip], sources: Sources, cache: Cache) -> np.ndarray:
    return np.concatenate([prepare_array([clip], sources, FLOW, cache=cache)[0].values for clip in clips])


def test_workers_give_the_numbers_that_this_process_gives(drawn: tuple[list[Clip], Sources], tmp_path: Path) -> None:
    clips, sources = drawn
    told: list[tuple[int, int]] = []
    found, failed = prepare_array(
        clips, sources, FLOW, lambda done, total: told.append((done, total)), Cache(tmp_path / "a")
    )
    assert failed == {}
    assert told == [(done, 10) for done in range(1, 11)]
    np.testing.assert_array_equal(found.values, one_by_one(clips, sources, Cache(tmp_path / "b")))


def test_what_workers_cannot_load_is_done_here(
    drawn: tuple[list[Clip], Sources], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("known_here_alone", __file__)  # as a --plugin FILE is
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "known_here_alone", module)
    spec.loader.exec_module(module)
    clips, sources = drawn
    found, _ = prepare_array(clips, sources, module.Ids(home=os.getpid()), cache=Cache(tmp_path))
    assert (found.values == os.getpid()).all()


SCRIPT = """
import sys
from pathlib import Path

print("begun", flush=True)

from merbench.annotations.clips import clip_of
from merbench.data.source import Source
from merbench.datasets.synthetic import Synthetic
from merbench.inputs import Flow
from merbench.inputs.prepare_arrays import prepare_array
from merbench.inputs.cache import Cache

dataset = Synthetic(Synthetic.Parameters().changed({"subjects": 2, "clips": int(sys.argv[2])}))
clips = [clip_of("synthetic", row) for _, row in dataset.table(None).table.iterrows()]
declared = Flow(size=(16, 16), computed=(32, 32), algorithm="dis")
sources = {"synthetic": Source(dataset=dataset)}
told = lambda done, total: print(done, flush=True)
found, failed = prepare_array(clips, sources, declared, told, Cache(Path(sys.argv[1])))
print("sum", round(float(abs(found.values).sum()), 3), len(failed))
"""


def test_a_script_without_a_guarded_main_module_runs_once(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "cache"), "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("begun") == 1
    assert "sum" in done.stdout
    assert done.stderr == ""


def test_an_interrupt_is_the_one_thing_said_and_the_next_start_is_whole(tmp_path: Path) -> None:
    stopping = "def told(done, total):\n    if done == 8:\n        raise KeyboardInterrupt\n"
    told = next(line for line in SCRIPT.splitlines() if line.startswith("told ="))
    (tmp_path / "script.py").write_text(SCRIPT.replace(told, stopping))
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "cache"), "12"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
    assert done.stderr.count("Traceback") == 1
    assert "Warning" not in done.stderr
    assert Cache(tmp_path / "cache").entries() == []


def test_killed_in_the_midst_leaves_no_entry_and_the_next_start_is_whole(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "cache"), "12"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != "3":
            assert process.poll() is None
        process.kill()
    cache = Cache(tmp_path / "cache")
    assert cache.entries() == []
    again = subprocess.run(command, capture_output=True, text=True, timeout=200, check=True)
    assert "sum" in again.stdout
    assert len(cache.entries()) == 1


def test_two_processes_that_compute_the_same_end_with_one_entry(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "cache"), "4"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=200)[0].splitlines()[-1] for process in both]
    assert said[0] == said[1]
    assert said[0].startswith("sum")
    assert len(Cache(tmp_path / "cache").entries()) == 1


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """This module under a name by which workers find it, too."""
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "found_by_workers.py").write_text(Path(__file__).read_text())
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)  # workers that were started before do not know the folder
    monkeypatch.delitem(sys.modules, "found_by_workers", raising=False)
    return importlib.import_module("found_by_workers")


def test_a_killed_worker_is_made_up_for(
    drawn: tuple[list[Clip], Sources], tmp_path: Path, importable: ModuleType
) -> None:
    clips, sources = drawn
    start = time.monotonic()
    fatal = importable.Ids(home=os.getpid(), fatal=True)
    found, failed = prepare_array(clips, sources, fatal, cache=Cache(tmp_path / "c"))
    assert failed == {}
    assert (found.values == os.getpid()).all()
    assert time.monotonic() - start < 120


@pytest.mark.timeout(120)
def test_workers_that_grow_are_replaced_even_where_warnings_are_errors(
    drawn: tuple[list[Clip], Sources], tmp_path: Path, importable: ModuleType
) -> None:
    clips, sources = drawn
    growing = importable.Ids(home=os.getpid(), grows=True)
    found, failed = prepare_array(clips, sources, growing, cache=Cache(tmp_path / "c"))
    assert failed == {}
    assert os.getpid() not in found.values
    assert len(np.unique(found.values)) > 2
