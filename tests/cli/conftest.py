"""The command line, called in this process as a shell would call it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from merbench.cli import main
from merbench.registry import datasets
from merbench.synthetic.mock_tree import write_mock
from tests.cli.proposals import faults


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True, scope="module")
def _committed() -> Iterator[None]:
    """Runs of a test are of committed code, whatever state the checkout is in: the leaderboard takes no other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "merbench.experiments.header.code",
            lambda plugins=(): {"version": "0.1.0", "commit": "0" * 40, "dirty": False},
        )
        yield


@pytest.fixture
def merbench(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    def call(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["merbench", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        printed = capsys.readouterr()
        if "--help" not in words:  # whose lines are broken
            assert faults(printed.err) + faults(printed.out) == [], "a command is proposed that would be refused"
        return Answer(code, printed.out, printed.err)

    return call


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CASME II tree of three subjects, read only."""
    root = tmp_path_factory.mktemp("casme2") / "tree"
    write_mock(datasets.get("casme2")(), root, subjects=4, clips=5)
    return root
