"""Runs on disk: a folder a run, a file a fold, each written whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from merbench._atomic import cause, write_whole
from merbench.errors import StoreError
from merbench.results.fold_result import Outcome

FORMAT = 1
_MEND = "Finished folds are kept; mend it and run the same command again."
#: What NumPy, zipfile and zlib raise on a file that is damaged or of another kind.
_DAMAGE = (
    OSError, KeyError, ValueError, EOFError, TypeError, AttributeError, RuntimeError, struct.error, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip


class Store:
    """The folder of one run: ``run.json``, ``outer/*.npz``, ``inner/*.npz`` and, when complete, ``record.json``.

    ``weights/*.safetensors`` are there where they were asked for.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        """Whether a run was begun here."""
        return (self.path / "run.json").is_file()

    def read_manifest(self) -> dict[str, Any]:
        """What ``run.json`` says.

        Raises:
            StoreError: if there is none, or it cannot be read.
        """
        return _read_json(self.path / "run.json")

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Keep ``run.json``."""
        self._write("run.json", _json(manifest))

    def read_record(self) -> dict[str, Any]:
        """What ``record.json`` says: the compact record of a complete run."""
        return _read_json(self.path / "record.json")

    def write_record(self, record: dict[str, Any]) -> None:
        """Keep ``record.json``."""
        self._write("record.json", _json(record))

    def has(self, kind: str, fold: str) -> bool:
        """Whether the outcome of a fold is there."""
        return (self.path / _file(kind, fold)).is_file()

    def write(self, outcome: Outcome) -> None:
        """Keep the outcome of a fold.

        Raises:
            StoreError: if it cannot be written; what was kept before stays as it is.
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
        )
        self._write(_file(outcome.kind, outcome.fold), buffer.getvalue())

    def read(self, kind: str, fold: str) -> Outcome:
        """The outcome of a fold.

        Raises:
            StoreError: if it is not there or cannot be read.
        """
        path = self.path / _file(kind, fold)
        try:
            # read whole: of a damaged file, NumPy would leave the handle open
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
                if int(kept["format"]) != FORMAT:
                    raise ValueError(f"it has the format {int(kept['format'])}, this merbench reads format {FORMAT}")
                return Outcome(
                    fold=str(kept["fold"]),
                    kind=kind,
                    keys=tuple(map(str, kept["keys"])),
                    truth=kept["truth"],
                    probabilities=kept["probabilities"],
                    has_epochs=bool(kept["has_epochs"]),
                    seconds=float(kept["seconds"]),
                    peak_memory=int(kept["peak_memory"]),
                )
        except _DAMAGE as fault:
            raise StoreError(f"{path} cannot be read ({fault}); delete it and run again to make it anew.") from fault

    def weights(self, fold: str) -> Path:
        """The file that holds the weights of a fold's network, where they were kept."""
        return self.path / _file("weights", fold, "safetensors")

    def write_weights(self, fold: str, content: bytes) -> None:
        """Keep the weights of a fold's network."""
        self._write(_file("weights", fold, "safetensors"), content)

    def missing(self, kind: str, folds: Sequence[str]) -> list[str]:
        """The folds whose outcome is not there."""
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
        write_whole(self.path / name, content, _MEND)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise StoreError(f"{path} cannot be written: {cause(fault)}. {_MEND}") from fault


def _file(kind: str, fold: str, ending: str = "npz") -> str:
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", fold)[:80]
    return f"{kind}/{readable}-{hashlib.sha256(fold.encode()).hexdigest()[:8]}.{ending}"


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{path.parent} is no run of merbench: it has no {path.name}.") from None
    except (OSError, ValueError) as fault:
        raise StoreError(f"{path} cannot be read: {fault}.") from fault
    found: dict[str, Any] = content if isinstance(content, dict) else {}
    if found.get("format") != FORMAT:
        raise StoreError(f"{path} has the format {found.get('format')!r}, this merbench reads format {FORMAT}.")
    return found
