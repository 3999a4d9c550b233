"""In a terminal of 80 columns no command prints a line that is wider, and none breaks a word."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from merbench.analysis.table import Table
from merbench.cli.text_table import table_lines
from merbench.registry import datasets
from merbench.synthetic.mock_tree import write_mock

ROOT = Path(__file__).parents[2]
Cli = Callable[..., Any]
SMALL = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--device", "cpu")
RUN = ("run", "-m", "majority", "-m", "random", "--seeds", "2", *SMALL)
SUITE = """
methods = ["majority", "random"]
protocols = ["loso", "leave-one-clip-out"]
settings = { dataset = { subjects = 3, clips = 5 } }
"""
NETWORK = ("run", "-m", "mmnet", *SMALL, "--set", "epochs=1", "--set", "size=32", "--keep-weights")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with finished runs in runs/, where paths are short."""
    place = tmp_path_factory.mktemp("narrow")
    for words in (RUN, NETWORK):
        subprocess.run(
            [sys.executable, "-P", "-m", "merbench", *words], cwd=place, check=True, capture_output=True, text=True
        )
    write_mock(datasets.get("casme2")(), place / "tree", subjects=2, clips=2)
    (place / "suite.toml").write_text(SUITE, "utf-8")
    return place


COMMANDS: Sequence[tuple[str, ...]] = (
    RUN,
    NETWORK,
    ("list",),
    ("list", "methods"),
    ("list", "alignments"),
    ("list", "datasets"),
    ("list", "protocols"),
    ("info", "mmnet"),
    ("info", "casme2"),
    ("info", "composite"),
    ("info", "3-class-megc2019"),
    ("show", "runs"),
    ("show", "RUNS"),
    ("show", "RUNS", "--table", "folds"),
    ("compare", "RUNS", "--clips"),
    ("plan", "RUNS"),
    ("ablate", "-m", "random", "--vary", "epochs=1,2", *SMALL),
    ("sensitivity", "-m", "majority", "--alignments", "", "--no-spot", "--seeds", "1", *SMALL),
    ("explain", "NETWORK", "--all"),
    ("reproduce", "--list"),
    ("data", "list"),
    ("cache", "list"),
    ("audit", "NETWORK"),
    ("show", "NETWORK", "--table", "classes"),
    ("show", "RUNS", "--table", "ablation"),
    ("data", "check", "casme2", "tree"),
    ("run", "suite.toml"),
    ("leaderboard", "--list", "--dir", "LEADERBOARD"),
)


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_table_fits_80_columns_with_whole_words(
    words: Sequence[str], folder: Path, merbench: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    runs = sorted(str(path) for path in Path("runs").iterdir())
    network = next(path for path in runs if "mmnet" in path)
    named = {"RUNS": runs, "NETWORK": [network], "LEADERBOARD": [str(ROOT / "leaderboard")]}
    arguments = [argument for word in words for argument in named.get(word, [word])]
    wide = merbench(*arguments)
    assert wide.code == 0, wide.err
    monkeypatch.setenv("COLUMNS", "80")
    narrow = merbench(*arguments)
    assert narrow.code == 0, narrow.err
    assert [line for line in narrow.out.splitlines() if len(line) > 80 and " " in line.strip()] == []
    assert [word for word in _words(narrow.out) if word not in _words(wide.out)] == []


def _words(text: str) -> list[str]:
    """All words, less rules between rows, times, and what is said of columns left out."""
    kept = text.split("Left out, as the terminal")[0] if "Left out, as the terminal" in text else text
    return [word for word in kept.split() if set(word) != {"─"} and not word.replace(".", "").isdigit()]


@pytest.mark.slow
def test_predictions_fit(folder: Path, merbench: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from merbench.data.export import export
    from merbench.data.source import Source

    write_mock(datasets.get("casme2")(), tmp_path / "tree", subjects=2, clips=2)
    export(Source(dataset=datasets.get("casme2")(), root=tmp_path / "tree"), tmp_path / "clips.csv")
    monkeypatch.chdir(folder)
    network = next(path for path in Path("runs").iterdir() if "mmnet" in path.name)
    monkeypatch.setenv("COLUMNS", "80")
    answer = merbench("predict", network, "--manifest", tmp_path / "clips.csv", "--device", "cpu")
    assert answer.code == 0, answer.err
    assert max(map(len, answer.out.splitlines())) <= 80


@pytest.mark.slow
def test_a_terminal_is_measured_and_a_pipe_gets_plain_whole_lines(folder: Path) -> None:
    command = [sys.executable, "-P", "-m", "merbench", "show", "runs"]
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    piped = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout
    master, terminal = pty.openpty()
    subprocess.run(["stty", "cols", "80", "rows", "24"], stdin=terminal, check=True)
    done = subprocess.Popen(command, cwd=folder, env=environment, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    shown = b""
    try:
        while block := os.read(master, 4096):
            shown += block
    except OSError:  # the end, as a pseudo-terminal of Linux says it
        pass
    assert done.wait() == 0
    assert max(map(len, shown.decode().splitlines())) <= 80
    assert max(map(len, piped.splitlines())) > 80
    assert "\x1b" not in piped + shown.decode()


def test_minor_columns_go_first_then_text_folds_then_columns_stand_below_each_other() -> None:
    table = Table(
        title="T",
        columns=("name", "what it is", "one", "two"),
        rows=(("a", "some long words", "1.000", "2.000"),),
        text_columns=2,
        minor=("one",),
    )
    assert table_lines(table, 40)[2] == "name  what it is         one    two"
    assert table_lines(table, 30)[4:6] == ["a     some long   1.000  2.000", "      words"]
    assert " ".join(table_lines(table, 22)).endswith("Left out, as the terminal is narrow: one.")
    folded = table_lines(table, 12)
    assert max(map(len, folded[:-4])) <= 12
    assert [line.split()[-1] for line in folded if line.startswith("a ")] == ["some", "2.000"]
