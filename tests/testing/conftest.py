"""Registries as they were after every test, and entries from files as a stranger has them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench.plugins import load_plugin
from merbench.registry import EVERY


@pytest.fixture
def entry(tmp_path: Path) -> Callable[..., Any]:
    """A function that takes in the entry of a plugin file with that source."""

    def taken(source: str, kind: int = 0) -> Any:
        path = tmp_path / "strange.py"
        path.write_text(source, encoding="utf-8")
        [told] = load_plugin(path)
        return EVERY[kind].get(told.split()[1])

    return taken
