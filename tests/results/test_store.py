"""Runs on disk: bit for bit, whole or not at all, and a sentence for every trouble."""

import contextlib
import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import filelock
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import merbench
from merbench.errors import StoreError
from merbench.results.fold_result import FoldResult
from merbench.results.header import FORMAT
from merbench.results.reading import read_header, read_record
from merbench.results.store import Store

GOLDEN = Path(__file__).parent / "golden" / "format-1"
HEADER = read_header(GOLDEN / "run.json")

ODD_NAMES = (
    "casme2/01",
    "casme2_01",
    "casme2\\01",
    "casme2 01",
    "Übung/ß",
    "表情/01",
    "../../etc/passwd",
    "..",
    ".",
    "",
    "a\nb",
    "a\tb",
    "*",
    "?",
    "x" * 500,
    "x" * 501,
    "CON",
    "A",
    "a",
)


def outcome(fold: str = "d/01", kind: str = "outer", seed: int = 0) -> FoldResult:
    draws = np.random.default_rng(seed)
    return FoldResult(
        fold=fold,
        kind=kind,
        keys=("d/01/a/1", "d/01/b/2", "d/01/表情/3"),
        truth=np.array([0, 2, 1]),
        probabilities=draws.dirichlet(np.ones(3), (4, 3)).astype(np.float32),
        has_epochs=True,
        seconds=1.25,
        peak_memory=2**40 + 1,
    )


def assert_equal(one: FoldResult, two: FoldResult) -> None:
    for name in ("fold", "kind", "keys", "has_epochs", "seconds", "peak_memory"):
        assert getattr(one, name) == getattr(two, name)
    for name in ("truth", "probabilities"):
        left, right = getattr(one, name), getattr(two, name)
        assert (left.dtype, left.shape, left.tobytes()) == (right.dtype, right.shape, right.tobytes())


def files(path: Path) -> list[str]:
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "run")


@pytest.mark.parametrize("kind", ["outer", "inner"])
def test_an_outcome_comes_back_bit_for_bit(store: Store, kind: str) -> None:
    given = outcome(kind=kind)
    given.probabilities[0, 0] = [np.float32(1e-45), np.float32(np.pi / 1e7), np.nextafter(np.float32(1), np.float32(0))]
    store.write(given)
    assert_equal(store.read(kind, "d/01"), given)


@pytest.mark.parametrize(
    ("row", "said"), [([1.5, -0.5, 0], "must not be negative"), ([0.5, 0.5, 0.5], "sum to 1"), ([np.nan] * 3, "finite")]
)
def test_values_that_are_no_probabilities_are_refused(store: Store, row: list[float], said: str) -> None:
    result = outcome()
    result.probabilities[0, 0] = row
    store.write(result)
    with pytest.raises(StoreError, match=said):
        store.read("outer", "d/01")


def test_kinds_of_one_fold_lie_apart(store: Store) -> None:
    store.write(outcome(kind="outer", seed=1))
    assert not store.has("inner", "d/01")
    store.write(outcome(kind="inner", seed=2))
    assert_equal(store.read("outer", "d/01"), outcome(kind="outer", seed=1))


def test_odd_fold_names_get_files_of_their_own_inside_the_run(store: Store) -> None:
    for seed, name in enumerate(ODD_NAMES):
        assert not store.has("outer", name)
        store.write(outcome(name, seed=seed))
    assert len(files(store.path)) == len(ODD_NAMES)
    assert all(file.startswith("outer/") and file.isascii() for file in files(store.path))
    assert len({file.casefold() for file in files(store.path)}) == len(ODD_NAMES)
    for seed, name in enumerate(ODD_NAMES):
        assert_equal(store.read("outer", name), outcome(name, seed=seed))
    assert store.missing("outer", [*ODD_NAMES, "another"]) == ["another"]


@given(one=st.text(max_size=20), other=st.text(max_size=20))
@settings(max_examples=50)
def test_any_two_fold_names_get_two_files(tmp_path_factory: pytest.TempPathFactory, one: str, other: str) -> None:
    store = Store(tmp_path_factory.mktemp("run"))
    store.write(outcome(one))
    assert store.has("outer", other) == (one == other)


@pytest.mark.parametrize("step", ["write", "flush", "fsync", "replace"])
@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (OSError("odd"), "odd"),
    ],
)
def test_a_write_that_fails_leaves_what_was_there(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str, fault: OSError, cause: str
) -> None:
    store.write(outcome(seed=1))
    before = files(store.path)
    failing(monkeypatch, step, fault)
    for name in ("d/01", "d/02"):
        with pytest.raises(StoreError) as refused:
            store.write(outcome(name, seed=2))
        said = str(refused.value)
        assert said.startswith(f"{store.path / 'outer'}")
        assert said.endswith(
            f".npz cannot be written: {cause}. Finished folds are kept; solve this and run the same command again."
        )
    monkeypatch.undo()
    assert files(store.path) == before
    assert_equal(store.read("outer", "d/01"), outcome(seed=1))
    assert not store.has("outer", "d/02")


@pytest.mark.parametrize("step", ["write", "flush", "fsync", "replace"])
def test_an_interruption_leaves_what_was_there(store: Store, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    store.write_header(HEADER.updated(title="first"))
    failing(monkeypatch, step, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        store.write_header(HEADER.updated(title="second"))
    monkeypatch.undo()
    assert files(store.path) == ["run.json"]
    assert store.read_header().title == "first"


class Failing(io.FileIO):
    """A file that fails at one step, after half of what was written reached it."""

    step: str
    fault: BaseException

    def write(self, content: bytes) -> int:  # type: ignore[override]
        if self.step == "write":
            super().write(content[: len(content) // 2])
            raise self.fault
        return super().write(content)

    def flush(self) -> None:
        if self.step == "flush" and not self.closed:
            raise self.fault
        super().flush()


def failing(patch: pytest.MonkeyPatch, step: str, fault: BaseException) -> None:
    """Let one step of writing a file fail."""

    def fail(*_: object) -> None:
        raise fault

    if step == "fsync":
        patch.setattr(os, "fsync", fail)
    elif step == "replace":
        patch.setattr(Path, "replace", fail)
        patch.setattr(os, "replace", fail)
        patch.setattr(os, "rename", fail)
    else:
        made = type("Made", (Failing,), {"step": step, "fault": fault})
        patch.setattr(Path, "open", lambda self, mode: made(os.fspath(self), mode))


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "run")
    with pytest.raises(StoreError, match="cannot be written: Not a directory"):
        store.write(outcome())
    with pytest.raises(StoreError, match="cannot be written: Not a directory"), store.locked():
        pass


def test_an_outcome_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        store.read("outer", "d/01")


def damaged(store: Store, damage: Callable[[bytes], bytes]) -> Path:
    store.write(outcome())
    [name] = files(store.path)
    path = store.path / name
    path.write_bytes(damage(path.read_bytes()))
    return path


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.99])
def test_a_truncated_outcome_is_refused_with_the_mend(store: Store, share: float) -> None:
    path = damaged(store, lambda content: content[: int(share * len(content))])
    with pytest.raises(StoreError) as refused:
        store.read("outer", "d/01")
    assert str(refused.value).startswith(f"{path} cannot be read (")
    assert str(refused.value).endswith("delete it and run again to make it anew.")


@given(place=st.integers(0, 10**6), value=st.integers(1, 255))
@settings(max_examples=60)
def test_a_changed_byte_is_refused_or_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    def flip(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[place % len(content)] ^= value
        return bytes(changed)

    store = Store(tmp_path_factory.mktemp("run"))
    damaged(store, flip)
    with contextlib.suppress(StoreError):
        assert_equal(store.read("outer", "d/01"), outcome())


@pytest.mark.parametrize("content", [b"text", b"\x80\x04N.", b"PK\x03\x04"])
def test_a_file_of_another_kind_is_refused(store: Store, content: bytes) -> None:
    damaged(store, lambda _: content)
    with pytest.raises(StoreError, match=r"cannot be read \(it is no npz file, or a part of one\)"):
        store.read("outer", "d/01")


def test_a_bare_array_is_refused(store: Store) -> None:
    path = damaged(store, lambda content: content)
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(StoreError, match="cannot be read"):
        store.read("outer", "d/01")


def test_an_outcome_of_another_format_is_refused(store: Store) -> None:
    path = damaged(store, lambda content: content)
    with np.load(path) as kept:
        arrays = dict(kept)
    with path.open("wb") as file:
        np.savez(file, **{**arrays, "format": FORMAT + 1})
    with pytest.raises(StoreError, match=f"format {FORMAT + 1}"):
        store.read("outer", "d/01")


def test_pickled_content_is_never_loaded(store: Store) -> None:
    path = damaged(store, lambda content: content)
    with np.load(path) as kept:
        arrays = dict(kept)
    with path.open("wb") as file:
        np.savez(file, **{**arrays, "keys": np.array([{"a": 1}], dtype=object)})
    with pytest.raises(StoreError, match="cannot be read"):
        store.read("outer", "d/01")


def test_a_header_and_a_record_come_back(store: Store) -> None:
    header = HEADER.updated(folds=("d/01",), title="表情 ±", parameter_count=None)
    record = read_record(GOLDEN / "record.json").updated(seconds=0.1)
    assert not store.exists
    store.write_header(header)
    store.write_record(record)
    assert store.exists
    assert store.read_header() == header
    assert store.read_record() == record
    assert files(store.path) == ["record.json", "run.json"]


def test_a_folder_without_a_header_is_no_run(store: Store) -> None:
    with pytest.raises(StoreError) as refused:
        store.read_header()
    assert str(refused.value) == f"{store.path} is no run of merbench: it has no run.json; name the folder of a run."
    with pytest.raises(StoreError, match=r"it has no record\.json"):
        store.read_record()
    store.path.mkdir(parents=True, exist_ok=True)
    (store.path / "run.json").write_text("{}")
    with pytest.raises(StoreError, match=r"is not finished: it has no record\.json; run the command"):
        store.read_record()
    with pytest.raises(StoreError, match=r"run\.json is a file; name the folder of a run"):
        Store(store.path / "run.json").read_header()


@pytest.mark.parametrize(
    "content", [b"", b'{"format": 1', b"\xff\xfe", b"[]", b"1", b"null", b'"text"', b'{"format": 2}', b"{}"]
)
def test_a_header_that_is_none_is_refused(store: Store, content: bytes) -> None:
    store.path.mkdir()
    (store.path / "run.json").write_bytes(content)
    with pytest.raises(StoreError, match=r"run\.json"):
        store.read_header()


def test_another_format_is_named_with_the_one_that_is_read(store: Store) -> None:
    store.path.mkdir()
    (store.path / "run.json").write_text(json.dumps({**HEADER.as_dict(), "format": FORMAT + 1}))
    with pytest.raises(StoreError, match=f"has the format {FORMAT + 1}, this merbench reads format {FORMAT}"):
        store.read_header()


HOLDER = """
import sys
from pathlib import Path
from merbench.results.store import Store

with Store(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_run_that_another_process_works_on_is_refused(store: Store) -> None:
    command = [sys.executable, "-c", HOLDER, str(store.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError) as refused, store.locked():
            pass
        assert str(refused.value) == (f"Another process works on {store.path} right now; wait for it or stop it.")
        holder.communicate("go\n", timeout=60)
    assert holder.returncode == 0
    with store.locked():
        pass


def test_a_lock_is_free_again_after_an_error(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.locked():
        raise ZeroDivisionError
    with store.locked():
        pass


def test_an_error_inside_the_lock_is_not_taken_for_the_stores(store: Store) -> None:
    with pytest.raises(ValueError, match="mine"), store.locked():
        raise ValueError("mine")
    with pytest.raises(FileNotFoundError), store.locked():
        raise FileNotFoundError("mine")


def test_a_lock_that_may_not_be_made_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(filelock.FileLock, "acquire", denied)
    with pytest.raises(StoreError, match="Permission denied"), store.locked():
        pass


def test_a_run_that_could_not_begin_can_begin_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run"
    settings = {"dataset.subjects": 2, "dataset.clips": 5}
    with monkeypatch.context() as patch:
        failing(patch, "fsync", OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(StoreError, match="the disk is full"):
            merbench.run("majority", settings=settings, out=path)
    assert merbench.run("majority", settings=settings, out=path).path == path


def test_a_run_whose_fold_failed_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run"
    settings = {"dataset.subjects": 3, "dataset.clips": 5, "epochs": 3}
    whole = merbench.run("random", settings=settings, out=tmp_path / "whole")
    write = Store.write

    def second_fails(self: Store, given: FoldResult) -> None:
        if given.fold == "synthetic/02":
            raise StoreError("the disk is full")
        write(self, given)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", second_fails)
        with pytest.raises(StoreError):
            merbench.run("random", settings=settings, out=path)
    with pytest.raises(StoreError, match="is not complete: 2 of 3 folds are missing"):
        merbench.Run.load(path)
    resumed = merbench.run("random", settings=settings, out=path)
    for one, two in zip(resumed.outer, whole.outer, strict=True):
        assert one.probabilities.tobytes() == two.probabilities.tobytes()


def test_a_run_killed_while_it_wrote_its_first_file_can_be_begun_again(store: Store) -> None:
    store.path.mkdir(parents=True)
    for name in (".lock", ".run.json.part"):
        (store.path / name).write_text("{")
    assert not store.is_foreign
    (store.path / "notes.txt").write_text("mine")
    assert store.is_foreign
