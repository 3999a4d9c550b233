"""Writing a new entry: templates with the names put in, all or nothing."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from string import Template

import merbench
from merbench._files.atomic import cause
from merbench.cli.scaffold.naming import Naming
from merbench.errors import StoreError, UsageError

#: Of each kind, the templates of a package, by the path that each becomes.
_PACKAGES = {
    "method": {"src/$module/__init__.py": "method.txt", "src/$module/network.py": "network.txt"},
    "dataset": {"src/$module/__init__.py": "dataset.txt"},
    "protocol": {"src/$module/__init__.py": "protocol.txt"},
}
#: Of each kind, the template of a single file.
_FILES = {"method": "method_file.txt", "dataset": "dataset.txt", "protocol": "protocol.txt"}
_EVERY = {"pyproject.toml": "pyproject.txt", "src/$module/py.typed": "empty.txt"}


def write_package(naming: Naming, folder: Path) -> list[Path]:
    """The files of a new package in `folder`, which must not be there: entry, test, README, pyproject.toml.

    Raises:
        UsageError: if the folder exists.
        StoreError: if it cannot be written.
    """
    if folder.exists():
        raise UsageError(f"{folder} exists already; choose another name, or another folder with --dir.")
    templates = {
        **_EVERY,
        **_PACKAGES[naming.kind],
        "README.md": f"{naming.kind}_readme.txt",
        "tests/test_$module.py": f"{naming.kind}_test.txt",
    }
    return [_write(folder / _filled(path, naming), _template(name, naming)) for path, name in templates.items()]


def write_file(naming: Naming, folder: Path) -> Path:
    """A single file with a new entry, for `--plugin`, in `folder`.

    Raises:
        UsageError: if there is a file of that name.
        StoreError: if it cannot be written.
    """
    path = folder / f"{naming.module}.py"
    if path.exists():
        raise UsageError(f"{path} exists already; choose another name, or another folder with --dir.")
    return _write(path, _template(_FILES[naming.kind], naming))


def _template(name: str, naming: Naming) -> str:
    text = (files(__package__) / "templates" / name).read_text(encoding="utf-8")
    return _filled(text, naming)


def _filled(text: str, naming: Naming) -> str:
    plural = f"{naming.kind}s"
    return Template(text).substitute(
        name=naming.name,
        module=naming.module,
        cls=naming.cls,
        title=naming.title,
        kind=naming.kind,
        plural=plural,
        version=merbench.__version__,
    )


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline=os.linesep) as file:
            file.write(text)
    except OSError as fault:
        raise StoreError(f"{path} cannot be written: {cause(fault)}. Choose another folder with --dir.") from fault
    return path
