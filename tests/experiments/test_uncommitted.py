"""Uncommitted code is said before the first fold is trained, with the files."""

from __future__ import annotations

from pathlib import Path

import pytest

import merbench
from merbench.experiments.events import Observer
from merbench.results.fold_result import FoldResult


class Order(Observer):
    """What was reported, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, note: str) -> None:
        self.lines.append(note)

    def outcome(self, outcome: FoldResult) -> None:
        self.lines.append("outcome")


@pytest.mark.parametrize("dirty", [True, False])
def test_it_is_said_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dirty: bool) -> None:
    commit = {"version": "0.1.0", "commit": "0" * 40, "dirty": dirty}
    monkeypatch.setattr("merbench.experiments.header.code", lambda plugins=(): commit)
    monkeypatch.setattr("merbench.experiments.execute.uncommitted", lambda plugins=(): ["methods/mine/__init__.py"])
    order = Order()
    merbench.run("majority", settings={"dataset.subjects": 3, "dataset.clips": 5}, out=tmp_path / "a", observer=order)
    said = [line for line in order.lines if "methods/mine/__init__.py" in line]
    assert len(said) == dirty
    assert not dirty or order.lines.index(said[0]) < order.lines.index("outcome")
