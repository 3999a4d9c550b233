"""The README's commands: the two that everything starts with, and that every other one is understood."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

BEGINNING = [
    "python -m pip install -e . && merbench run --method mmnet --protocol loso",
    'python -m pip install -e ".[test]" && pytest -n 2 --dist loadfile',
]


@pytest.fixture(scope="module")
def blocks(root: Path) -> list[str]:
    """The shell blocks of the README."""
    text = (root / "README.md").read_text("utf-8")
    return [block.strip() for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]


def test_first_commands(blocks: list[str]) -> None:
    assert blocks[:2] == BEGINNING


def test_every_command_is_understood(blocks: list[str], tmp_path: Path) -> None:
    """`--help` at the end stops a command before it acts, but not before its options are read."""
    told = [command for block in blocks for command in merbench_commands(block)]
    assert told
    assert [fault for command in told if (fault := _refusal(command, tmp_path))] == []


def test_a_wrong_option_is_noticed(tmp_path: Path) -> None:
    assert _refusal(["run", "--no-such-option", "1"], tmp_path)
    assert _refusal(["no-such-command"], tmp_path)


def test_commands_are_found() -> None:
    block = (
        "X=1 merbench run --set 'a b' \\\n  --quick > out.txt  # merbench not\npip install x && merbench list | less"
    )
    assert list(merbench_commands(block)) == [["run", "--set", "a b", "--quick"], ["list"]]


def merbench_commands(block: str) -> Iterator[list[str]]:
    """The arguments of each `merbench ...` in a shell block."""
    for line in block.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        simple: list[list[str]] = [[]]
        for word in lexer:
            if set(word) <= set("();<>|&"):
                simple.append([])
            else:
                simple[-1].append(word)
        for words in simple:
            while words and re.match(r"\w+=", words[0]):
                del words[0]
            if words[:1] == ["merbench"]:
                yield words[1:]


def _refusal(arguments: list[str], cwd: Path) -> str:
    """Why the command line does not take the arguments; empty if it does."""
    command = [sys.executable, "-P", "-m", "merbench", *arguments, "--help"]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{shlex.join(arguments)}: {done.stderr}"
