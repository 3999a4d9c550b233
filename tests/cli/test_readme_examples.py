"""The Python examples of the README and the guides run as they are printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]


def examples() -> list[str]:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    return re.findall(r"(?<!-->\n)```python\n(.*?)```", text, flags=re.DOTALL)  # less those said not to be run


def example(word: str) -> str:
    [block] = [block for block in examples() if word in block]
    return block


@pytest.mark.parametrize("word", ["dataset.ground_truth_motion", "merbench.run(", "PrintedNumber("])
def test_an_example_runs(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(example(word), "example", "exec"), {})


def test_the_method_of_ones_own_runs_as_a_plugin(merbench: Callable[..., Any], tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text(example("class Mine(NetworkMethod)"), encoding="utf-8")
    answer = merbench("run", "-m", "mine", "--plugin", plugin, "--set", "epochs=2", "--set", "dataset.clips=10",
                      "--runs-dir", tmp_path / "runs")  # fmt: skip
    assert answer.code == 0, answer.err
    assert "mine (epochs=2)" in answer.out


def test_every_python_example_is_tried() -> None:
    assert len(examples()) == 4
