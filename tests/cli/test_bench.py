"""`merbench bench`: the table, the file, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench.cli.bench import measures
from merbench.cli.bench.report import Row

Cli = Callable[..., Any]


@pytest.fixture(autouse=True)
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def bare(scale: Any, numerics: Any) -> Any:
        yield Row(name="engine", value=1.01, unit="×", target="≤ 1.05", note=f"{scale.name}, {numerics.precision}")

    monkeypatch.setattr(measures, "MEASURES", ((bare, "flow"),))
    for settle in ("_of_mmnet", "_of_flow", "_of_resnet"):
        monkeypatch.setattr(measures, settle, lambda scale, numerics: numerics)


def test_figures_are_printed_and_kept(merbench: Cli, tmp_path: Path) -> None:
    out = tmp_path / "kept.json"
    answer = merbench("bench", "--device", "cpu", "--precision", "float32", "--out", out)
    assert answer.code == 0, answer.err
    assert "1.01 ×" in answer.out
    assert answer.err.splitlines() == ["measuring 1 of 2: memory format", "measuring 2 of 2: bare"]
    kept = json.loads(out.read_text(encoding="utf-8"))
    assert kept["command"] == "merbench bench --scale short --device cpu --precision float32"
    assert kept["rows"][0]["note"] == "short, float32"
    assert str(tmp_path) not in out.read_text(encoding="utf-8")


def test_full_is_a_scale(merbench: Cli) -> None:
    assert "full, " in merbench("bench", "--device", "cpu", "--full").out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--full", "--scale", "tiny"], "--full is --scale full, but --scale tiny was given"),
        (["--scale", "huge"], "'huge' is not one of 'tiny', 'short', 'full'"),
        (["--out", "{folder}/none/kept.json"], "cannot be written: No such file or directory; name another --out."),
    ],
)
def test_what_cannot_be_is_refused(merbench: Cli, tmp_path: Path, words: list[str], sentence: str) -> None:
    answer = merbench("bench", "--device", "cpu", *(word.format(folder=tmp_path) for word in words))
    assert answer.code == 2
    assert sentence in " ".join(answer.err.split())
