"""`merbench new`: names that can be, files that are whole, and entries that run as they are written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from merbench.cli import main
from merbench.cli.scaffold import Naming, write_file, write_package
from merbench.errors import UsageError

KINDS = ("method", "dataset", "protocol")


def command(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["merbench", *map(str, words)])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("3x", "beginning with a letter"),
        ("MyNet", "lower-case"),
        ("my net", "lower-case"),
        ("my--net", "lower-case"),
        ("my.net", "lower-case"),
        ("../x", "lower-case"),
        ("lambda", "a word of Python's own"),
        ("mmnet", "merbench has a method of that name"),
        ("json", "finds a module json"),
        ("torch", "finds a module torch"),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_a_sentence(name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        Naming(kind="method", name=name)
    assert f"name={name} is " in str(refused.value)


def test_a_name_is_taken_by_its_own_kind_alone() -> None:
    assert Naming(kind="protocol", name="mmnet").module == "mmnet"


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    naming = Naming(kind="method", name="mynet")
    write_package(naming, tmp_path / "mynet")
    with pytest.raises(UsageError, match="exists already"):
        write_package(naming, tmp_path / "mynet")
    write_file(naming, tmp_path)
    with pytest.raises(UsageError, match="exists already"):
        write_file(naming, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_package_is_whole_and_tidy(kind: str, tmp_path: Path) -> None:
    made = write_package(Naming(kind=kind, name="two-words"), tmp_path / "made")
    names = {path.relative_to(tmp_path / "made").as_posix() for path in made}
    assert names >= {"pyproject.toml", "README.md", "tests/test_two_words.py", "src/two_words/__init__.py"}
    for path in made:
        assert "$" not in path.read_text("utf-8")
    rules = ["--select", "E,F,I,UP,D1", "--ignore", "D107", "--line-length", "120"]
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", *rules]
    done = subprocess.run(ruff, cwd=tmp_path / "made", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_single_file_runs_as_it_is(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "new", kind, "my-own", "--file", "--dir", tmp_path) == 0
    plugin = ("--plugin", tmp_path / "my_own.py")
    small: tuple[Any, ...] = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5")
    words: dict[str, tuple[Any, ...]] = {
        "method": ("-m", "my-own", "--set", "epochs=1", "--set", "size=32", *small),
        "dataset": ("-m", "majority", "-d", "my-own", "--data", tmp_path / "tree"),
        "protocol": ("-m", "majority", "-p", "my-own", *small),
    }
    if kind == "dataset":
        mock = ("data", "mock", "my-own", "--out", tmp_path / "tree", "--subjects", 3, "--clips", 4)
        assert command(monkeypatch, *mock, *plugin) == 0
    code = command(monkeypatch, "run", *words[kind], *plugin, "--runs-dir", tmp_path / "runs")
    assert code == 0, capsys.readouterr().err


def test_the_command_says_what_to_do_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command(monkeypatch, "new", "method", "mynet") == 0
    assert "Try it: pip install -e ./mynet && merbench run -m mynet -p loso" in capsys.readouterr().out
    assert sorted(path.name for path in Path("mynet").iterdir()) == ["README.md", "pyproject.toml", "src", "tests"]
