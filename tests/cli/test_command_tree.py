"""Every command of the tree: no option of a group is dropped in front of one of its commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import typer.main

from merbench.cli.app import build

Cli = Callable[..., Any]
#: Options of the program that hold for every command.
OBEYED = {"--traceback", "--version", "--help", "--install-completion", "--show-completion"}


def _groups(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        yield path, command
        for name, below in command.commands.items():
            yield from _groups(below, (*path, name))


CASES = [
    (path, option, name)
    for path, group in _groups(typer.main.get_command(build()))
    for option in group.params
    if not OBEYED & set(option.opts)
    for name in group.commands
]


def test_there_are_such_options() -> None:
    assert (("leaderboard",), "--check", "add") in [(path, option.opts[0], name) for path, option, name in CASES]


@pytest.mark.parametrize(("path", "option", "name"), CASES, ids=lambda value: str(getattr(value, "name", value)))
def test_an_option_of_a_group_is_refused_before_a_command(
    merbench: Cli, path: tuple[str, ...], option: Any, name: str
) -> None:
    value = option.default if isinstance(option.default, str) and option.default else "x"
    given = (option.opts[0],) if option.is_flag else (option.opts[0], value)
    answer = merbench(*path, *given, name)
    assert answer.code == 2
    assert option.opts[0] in answer.err
    assert "must follow the command" in answer.err or "leave it out" in answer.err
