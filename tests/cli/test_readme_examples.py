"""The README's Python examples run as they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parents[2] / "README.md"


def examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


def example(word: str) -> str:
    [found] = [block for block in examples() if word in block]
    return found


@pytest.mark.parametrize("word", ["dataset.planted", "merbench.run("])
def test_an_example_runs(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(example(word), "README.md", "exec"), {})


def test_the_method_of_ones_own_runs_as_a_plugin(merbench: Callable[..., Any], tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text(example("class Mine(NetworkMethod)"), encoding="utf-8")
    answer = merbench("run", "-m", "mine", "--plugin", plugin, "--set", "epochs=2", "--set", "dataset.clips=10",
                      "--runs", tmp_path / "runs")  # fmt: skip
    assert answer.code == 0, answer.err
    assert "mine (epochs=2)" in answer.out


def test_every_python_example_is_tried() -> None:
    assert len(examples()) == 3
