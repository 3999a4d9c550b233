"""The pages' commands: the two that everything starts with, and that every other one is understood."""

import importlib
import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from merbench.experiments.observers import GROUP

BEGINNING = [
    "python -m pip install -e . && merbench run --method mmnet --protocol loso",
    'python -m pip install -e ".[test]" && pytest -n 2 --dist loadfile',
]


PAGES = ("README.md", "CONTRIBUTING.md", "docs/guide/*.md", "docs/*.md", "docs/tuning/*.md", "methods/README.md",
         "methods/*/README.md", "datasets/README.md", "datasets/*/README.md", "protocols/README.md")  # fmt: skip


def shell_blocks(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    return [block.strip() for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]


def pages(root: Path) -> list[Path]:
    return sorted({page for pattern in PAGES for page in root.glob(pattern)})


def test_first_commands(root: Path) -> None:
    assert shell_blocks(root / "README.md")[:2] == BEGINNING


def test_the_first_page_is_short(root: Path) -> None:
    assert len((root / "README.md").read_text("utf-8").splitlines()) <= 150


def test_every_command_is_understood(root: Path, tmp_path: Path) -> None:
    """`--help` at the end stops a command before it acts, but not before its options are read."""
    commands = [command for page in pages(root) for block in shell_blocks(page) for command in merbench_commands(block)]
    unique = [list(command) for command in dict.fromkeys(map(tuple, commands))]
    assert len(unique) > 30
    assert [fault for command in unique if (fault := _refusal(command, tmp_path))] == []


def test_every_link_between_pages_leads_somewhere(root: Path) -> None:
    links = [
        (page.relative_to(root), link)
        for page in pages(root)
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    ]
    assert len(links) > 20
    assert [(page, link) for page, link in links if not (root / page.parent / link).exists()] == []


def test_every_module_that_a_page_names_exists(root: Path) -> None:
    text = "".join(page.read_text("utf-8") for page in pages(root))
    names = sorted(set(re.findall(r"`(merbench(?:\.[a-z_0-9]+)+)`", text)))
    assert len(names) > 20
    assert [name for name in names if not _is_module_or_public(name) and not name.endswith(".toml")] == []


def _is_module_or_public(name: str) -> bool:
    if name == GROUP:  # of entry points
        return True
    home, _, leaf = name.rpartition(".")
    try:
        return importlib.util.find_spec(name) is not None or hasattr(importlib.import_module(home), leaf)
    except ModuleNotFoundError:
        return False


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
