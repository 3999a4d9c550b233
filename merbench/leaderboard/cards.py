"""The path of a method's card, by the method's name."""

from __future__ import annotations

import re
from pathlib import Path


def card(methods: Path, name: str) -> str | None:
    """The card's place inside the folder `methods`; None where there is none.

    A folder may hold several methods that share the beginning of their names, as `rcn` does for `rcn-a` and `rcn-s`,
    or methods that are called by it and a model, as in `timm:resnet34`.
    """
    if not re.fullmatch(r"[a-z0-9-]+(:[A-Za-z0-9_.-]+)?", name):
        return None
    stem = name.partition(":")[0]
    for folder in dict.fromkeys((stem, stem.rpartition("-")[0] or stem)):
        place = f"{folder.replace('-', '_')}/README.md"
        if (methods / place).is_file():
            return place
    return None
