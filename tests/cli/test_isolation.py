"""A stranger's entry that is broken is told by name and cause, and harms nothing else; its records outlive it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import merbench as library
from merbench.errors import UsageError
from merbench.registry import EVERY

Cli = Callable[..., Any]
SMALL = ("--set", "dataset.subjects=3", "--set", "dataset.clips=10")

METHOD = """
import numpy as np
from merbench.inputs import Frames, Inputs
from merbench.method import FittedMethod, Predictor


class Shares(Predictor):
    def __init__(self, shares):
        self.shares = shares

    def probabilities(self, held_out):
        return self.shares[None].repeat(held_out.count, axis=0)


class Strange(FittedMethod):
    '''The class shares.'''

    name = "{name}"
    title = "Made for a test"
    family = "control"

    def inputs(self):
        return {inputs}

    def fit(self, train, samples, generator):
        {fit}
        counts = np.bincount(train.labels, minlength=len(train.classes)) + 1.0
        return Shares((counts / counts.sum()).astype(np.float32))
"""
NETWORK = """
from merbench import Frames, Inputs, NetworkMethod


class Strange(NetworkMethod):
    '''A network whose shapes do not fit.'''

    name = "strange"
    title = "Made for a test"
    family = "image network"

    def inputs(self):
        return Inputs(frames=Frames(at=("apex",), size=(16, 16)))

    def network(self, train):
        from torch import nn

        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(7, 5)

            def forward(self, apex):
                return self.head(apex.flatten(1))  # the line

        return Network()
"""
PROTOCOL = """
from merbench import Protocol


class Strange(Protocol):
    '''Fails.'''

    name = "strange"
    title = "Made for a test"

    def folds(self, clips):
        return iter(clips["no such column"])
"""
DATASET = """
from merbench import Dataset, LabelScheme


class Strange(Dataset):
    '''Fails.'''

    name = "strange"
    title = "Made for a test"
    synthetic = True
    schemes = (LabelScheme(name="ab", classes=("a", "b"), mapping={"a": "a", "b": "b"}, source="a test"),)

    def table(self, root):
        return {}["clips"]

    def frames(self, root, clip):
        return {}
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a plugin file, by default of a method that works."""

    def write(source: str = METHOD, **given: str) -> Path:
        path = tmp_path / "strange.py"
        if source is METHOD:
            source = source.format(**{"name": "strange", "inputs": "Inputs()", "fit": "pass", **given})
        path.write_text(source, encoding="utf-8")
        return path

    return write


BROKEN = {
    "import": ("import no_such_module", "No module named 'no_such_module'"),
    "taken": (METHOD.format(name="mmnet", inputs="Inputs()", fit="pass"), "'mmnet' is claimed twice"),
    "no inputs": (METHOD.format(name="strange", inputs="{'frames': 3}", fit="pass"), "must give Inputs"),
    "wrong moment": (
        METHOD.format(name="strange", inputs="Inputs(frames=Frames(at=('peak',), size=(8, 8)))", fit="pass"),
        "moments are onset",
    ),
    "inputs that fail": (METHOD.format(name="strange", inputs="1 / 0", fit="pass"), "ZeroDivisionError"),
    "no title": (
        METHOD.format(name="strange", inputs="Inputs()", fit="pass").replace("title =", "other ="),
        "lacks title",
    ),
    "no family": (
        METHOD.format(name="strange", inputs="Inputs()", fit="pass").replace("control", "odd"),
        "lacks family",
    ),
    "parameters": (
        METHOD.format(name="strange", inputs="Inputs()", fit="pass") + "    Parameters = None\n",
        "AttributeError",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_named_and_all_else_is_listed(merbench: Cli, plugin: Callable[..., Path], case: str) -> None:
    source, cause = BROKEN[case]
    path = plugin(source)
    answer = merbench("list", "--plugin", path)
    assert answer.code == 0, answer.err
    [told] = [line for line in answer.out.splitlines() if line.startswith("BROKEN")]
    assert cause in told
    assert str(path) in told
    assert "  mmnet " in answer.out
    assert "  loso " in answer.out
    assert "strange " not in answer.out.replace(told, "")
    refused = merbench("run", "-m", "majority", "--plugin", path)
    assert (refused.code, "Traceback" in refused.err) == (2, False)
    assert cause in refused.err


def test_list_check_makes_every_entry(merbench: Cli, plugin: Callable[..., Path]) -> None:
    assert merbench("list", "protocols", "--check").code == 0
    assert merbench("list", "protocols", "--check", "--plugin", plugin("1 / 0")).code == 1


@pytest.mark.parametrize(
    ("source", "words", "told"),
    [
        (
            METHOD.format(name="strange", inputs="Inputs()", fit='raise KeyError("a thing")'),
            ("-m", "strange"),
            "in fit",
        ),
        (NETWORK, ("-m", "strange", "--set", "epochs=1"), "in forward"),
        (PROTOCOL, ("-m", "majority", "-p", "strange"), "in folds"),
        (DATASET, ("-m", "majority", "-d", "strange"), "in table"),
    ],
    ids=["fit", "forward", "protocol", "dataset"],
)
def test_an_error_of_a_plugins_own_is_one_sentence(
    merbench: Cli, plugin: Callable[..., Path], tmp_path: Path, source: str, words: tuple[str, ...], told: str
) -> None:
    path = plugin(source)
    small = SMALL if "-d" not in words else ()
    answer = merbench("run", *words, *small, "--plugin", path, "--runs-dir", tmp_path / "runs")
    assert answer.code == 2
    assert "Traceback" not in answer.err
    [sentence] = [line for line in answer.err.splitlines() if line.startswith("merbench: ")]
    assert "strange of strange.py failed" in sentence
    assert f"(at {path}, line " in sentence
    assert sentence.endswith(f"{told})")


def test_the_traceback_is_shown_where_it_is_asked_for(
    merbench: Cli, plugin: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = plugin(fit='raise KeyError("a thing")')
    monkeypatch.setenv("MERBENCH_TRACEBACK", "1")
    words = ("run", "-m", "strange", *SMALL, "--plugin", path, "--runs-dir", tmp_path / "runs")
    by_variable = merbench(*words)
    monkeypatch.setenv("MERBENCH_TRACEBACK", "")
    by_option = merbench("--traceback", *words)
    for answer in (by_variable, by_option):
        assert answer.code == 2
        assert "Traceback (most recent call last)" in answer.err
        assert "KeyError: 'a thing'" in answer.err


def test_a_record_is_shown_audited_and_ranked_without_its_plugin(
    merbench: Cli, plugin: Callable[..., Path], tmp_path: Path
) -> None:
    before = [registry.snapshot() for registry in EVERY]
    path, run = plugin(), tmp_path / "run"
    assert merbench("run", "-m", "strange", *SMALL, "--plugin", path, "--out", run).code == 0
    for registry, kept in zip(EVERY, before, strict=True):
        registry.restore(kept)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.unlink()
    record = json.loads((run / "record.json").read_text("utf-8"))
    origin = {"place": "strange.py", "package": "strange.py", "version": "", "digest": digest}
    assert record["origins"]["method strange"] == origin
    assert record["description"]["plugins"] == {"method strange": digest}
    assert merbench("info", "strange").code == 2
    assert "strange" in merbench("show", run).out
    audited = merbench("audit", run)
    assert audited.code == 0, audited.out
    assert merbench("leaderboard", "add", run, "--dir", tmp_path / "board").code == 0
    assert merbench("leaderboard", "--dir", tmp_path / "board").code == 0
    assert "strange" in (tmp_path / "board" / "README.md").read_text("utf-8")


CELL = METHOD.format(name="in-a-cell", inputs="Inputs()", fit="pass")


@pytest.mark.parametrize("made", [False, True], ids=["class", "instance"])
def test_a_class_of_a_notebook_runs_and_its_source_is_in_the_record(tmp_path: Path, made: bool) -> None:
    def run(source: str, out: str) -> str:
        cell: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(source, "<cell>", "exec"), cell)
        kind = cell["Strange"]
        settings = {"dataset.clips": 10, "dataset.subjects": 3}
        done = library.run(kind() if made else kind, settings=settings, out=tmp_path / out)
        assert done.scores("last").uf1 > 0
        return str(done.header.description.plugins["method in-a-cell"])

    first, again = run(CELL, "one"), run(CELL, "two")
    other = run(CELL.replace("+ 1.0", "+ 2.0"), "three")
    assert first == again != other
    assert len(first) >= 16


@pytest.mark.parametrize("wrong", [3, dict, "Strange".join])
def test_what_is_no_method_is_refused(wrong: Any) -> None:
    with pytest.raises(UsageError, match="subclass NetworkMethod or FittedMethod"):
        library.run(wrong)
