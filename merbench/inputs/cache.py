"""Prepared inputs on disk: addressed by content, written whole or not at all, memory-mapped when read."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt


def cache_root() -> Path:
    """The folder of all caches: the environment variable MERBENCH_CACHE, else the user's cache folder."""
    import platformdirs

    folder = os.environ.get("MERBENCH_CACHE")
    return Path(folder) if folder else Path(platformdirs.user_cache_dir("merbench"))


def compiled_folder() -> Path:
    """Where torch keeps what it compiled, for later runs."""
    return cache_root() / "compiled"


def address(description: object) -> str:
    """The address of what a description (plain data) defines, as 40 hexadecimal digits."""
    text = json.dumps(description, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A cache entry: what it holds as plain data (None: frames), its size in bytes, and when it was written."""

    name: str
    what: object
    bytes: int
    written: float


class Cache:
    """Entries under one folder: a folder each, with ``images.npy`` and ``entry.json``."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or cache_root()) / "inputs"

    def read(self, name: str) -> tuple[npt.NDArray[Any], dict[str, Any]] | None:
        """The array of an entry, memory-mapped, and its facts; None where there is no such entry."""
        import numpy as np

        folder = self.root / name
        if not (folder / "entry.json").is_file():
            return None
        try:
            facts: dict[str, Any] = json.loads((folder / "entry.json").read_text())
            return np.load(folder / "images.npy", mmap_mode="c"), facts  # copy on write: torch wants writable memory
        except (OSError, ValueError, EOFError):
            shutil.rmtree(folder, ignore_errors=True)  # damaged: computed again
            return None

    def write(
        self,
        name: str,
        shape: tuple[int, ...],
        clips: Iterable[npt.NDArray[Any]],
        facts: Mapping[str, Any],
        dtype: str = "uint8",
    ) -> None:
        """Write an entry: `dtype` and `shape`, handed in clip by clip so that it is never in memory whole.

        `facts` is read after the last clip. Another process that wrote the same entry first is no error.

        Raises:
            StoreError: if it cannot be written, a full disk included.
        """
        with self._writing():
            self.root.mkdir(parents=True, exist_ok=True)
            self._sweep()
            folder = Path(tempfile.mkdtemp(prefix=".part-", dir=self.root))
            folder.chmod(0o755)  # mkdtemp keeps a folder to its owner; a cache may be shared
            try:
                _write_array(folder / "images.npy", shape, clips, dtype)
                (folder / "entry.json").write_text(json.dumps(dict(facts)))
                self._settle(folder, self.root / name)
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def entries(self) -> list[Entry]:
        """The entries, newest first; folders that other processes are writing or removing are left out."""
        entries = []
        for folder in self.root.glob("[!.]*"):
            with contextlib.suppress(OSError, ValueError):
                facts = json.loads((folder / "entry.json").read_text())
                size = sum(file.stat().st_size for file in folder.iterdir())
                written = (folder / "entry.json").stat().st_mtime
                entries.append(Entry(name=folder.name, what=facts.get("what"), bytes=size, written=written))
        return sorted(entries, key=lambda entry: -entry.written)

    def remove(self, name: str) -> None:
        """Remove an entry; arrays of it that are mapped right now stay readable to those who map them.

        Raises:
            StoreError: if it cannot be removed.
        """
        try:
            doomed = Path(tempfile.mkdtemp(prefix=".part-", dir=self.root))
            (self.root / name).rename(doomed)  # at once, so that nobody reads half an entry
            shutil.rmtree(doomed)
        except FileNotFoundError:
            return  # somebody else removed it
        except OSError as fault:
            raise StoreError(f"The input cache {self.root} cannot be pruned: {fault}. Allow writing there.") from fault

    def _sweep(self) -> None:
        """Remove what killed processes left more than a day ago."""
        for folder in self.root.glob(".part-*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - folder.stat().st_mtime > 86_400:
                    shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def _settle(folder: Path, place: Path) -> None:
        try:
            folder.rename(place)
        except OSError as fault:
            if fault.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            if isinstance(fault, StoreError):
                raise
            cause = "the disk is full" if fault.errno == errno.ENOSPC else str(fault)
            raise StoreError(
                f"The input cache {self.root} cannot be written: {cause}. "
                "Free space, or point the environment variable MERBENCH_CACHE to another folder."
            ) from fault


def _write_array(path: Path, shape: tuple[int, ...], clips: Iterable[npt.NDArray[Any]], dtype: str) -> None:
    import numpy as np

    # written, not mapped: a full disk is then an error, and not the end of the process
    with path.open("wb") as file:
        header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_2_0(file, header)
        for clip in clips:
            file.write(np.ascontiguousarray(clip).tobytes())
        file.flush()
        os.fsync(file.fileno())
