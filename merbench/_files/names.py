"""File names made of what users call things."""

from __future__ import annotations

import re


def safe_name(text: str, limit: int = 120) -> str:
    """The text with every run of characters other than letters, digits, `.` and `-` as one `_`, cut at `limit`.

    >>> safe_name("timm:resnet34!"), safe_name("casme2/sub01", limit=6)
    ('timm_resnet34_', 'casme2')
    """
    return re.sub(r"[^A-Za-z0-9.-]+", "_", text)[:limit]
