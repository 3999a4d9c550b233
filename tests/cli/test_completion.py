"""The shell completes methods, datasets, protocols, settings and runs, from a cache and at once."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from merbench.cli import completion_cache
from merbench.cli.completion import complete_methods, complete_runs
from merbench.registry import datasets, methods, protocols

PROGRAM = "import sys; sys.argv = ['merbench']; from merbench.cli import main; main()"


def complete(cwd: Path, cache: Path, words: str, shell: str = "bash", program: str = PROGRAM) -> list[str]:
    """What a shell is told that completes the last of these words."""
    given = {
        "bash": {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - (not words.endswith(" ")))},
        "zsh": {"_TYPER_COMPLETE_ARGS": words},
        "fish": {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    environment = {**os.environ, **given, "_MERBENCH_COMPLETE": f"complete_{shell}", "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that is filled once."""
    return tmp_path_factory.mktemp("cache")


CASMES = [name for name in datasets.names() if name.startswith("cas")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("merbench run -m mmn", ["mmnet"]),
        ("merbench run -m majority,stst", ["majority,ststnet"]),
        ("merbench run -d casme2", ["casme2"]),
        ("merbench run -p los", ["loso"]),
        ("merbench run -m mmnet --recipe q", ["quick"]),
        ("merbench run -m mmnet --set weight_d", ["weight_decay="]),
        ("merbench run --apex spot-", ["spot-all"]),
        ("merbench run --track tens", ["tensorboard"]),
        ("merbench show runs/maj", ["runs/majority-loso"]),
        ("merbench compa", ["compare"]),
        ("merbench leaderboard ad", ["add"]),
        ("merbench leaderboard --dir board ad", ["add"]),
        ("merbench list al", ["alignments"]),
        ("merbench info 3-class-meg", ["3-class-megc2019"]),
        ("merbench run --keep", ["--keep-weights"]),
        ("merbench run -m mmnet --recipe = q", ["quick"]),  # as bash takes --recipe=q apart
        ("merbench run -m mmnet --set attention = sq", ["squeeze-excitation"]),
        ("merbench run -m mmnet --set attention=sq", ["squeeze-excitation"]),
        ("merbench run --quiet --method ststnet --set hid", []),
        ("merbench data check cas", CASMES),
        ("merbench compare runs/majority-loso runs/maj", ["runs/majority-loso"]),
        ("merbench run nothing.to", []),
    ],
)
def test_bash_is_told_what_completes_a_word(tmp_path: Path, cache: Path, words: str, expected: list[str]) -> None:
    (tmp_path / "runs" / "majority-loso").mkdir(parents=True)
    assert complete(tmp_path, cache, words) == expected


def test_other_shells_are_told_the_meaning_too(tmp_path: Path, cache: Path) -> None:
    [zsh] = ["".join(complete(tmp_path, cache, "merbench run -p los", "zsh"))]
    assert re.fullmatch(r"""_arguments '\*: :\(\("loso":"[\w -]+"\)\)'""", zsh)
    [fish] = complete(tmp_path, cache, "merbench run -p los", "fish")
    assert re.fullmatch(r"loso\t[\w -]+", fish)
    assert complete(tmp_path, cache, "merbench run nothing", "zsh") == ["_files"]


def test_a_word_is_completed_without_what_takes_long_to_import(tmp_path: Path, cache: Path) -> None:
    """For every shell: neither the parser, nor what it prints with, nor anything that computes."""
    heavy = ("torch", "pandas", "numpy", "pydantic", "rich", "typer", "optuna")
    program = (
        "import sys; sys.argv = ['merbench']; from merbench.cli import main\n"
        "try: main()\n"
        f"except SystemExit: sys.stderr.write(' '.join(name for name in {heavy} if name in sys.modules))"
    )
    for shell in ("bash", "zsh", "fish"):
        for words in ("merbench run -m mm", "merbench run -m mmnet --set a", "merbench run --track ", "merbench sho"):
            complete(tmp_path, cache, words, shell)
            assert complete(tmp_path, cache, words, shell, program), (shell, words)


def test_a_word_is_completed_at_once(tmp_path: Path, cache: Path) -> None:
    """From caches that exist, with the start of Python; the limit is twice what is promised, for a busy machine."""
    complete(tmp_path, cache, "merbench run -m mm")
    for shell in ("bash", "zsh", "fish"):
        taken = []
        for _ in range(3):
            start = time.perf_counter()
            complete(tmp_path, cache, "merbench run -m mm", shell)
            taken.append(time.perf_counter() - start)
        assert min(taken) < 0.6, shell


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_itself_completes(shell: str, tmp_path: Path, cache: Path) -> None:
    """What `--show-completion` prints is understood by the shell, where that is installed."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    tool = tmp_path / "bin" / "merbench"
    tool.parent.mkdir()
    tool.write_text(f"#!{sys.executable} -P\nfrom merbench.cli import main\n\nmain()\n", "utf-8")
    tool.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tool.parent}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(cache)}
    environment |= {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    script = subprocess.run(
        [str(tool), "--show-completion", shell], env=environment, capture_output=True, text=True, check=True
    ).stdout
    (tmp_path / "script").write_text(script, "utf-8")
    programs = {
        "bash": "source ./script; COMP_WORDS=(merbench run -m mmn); COMP_CWORD=3; _merbench_completion merbench; "
        'printf "%s\\n" "${COMPREPLY[@]}"',
        "zsh": "compdef() { :; }; _arguments() { print -r -- $1 }; words=(merbench run -m mmn); CURRENT=4; "
        "source ./script; _merbench_completion",
        "fish": "source ./script; complete --do-complete 'merbench run -m mmn'",
    }
    done = subprocess.run(
        [shell, "-c", programs[shell]], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "mmnet" in done.stdout, done.stderr


def test_names_are_collected_again_when_an_entry_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    known = completion_cache.names()
    assert set(known.methods) == set(methods.names())
    assert set(known.datasets) == set(datasets.names())
    assert set(known.protocols) == set(protocols.names())
    path = tmp_path / "merbench" / "completion.json"
    content = json.loads(path.read_text("utf-8"))
    content["content"]["methods"] = {"only": "One"}
    path.write_text(json.dumps(content), "utf-8")
    assert complete_methods([], "") == [("only", "One")]
    monkeypatch.setattr(completion_cache, "_state", lambda: str(time.time()))
    assert len(complete_methods([], "")) > 10


def test_a_damaged_cache_and_a_missing_folder_complete_nothing_and_harm_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "merbench").mkdir()
    (tmp_path / "merbench" / "completion.json").write_text("{", "utf-8")
    assert ("mmnet", "MMNet") in complete_methods([], "mm")
    assert complete_runs([], f"{tmp_path}/nowhere/a") == []
