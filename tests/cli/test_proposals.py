"""Proposed commands are read as they would be when pasted; the fixture `merbench` does so with all that is printed."""

from __future__ import annotations

import pytest

from tests.cli.proposals import faults, proposed


@pytest.mark.parametrize(
    "text",
    [
        "See merbench info mmnet for its parameters.",
        "Choose one: merbench data check casme2 --set dataset.coding='A copy; mine.xlsx'.",
        "Their common clips: merbench compare RUN RUN --common, or leave one out.",
        "  merbench run -m ststnet \\\n    --seed 1\n",
        "merbench adds nothing to it; /tmp/merbench run -m x --nope",
    ],
)
def test_commands_that_work_are_no_faults(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Say merbench run -m x --nope 3.", "--nope"),
        ("Look: merbench data check casme2 --set", "--set"),
        ("Write merbench info --check casme2 it's", "quotation"),
    ],
)
def test_commands_that_would_be_refused_are_faults(text: str, part: str) -> None:
    assert len(faults(text)) == 1
    assert part in faults(text)[0]


def test_a_command_ends_with_its_clause() -> None:
    text = 'First merbench show "my run" --config; then merbench audit RUN (it reads all).'
    assert list(proposed(text)) == [["show", '"my run"', "--config"], ["audit", "RUN", "(it", "reads", "all"]]
