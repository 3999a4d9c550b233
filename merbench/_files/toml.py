"""TOML as text."""

from __future__ import annotations

import tomllib
from typing import Any


def read_toml(text: str) -> dict[str, Any]:
    """What a text in TOML says.

    Raises:
        tomllib.TOMLDecodeError: if it is none, or its values are nested deeper than can be read.
    """
    try:
        return tomllib.loads(text)
    except RecursionError as fault:
        raise tomllib.TOMLDecodeError("its values are nested too deep") from fault
