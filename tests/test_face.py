"""The public face: whole, sorted, and cheap to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

import merbench


def test_every_public_name_is_listed_sorted_and_there() -> None:
    assert sorted(merbench.__all__) == merbench.__all__
    assert set(merbench.__all__) == set(merbench._HOMES)
    for name in merbench.__all__:
        assert getattr(merbench, name).__doc__


def test_nothing_else_is_visible() -> None:
    code = "import merbench; print(sorted(n for n in vars(merbench) if not n.startswith('_')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(eval(done.stdout)) <= {"annotations", "importlib", "Path", "TYPE_CHECKING"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="rnu"):
        merbench.rnu  # noqa: B018
