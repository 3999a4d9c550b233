"""Counts and their nouns: in the singular for one, by one function everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from merbench.plural import plural

_ROOT = Path(__file__).parents[1]
_NOUNS = "clips|subjects|folds|epochs|seeds|threads|trainings|runs|trials|rows|workers|jobs|entries|classes"
#: What stands before such a noun and is never one.
_OTHER = ("{classes} classes", "{CLASSES} classes", "{MICRO[STATE]} clips", "{CLIPS} clips")


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (0, "clip", "0 clips"),
        (1, "class", "1 class"),
        (2, "class", "2 classes"),
        (1, "study", "1 study"),
        (3, "study", "3 studies"),
        (2, "day", "2 days"),
        (2, "epoch", "2 epochs"),
        (2, "batch", "2 batches"),
        (2, "apex", "2 apexes"),
    ],
)
def test_one_is_in_the_singular(count: int, noun: str, said: str) -> None:
    assert plural(count, noun) == said


def test_large_counts_can_be_grouped() -> None:
    assert plural(12_000, "step", ",") == "12,000 steps"


def test_no_message_puts_a_plural_behind_a_count_by_hand() -> None:
    by_hand = re.compile(rf"\{{[^{{}}\"]*\}} (?:{_NOUNS})\b(?!-)")
    found = [
        f"{path.relative_to(_ROOT)}: {match[0]}"
        for folder in ("merbench", "methods", "datasets", "protocols")
        for path in sorted((_ROOT / folder).rglob("*.py"))
        for match in by_hand.finditer(path.read_text(encoding="utf-8"))
        if match[0] not in _OTHER
    ]
    assert found == []
