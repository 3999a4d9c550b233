"""`leaderboard/make.sh`: its plan is of commands that exist, and it starts nothing for a table that does not."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from merbench.registry import methods

_SCRIPT = Path(__file__).parents[2] / "leaderboard" / "make.sh"


def _planned(*words: str, flow: str = "HTNet") -> subprocess.CompletedProcess[str]:
    search = {"PATH": "/usr/bin:/bin", "HTNET": flow}  # on which there is no merbench: a plan runs none
    return subprocess.run(["sh", _SCRIPT, *words], capture_output=True, text=True, env=search, check=False)


def _value(command: list[str], option: str) -> str | None:
    return command[command.index(option) + 1] if option in command else None


@pytest.mark.parametrize("table", ["real", "composite", "loso", "units"])
def test_every_planned_command_names_a_method_and_a_recipe_that_there_are(table: str) -> None:
    plan = _planned(table, "--plan")
    commands = [shlex.split(line) for line in plan.stdout.splitlines() if line.startswith("            merbench ")]
    assert plan.returncode == 0
    assert len(commands) == plan.stdout.count(" min  ") > 5
    for command in commands:
        assert command[1] in ("run", "tune")
        entry = methods.get(_value(command, "--method") or "")
        recipe = _value(command, "--recipe")
        assert table != "real" or recipe is None or recipe in entry.recipes, command


def test_a_table_that_there_is_not_is_refused_before_anything_runs() -> None:
    refused = _planned("reel")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "unknown table 'reel'; there are real, composite, loso and units" in refused.stderr


def test_without_the_flow_pictures_the_real_table_is_said_to_be_left_out() -> None:
    plan = _planned("--plan", flow="")
    assert plan.returncode == 0
    assert "real: left out; HTNET is not set" in plan.stderr
    assert "megc2019-flow" not in plan.stdout


def test_help_is_the_head_of_the_script() -> None:
    shown = _planned("--help")
    assert shown.returncode == 0
    assert "--plan [TABLE]" in shown.stdout
    assert "minutes()" not in shown.stdout
