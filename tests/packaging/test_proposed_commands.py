"""What messages propose: every command, option and extra that a string of the package names exists."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer.main

from merbench.cli.app import build

SOURCES = ("merbench", "datasets", "methods", "protocols")
#: What follows the word merbench where it is the subject of a sentence.
PROSE = ("adds", "computes", "does", "reads")
#: Stands for what an f-string fills in.
FILLED = "\0"
FOREIGN = ("git ", "<", ".")  # commands of other programs, and styles of a page
#: A command of another program within sentences.
OF_RAY = "ray start --head"


def _strings(path: Path) -> Iterator[tuple[str, str]]:
    """Every string of a file that is no docstring, with its place."""
    tree = ast.parse(path.read_text("utf-8"))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in parts | bare:
            continue
        if isinstance(node, ast.JoinedStr):
            pieces = [part.value if isinstance(part, ast.Constant) else FILLED for part in node.values]
            yield f"{path}:{node.lineno}", "".join(map(str, pieces))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield f"{path}:{node.lineno}", node.value


def _options(command: Any) -> set[str]:
    return {"--help", *(word for each in command.params for word in (*each.opts, *each.secondary_opts))}


def _commands(command: Any) -> Iterator[Any]:
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from _commands(below)


TREE: Any = typer.main.get_command(build())
EVERY_OPTION = {option for command in _commands(TREE) for option in _options(command)}


def faults(text: str) -> list[str]:
    """What a text proposes that does not exist."""
    found = [
        fault for words in re.findall(r"\bmerbench ([a-z][^.;:,`()&]*)", text) for fault in _misused(words.split())
    ]
    if " " in text and not text.startswith(FOREIGN):
        options = re.findall(r"(?<![\w-])(--[a-z][a-z-]*)", text.replace(OF_RAY, ""))
        found += [f"no command has {option}" for option in options if option not in EVERY_OPTION]
    return found


def _misused(words: Sequence[str]) -> Iterator[str]:
    command, depth = TREE, 0
    while depth < len(words) and words[depth] in getattr(command, "commands", {}):
        command, depth = command.commands[words[depth]], depth + 1
    if depth == 0:
        if words[0] not in PROSE:
            yield f"no command {words[0]}"
        return
    for option in (word for word in words[depth:] if re.fullmatch(r"--?[a-z][a-z-]*", word)):
        if option not in _options(command):
            yield f"{' '.join(words[:depth])} has no {option}"


@pytest.fixture(scope="module")
def strings(root: Path) -> list[tuple[str, str]]:
    files = [path for folder in SOURCES for path in sorted((root / folder).rglob("*.py"))]
    return [string for path in files for string in _strings(path)]


def test_every_proposed_command_and_option_exists(strings: list[tuple[str, str]]) -> None:
    assert sum("merbench run" in text for _, text in strings) > 5
    assert [(place, fault) for place, text in strings for fault in faults(text)] == []


def test_what_does_not_exist_is_noticed() -> None:
    assert faults("run merbench repair now") == ["no command repair"]
    assert faults("see: merbench data check --no-such NAME") == [
        "data check has no --no-such",
        "no command has --no-such",
    ]
    assert faults("say it with --mends") == ["no command has --mends"]
    assert faults("merbench run -m x --plugin a, or merbench data list") == []


def test_extras_are_there_and_quoted_for_the_shell(root: Path, strings: list[tuple[str, str]]) -> None:
    extras = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    proposed = [(place, text) for place, text in strings if "pip install" in text]
    assert len(proposed) > 5
    for place, text in proposed:
        for before, extra, after in re.findall(r"""(.)[\w-]+\[([\w\0]+)\](.)""", text):
            assert before == after == '"', f"{place}: a shell takes the brackets of {extra} for a pattern"
            assert extra in extras or extra == FILLED, place
