"""`merbench info SCHEME`, and names that several things bear."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Cli = Callable[..., Any]

PLUGIN = """
from merbench.dataset import Dataset
from merbench.method import Method
from merbench.protocol import Protocol
from merbench.annotations.schemes import counted


class Own(Dataset):
    name = "majority"
    title = "Bears the name of a method"
    schemes = (
        counted(
            "majority",
            {"joy": "up", "fear": "down", "anger": "down"},
            {"2014": {"joy": 3, "fear": 1, "anger": 4, "others": 9}},
            "a test",
            subjects={"2014": 5},
            users="nobody at all",
        ),
        counted("wide", {"joy": "up", "others": "down"}, {}, "a test"),
    )

    def table(self, root):
        raise AssertionError("no table is needed to say what a scheme is")

    frames = table
"""


def test_a_scheme_is_shown_in_every_dataset_that_has_it(merbench: Cli) -> None:
    answer = merbench("info", "3-class-megc2019")
    assert answer.code == 0, answer.err
    casme2 = answer.out.partition("\ncasme2\n")[2].partition("\n\n")[0]
    for word in ("disgust, repression → negative", "falls out: fear, others", "04/EP12_01f", "2019: 145 clips"):
        assert word in casme2
    assert "composite, cross-dataset, transfer" in answer.out
    drawn = answer.out.partition("\nsynthetic-b\n")[2].partition("\n\n")[0]
    assert "as drawn by default: 36 clips of 3 subjects = negative 21, positive 9, surprise 6" in drawn
    assert "used by: the MEGC 2019 challenge" in drawn


def test_a_scheme_of_another_column_says_so_and_what_falls_out(merbench: Cli) -> None:
    found = merbench("info", "objective").out.partition("\nsynthetic-c\n")[2].partition("\n\n")[0]
    for word in ("by the column 'objective_class'", "falls out: VI, VII", "unverified", "IV 0, V 0"):
        assert word in found


def test_all_that_bear_a_name_are_shown(merbench: Cli, tmp_path: Path) -> None:
    plugin = tmp_path / "own.py"
    plugin.write_text(PLUGIN)
    answer = merbench("info", "majority", "--plugin", plugin)
    assert answer.code == 0, answer.err
    places = [answer.out.index(f"{kind} majority: ") for kind in ("method", "dataset")]
    shown = answer.out.rpartition("scheme majority: ")[2]
    assert places == sorted(places)
    for word in (
        "falls out: others, and whatever else the table says",
        "2014: 8 clips of 5 subjects = up 3, down 5",
        "used by: nobody at all",
    ):
        assert word in shown


def test_a_wrong_name_is_guessed_among_all_kinds(merbench: Cli) -> None:
    for wrong, right in (("3-class-megc", "3-class-megc2019"), ("objectiv", "objective"), ("casme22", "casme2")):
        answer = merbench("info", wrong)
        assert answer.code == 2
        assert f"Did you mean '{right}'?" in answer.err
