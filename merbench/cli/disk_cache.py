"""Plain data about what is installed, kept on disk: importing every entry to ask for it takes too long for a key."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import merbench
from merbench._files.atomic import atomic_write
from merbench.errors import StoreError


def kept(name: str, state: str, collect: Callable[[], Any]) -> Any:
    """What `collect` gave when the state was the same; plain data that JSON can hold, and is kept as."""
    path = _home() / name
    with suppress(OSError, ValueError, KeyError, TypeError):  # no cache, or a damaged one, is made anew
        cached = json.loads(path.read_text("utf-8"))
        if cached["state"] == state:
            return cached["content"]
    content = json.dumps(collect())
    with suppress(StoreError):  # works all the same, more slowly
        atomic_write(path, f'{{"state": {json.dumps(state)}, "content": {content}}}'.encode())
    return json.loads(content)


def state_of(kinds: Iterable[str], pattern: str) -> str:
    """What changes when a file of these folders of merbench does, or when a package is installed or removed."""
    folders = [Path(home) / kind for home in merbench.__path__ for kind in kinds]
    files = [file for folder in folders if folder.is_dir() for file in folder.glob(pattern)]
    places = [*files, *(Path(place) for place in sys.path if place.endswith("-packages"))]
    marks = sorted(f"{place} {place.stat().st_mtime_ns}" for place in places if place.exists())
    return hashlib.sha256("\n".join([merbench.__version__, sys.version, *marks]).encode()).hexdigest()


def _home() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "merbench"
