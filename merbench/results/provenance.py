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
from merbench.data.content import content_of
from merbench.data.precomputed import PRECOMPUTED
from merbench.data.source import Source

#: What a run imports of a checkout of merbench, and the endings of files that Python imports.
_IMPORTED = ("merbench", "methods", "datasets", "protocols")
_IMPORTABLE = (".py", ".so")
_PACKAGES = ("torch", "torchvision", "timm", "einops", "numpy", "pandas", "pillow", "scipy", "scikit-learn")


def digest(content: object) -> str:
    """A short SHA-256 of plain data, the same for any order of keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def environment() -> dict[str, Any]:
    """Versions of Python, the platform and the packages that results depend on."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = ""
    return {"python": platform.python_version(), "platform": platform.platform(), "packages": versions}


def code(plugins: Sequence[Path] = ()) -> dict[str, Any]:
    """The version of merbench; in a checkout also its commit, and whether files that a run can import differ from it.

    Files of `plugins`, with the packages that they lie in, count too where they are in a checkout of their own.
    """
    root = _checkout()
    commit = _git(root, "rev-parse", "HEAD") if (root / ".git").exists() else None
    changed = uncommitted(plugins)
    dirty = None if changed is None else bool(changed)
    return {"version": merbench.__version__, "commit": commit, "dirty": dirty}


def uncommitted(plugins: Sequence[Path] = ()) -> list[str] | None:
    """The files that a run can import and that no commit has as they are, seen from their checkouts.

    Those of merbench, and of `plugins` with the packages that they lie in; tracked or not. Other files of a checkout,
    such as tables and runs, do not count. None where merbench is no checkout, or git cannot be asked, and no plugin
    has such files.
    """
    root = _checkout()
    own = _changed(root, [name for name in _IMPORTED if (root / name).is_dir()]) if (root / ".git").exists() else None
    of_plugins = [name for path in plugins for name in _changed(path.parent, [str(_package(path.resolve()))]) or ()]
    changed = list(dict.fromkeys([*(own or ()), *of_plugins]))
    return None if own is None and not changed else changed


def _checkout() -> Path:
    return Path(merbench.__file__).resolve().parents[1]


def _changed(folder: Path, paths: Sequence[str]) -> list[str] | None:
    words = ("status", "--porcelain", "--untracked-files=all", "--no-renames", "-z", "--", *paths)
    status = _git(folder, *words) if paths else ""
    if status is None:
        return None
    return [name for line in status.split("\0") if (name := line.strip()[2:].strip()).endswith(_IMPORTABLE)]


def _package(file: Path) -> Path:
    """The outermost package that a file lies in; the file itself where that is none."""
    place = file
    while (place.parent / "__init__.py").is_file():
        place = place.parent
    return place


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


def frames_fingerprint(
    clips: Sequence[Clip], sources: Mapping[str, Source], precomputed: Sequence[str] = PRECOMPUTED
) -> dict[str, str]:
    """By dataset, a hash of every file that inputs are made from; of the generator for synthetic data.

    See `merbench.data.content.content_of`. `precomputed` names the inputs that may be made elsewhere.
    """
    return {
        name: _frames(source, [clip for clip in clips if clip.dataset == name], precomputed)
        for name, source in sources.items()
    }


def _frames(source: Source, clips: Sequence[Clip], precomputed: Sequence[str]) -> str:
    if source.dataset.synthetic:
        return digest([source.dataset.revision(), source.dataset.parameters.values()])
    return digest(content_of(source, clips, precomputed))
