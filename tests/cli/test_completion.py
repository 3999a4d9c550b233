"""The shell completes methods, datasets, protocols, settings and runs, from a cache and at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from merbench.cli import completion_cache
from merbench.cli.completion import complete_methods, complete_runs
from merbench.registry import datasets, methods, protocols


def complete(cwd: Path, cache: Path, words: str, shell: str = "bash") -> list[str]:
    """What a shell is told that completes the last of these words."""
    given = {
        "bash": {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - (not words.endswith(" ")))},
        "zsh": {"_TYPER_COMPLETE_ARGS": words},
        "fish": {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    environment = {**os.environ, **given, "_MERBENCH_COMPLETE": f"complete_{shell}", "XDG_CACHE_HOME": str(cache)}
    program = "import sys; sys.argv = ['merbench']; from merbench.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


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
    ],
)
def test_bash_is_told_what_completes_a_word(tmp_path: Path, words: str, expected: list[str]) -> None:
    (tmp_path / "runs" / "majority-loso").mkdir(parents=True)
    assert complete(tmp_path, tmp_path / "cache", words) == expected


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_told_too(tmp_path: Path, shell: str) -> None:
    assert any("loso" in line for line in complete(tmp_path, tmp_path, "merbench run -p los", shell))


@pytest.mark.slow
def test_a_word_is_completed_at_once(tmp_path: Path) -> None:
    """Processor time, since other work of this machine is none of completion's; a bare Python start is taken off."""
    words = "merbench run -m mm"
    complete(tmp_path, tmp_path, words)

    def seconds(program: list[str], environment: dict[str, str]) -> float:
        before = os.times()
        subprocess.run(program, env={**os.environ, **environment}, capture_output=True, check=True)
        after = os.times()
        return after.children_user - before.children_user

    program = [sys.executable, "-P", "-c", "import sys; sys.argv=['merbench']; from merbench.cli import main; main()"]
    environment = {
        "COMP_WORDS": words, "COMP_CWORD": "3", "_MERBENCH_COMPLETE": "complete_bash", "XDG_CACHE_HOME": str(tmp_path),
    }  # fmt: skip
    taken = min(seconds(program, environment) for _ in range(5))
    bare = min(seconds([sys.executable, "-c", "pass"], {}) for _ in range(5))
    assert taken < max(0.5, 15 * bare)


def test_names_are_collected_again_when_an_entry_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    known = completion_cache.names()
    assert set(known.methods) == set(methods.names())
    assert set(known.datasets) == set(datasets.names())
    assert set(known.protocols) == set(protocols.names())
    path = tmp_path / "merbench" / "completion.json"
    content = json.loads(path.read_text("utf-8"))
    content["names"]["methods"] = {"only": "One"}
    path.write_text(json.dumps(content), "utf-8")
    assert complete_methods("") == [("only", "One")]
    monkeypatch.setattr(completion_cache, "_state", lambda: str(time.time()))
    assert len(complete_methods("")) > 10


def test_a_damaged_cache_and_a_missing_folder_complete_nothing_and_harm_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "merbench").mkdir()
    (tmp_path / "merbench" / "completion.json").write_text("{", "utf-8")
    assert ("mmnet", "MMNet") in complete_methods("mm")
    assert complete_runs(f"{tmp_path}/nowhere/a") == []
