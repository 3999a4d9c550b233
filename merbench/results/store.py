"""Runs on disk: a folder a run, a file a fold, each written whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from merbench._files.atomic import atomic_write, cause
from merbench._files.names import safe_name
from merbench.errors import StoreError
from merbench.kind_names import MULTI_NAME, SINGLE_NAME
from merbench.results.fold_result import FoldResult
from merbench.results.header import FORMAT, RunHeader
from merbench.results.model import RecordModel
from merbench.results.reading import read_header, read_record
from merbench.results.record import RunRecord

_REMEDY = "Finished folds are kept; solve this and run the same command again."


class Store:
    """The folder of one run: ``run.json``, ``outer/*.npz``, ``inner/*.npz`` and, when complete, ``record.json``.

    ``weights/*.safetensors`` exist where they were requested.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()  # whatever folder a plugin changes to

    @property
    def exists(self) -> bool:
        """Whether a run was begun here."""
        return (self.path / "run.json").is_file()

    def read_header(self) -> RunHeader:
        """What ``run.json`` says.

        Raises:
            StoreError: if there is none, or it cannot be read.
        """
        return read_header(self._existing("run.json"))

    def write_header(self, header: RunHeader) -> None:
        """Store ``run.json``."""
        self._write("run.json", _json(header))

    def read_record(self) -> RunRecord:
        """What ``record.json`` says, whose scores are not compared with its probabilities.

        Raises:
            StoreError: if there is none, or it cannot be read.
        """
        return read_record(self._existing("record.json"))

    def write_record(self, record: RunRecord) -> None:
        """Store ``record.json``."""
        self._write("record.json", _json(record))

    def _existing(self, name: str) -> Path:
        if (self.path / name).is_file():
            return self.path / name
        if self.path.is_file():
            raise StoreError(f"{self.path} is a file; name the folder of a run.")
        if self.exists:
            raise StoreError(f"{self.path} is not finished: it has no {name}; run the command that began it again.")
        raise StoreError(f"{self.path} is no run of merbench: it has no {name}; name the folder of a run.")

    def has(self, kind: str, fold: str) -> bool:
        """Whether the result of a fold is stored."""
        return (self.path / _file(kind, fold)).is_file()

    def write(self, outcome: FoldResult) -> None:
        """Store the result of a fold.

        Raises:
            StoreError: if it cannot be written; what was stored before is unchanged.
        """
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            format=FORMAT,
            fold=outcome.fold,
            keys=np.array(outcome.keys),
            truth=outcome.truth,
            probabilities=outcome.probabilities,
            has_epochs=outcome.has_epochs,
            seconds=outcome.seconds,
            peak_memory=outcome.peak_memory,
            draws=outcome.draws,
        )
        self._write(_file(outcome.kind, outcome.fold), buffer.getvalue())

    def read(self, kind: str, fold: str, classes: int | None = None) -> FoldResult:
        """The result of a fold; with `classes`, of so many. Truth of two axes is that of a multi-label task.

        Raises:
            StoreError: if it is not there, cannot be read, or is no result of that fold.
        """
        path = self.path / _file(kind, fold)
        try:
            # read whole: of a damaged file, NumPy would leave the handle open
            content = io.BytesIO(path.read_bytes())
            if not zipfile.is_zipfile(content):
                raise ValueError("it is no npz file, or a part of one")
            with np.load(content, allow_pickle=False) as arrays:
                if int(arrays["format"]) != FORMAT:
                    raise ValueError(f"it has the format {int(arrays['format'])}, this merbench reads format {FORMAT}")
                result = FoldResult(
                    fold=str(arrays["fold"]),
                    kind=kind,
                    keys=tuple(map(str, arrays["keys"])),
                    truth=arrays["truth"],
                    probabilities=arrays["probabilities"],
                    has_epochs=bool(arrays["has_epochs"]),
                    seconds=float(arrays["seconds"]),
                    peak_memory=int(arrays["peak_memory"]),
                    draws="draws" in arrays and bool(arrays["draws"]),  # files of before do not say
                    kind_of_task=MULTI_NAME if arrays["truth"].ndim == 2 else SINGLE_NAME,
                )
            result.require_sound(fold, classes)
        except Exception as error:
            message = " ".join(str(error).split())[:200] or type(error).__name__
            raise StoreError(f"{path} cannot be read ({message}); delete it and run again to make it anew.") from error
        return result

    def weights(self, fold: str) -> Path:
        """The file that holds the weights of a fold's network, where they were stored."""
        return self.path / _file("weights", fold, "safetensors")

    def write_weights(self, fold: str, content: bytes) -> None:
        """Store the weights of a fold's network."""
        self._write(_file("weights", fold, "safetensors"), content)

    def missing(self, kind: str, folds: Sequence[str]) -> list[str]:
        """The folds without a result."""
        return [fold for fold in folds if not self.has(kind, fold)]

    @property
    def is_foreign(self) -> bool:
        """Whether the folder holds files, but no run; a run killed at its very beginning leaves hidden ones alone."""
        return self.path.is_dir() and not self.exists and any(file.name[0] != "." for file in self.path.iterdir())

    @contextmanager
    def locked(self, *, wait: bool = False) -> Iterator[None]:
        """A block in which no other process works on this run; with `wait`, once none does.

        Raises:
            StoreError: if another does already.
        """
        import filelock

        with _writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=-1 if wait else 0)
        except filelock.Timeout:
            raise StoreError(f"Another process works on {self.path} right now; wait for it or stop it.") from None
        except OSError as fault:
            raise StoreError(f"{self.path} cannot be locked: {fault.strerror or fault}; name another --out.") from fault
        try:
            yield
        finally:
            lock.release()

    def _write(self, name: str, content: bytes) -> None:
        atomic_write(self.path / name, content, _REMEDY)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise StoreError(f"{path} cannot be written: {cause(fault)}. {_REMEDY}") from fault


def _file(kind: str, fold: str, ending: str = "npz") -> str:
    return f"{kind}/{safe_name(fold, limit=80)}-{hashlib.sha256(fold.encode()).hexdigest()[:8]}.{ending}"


def _json(record: RecordModel) -> bytes:
    return (json.dumps(record.as_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
