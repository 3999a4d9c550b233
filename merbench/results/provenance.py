"""Where a result comes from: versions, commit, and the fingerprints that tell equal inputs from different ones."""

from __future__ import annotations

import hashlib
import inspect
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import CodeType
from typing import Any

import merbench
from merbench.annotations.clips import Clip
from merbench.data.source import Source

_PACKAGES = ("torch", "torchvision", "timm", "einops", "numpy", "pandas", "pillow", "scipy", "scikit-learn")


def digest(content: object) -> str:
    """A short SHA-256 of plain data, the same for any order of keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def environment() -> dict[str, Any]:
    """Versions of Python, the platform and the packages that results depend on."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return {"python": platform.python_version(), "platform": platform.platform(), "packages": found}


def code() -> dict[str, Any]:
    """The version of merbench; in a checkout also its commit, and whether files differ from it (`dirty`)."""
    root = Path(merbench.__file__).resolve().parents[1]
    commit, status = None, None
    if (root / ".git").exists():
        commit, status = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain")
    return {"version": merbench.__version__, "commit": commit, "dirty": None if status is None else bool(status)}


def source_of(kind: type) -> tuple[str, str]:
    """Where a class is defined, and its source; of one from a notebook or a prompt that of its functions."""
    try:
        return inspect.getsourcefile(kind) or "", inspect.getsource(kind)
    except (OSError, TypeError):  # no file: Python finds the cell of a function, but not always that of a class
        functions = [value for value in vars(kind).values() if inspect.isroutine(value)]
        return "notebook", "\n".join([kind.__qualname__, *map(_function, functions)])


def _function(function: object) -> str:
    plain: Any = inspect.unwrap(getattr(function, "__func__", function))  # type: ignore[arg-type]
    try:
        return inspect.getsource(plain)
    except (OSError, TypeError):
        code = getattr(plain, "__code__", None)
        return "" if code is None else f"{code.co_code.hex()} {code.co_names} {_constants(code)}"


def _constants(code: CodeType) -> list[str]:
    # a nested function's own text has an address in it
    return [
        f"{value.co_code.hex()} {_constants(value)}" if isinstance(value, CodeType) else repr(value)
        for value in code.co_consts
    ]


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def frames_fingerprint(clips: Sequence[Clip], sources: Mapping[str, Source]) -> dict[str, str]:
    """By dataset, a hash of the names and sizes of the files of onset..offset; of the generator for drawn data."""
    return {name: _frames(source, [clip for clip in clips if clip.dataset == name]) for name, source in sources.items()}


def _frames(source: Source, clips: Sequence[Clip]) -> str:
    dataset = source.dataset
    if dataset.drawn:
        return digest([dataset.revision(), dataset.parameters.values()])
    return digest([[clip.key, _sizes(source, clip)] for clip in sorted(clips, key=str)])


def _sizes(source: Source, clip: Clip) -> list[tuple[int, str, int]]:
    present = source.dataset.frames(source.root, clip)
    inside = sorted(number for number in present if clip.onset <= number <= clip.offset)
    return [(number, present[number].name, _size(present[number])) for number in inside]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
