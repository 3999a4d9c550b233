"""Whatever a plugin's code does ends as one sentence that names the entry, its file and line, or the expectation."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import merbench
from merbench.errors import EntryError, MerbenchError
from merbench.plugins import load_plugin
from merbench.registry import EVERY

SMALL = {"dataset.subjects": 3, "dataset.clips": 5}

FITTED = """
import numpy as np
from merbench.method import FittedMethod, Predictor
from merbench.inputs import Inputs

class Say(Predictor):
    def __init__(self, classes):
        self.classes = classes
    def probabilities(self, held_out):
        good = np.full((held_out.count, self.classes), 1 / self.classes)
        return {probabilities}

class Hostile(FittedMethod):
    \"\"\"Misbehaves.\"\"\"
    name, title, family = "hostile", "Hostile", "hand-crafted"
    {body}
    def inputs(self):
        {inputs}
        return Inputs()
    def fit(self, train, samples, generator):
        {fit}
        return Say(len(train.classes))
"""

NETWORK = """
import sys
import torch
from torch import nn
from merbench.entries.recipe import Recipe, Training
from merbench.inputs import Frames, Inputs
from merbench.method import NetworkMethod

class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.head = nn.Linear(3 * 16 * 16, classes)
    def forward(self, onset{signature}):
        logits = self.head(onset.flatten(1))
        {forward}
        return logits

class Hostile(NetworkMethod):
    \"\"\"Misbehaves.\"\"\"
    name, title, family = "hostile", "Hostile", "image network"
    recipes = {{
        name: Recipe(source="this test", training=Training(epochs=1, batch=8)) for name in ("published", "quick")
    }}
    def inputs(self):
        return Inputs(frames=Frames(at=("apex",), size=(16, 16)))
    def network(self, train):
        {network}
        return Net(len(train.classes))
"""


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    before = [each.snapshot() for each in EVERY]
    yield
    for each, snapshot in zip(EVERY, before, strict=True):
        each.restore(snapshot)


def written(folder: Path, template: str, **parts: str) -> Path:
    usual = {
        "probabilities": "good",
        "body": "",
        "inputs": "",
        "fit": "",
        "signature": "",
        "forward": "",
        "network": "",
    }
    path = folder / "hostile.py"
    path.write_text(textwrap.dedent(template).format(**{**usual, **parts}).replace('\\"', '"'))
    return path


def refusal(plugin: Path, runs: Path) -> str:
    with pytest.raises(MerbenchError) as refused:
        merbench.run("hostile", plugins=[plugin], settings=SMALL, runs=runs, device="cpu")
    told = str(refused.value)
    assert "\n" not in told
    return told


def test_the_plugins_of_this_file_run_when_they_behave(tmp_path: Path) -> None:
    plugin = written(tmp_path, FITTED)
    assert merbench.run("hostile", plugins=[plugin], settings=SMALL, runs=tmp_path / "runs").scores("last").accuracy > 0


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"fit": "raise ValueError('no')"}, r"hostile.* failed in fit\(\): ValueError: .*hostile\.py, line \d+"),
        ({"fit": "raise SystemExit(3)"}, r"hostile.* failed in fit\(\): SystemExit: 3 \(at .*hostile\.py, line \d+"),
        ({"fit": "import sys; sys.exit()"}, r"hostile.*SystemExit: .*hostile\.py, line \d+"),
        ({"fit": "class Odd(BaseException): pass\n        raise Odd('odd')"}, r"hostile.*Odd: odd \(at .*hostile\.py"),
        ({"fit": "return 7"}, r"hostile: fit\(\) returns int, but must return a Predictor"),
        ({"probabilities": "good * np.nan"}, "hostile, fold .*: probabilities must be finite"),
        ({"probabilities": "good - 1"}, "hostile, fold .*: probabilities must not be negative"),
        ({"probabilities": "good + 0j"}, "hostile, fold .*: probabilities must be real numbers, not complex"),
        ({"probabilities": "good * 2"}, "hostile, fold .*: the probabilities of a clip must sum to 1, not to 2"),
        ({"probabilities": "good[:-1]"}, "hostile, fold .*: probabilities must be .clip class."),
        ({"probabilities": "good.astype(str)"}, "hostile, fold .*: probabilities must be real numbers"),
        ({"probabilities": "None"}, "hostile, fold .*: probabilities must be real numbers"),
    ],
)  # fmt: skip
def test_a_fitted_method_that_misbehaves(tmp_path: Path, parts: dict[str, str], expected: str) -> None:
    assert re.search(expected, refusal(written(tmp_path, FITTED, **parts), tmp_path / "runs"))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"network": "return 7"}, r"hostile: network\(\) returns int, but must return a torch\.nn\.Module"),
        ({"network": "return nn.Flatten()"}, "hostile: .* without trainable parameters"),
        ({"network": "return nn.Sequential(nn.Flatten(), nn.LazyLinear(3))"}, "hostile: .* lazy layers"),
        ({"network": "raise KeyError('x')"}, r"hostile.* failed building its network: KeyError: .*hostile\.py, line"),
        ({"signature": ", apex"}, r"hostile.*TypeError.*apex.* \(at .*hostile\.py, line \d+"),
        ({"forward": "sys.exit(1)"}, r"hostile.*SystemExit: 1 \(at .*hostile\.py, line \d+, in forward"),
        ({"forward": "logits = logits.detach()"}, r"hostile.*does not require grad.*\(at .*hostile\.py, line \d+"),
        ({"forward": "logits = logits * torch.nan"}, "hostile.*(finite|NaN)"),
        ({"forward": "logits = logits[:, :1]"}, r"hostile.*logits must be \(clip class\)"),
        ({"forward": "logits = logits @ torch.ones(2, 2)"}, r"hostile.*RuntimeError.*hostile\.py, line \d+"),
        ({"forward": "return None"}, "hostile"),
    ],
)  # fmt: skip
def test_a_network_that_misbehaves(tmp_path: Path, parts: dict[str, str], expected: str) -> None:
    assert re.search(expected, refusal(written(tmp_path, NETWORK, **parts), tmp_path / "runs"))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"inputs": "return 7"}, r"inputs\(\) gives int, but must give Inputs"),
        ({"inputs": "raise SystemExit(1)"}, r"hostile.*SystemExit: 1 \(at .*hostile\.py, line \d+"),
        ({"body": "name = 'a/b'"}, r"name = 'a/b' is not possible: a name consists of letters, digits"),
        ({"body": "name = 'a\\x1b[31m'"}, r"name = 'a\\x1b\[31m' is not possible"),
        ({"body": "1 / 0"}, r"cannot be imported: ZeroDivisionError: division by zero \(at .*hostile\.py, line \d+\)"),
        ({"body": "raise SystemExit(1)"}, r"cannot be imported: SystemExit: 1 \(at .*hostile\.py, line \d+\)"),
        ({"body": "raise BaseException('no')"}, r"cannot be imported: BaseException: no \(at .*hostile\.py, line"),
    ],
)  # fmt: skip
def test_a_plugin_that_misbehaves_when_it_is_loaded(tmp_path: Path, parts: dict[str, str], expected: str) -> None:
    plugin = written(tmp_path, FITTED, **parts)
    with pytest.raises(EntryError, match=expected) as refused:
        load_plugin(plugin)
    assert str(plugin) in str(refused.value)


@pytest.mark.parametrize("recipes", ["7", "{'quick': 3}", "classmethod(lambda cls: 1 / 0)"])
def test_recipes_that_are_none(tmp_path: Path, recipes: str) -> None:
    plugin = written(tmp_path, FITTED, body=f"recipes = {recipes}")
    assert re.search(r"hostile.*recipes", refusal(plugin, tmp_path / "runs"))


PROTOCOL = """
from merbench.protocol import Fold, Protocol, split
class Hostile(Protocol):
    \"\"\"Misbehaves.\"\"\"
    name, title = "hostile-folds", "Hostile"
    def folds(self, clips):
        {folds}
        for subject in sorted(set(clips["subject"])):
            yield split(subject, clips, clips["subject"] == subject)
    def subsets(self, clips):
        {subsets}
        return {{}}
"""

DATASET = """
import numpy as np
import pandas as pd
from merbench.annotations.clips import Annotations
from merbench.annotations.schemes import LabelScheme
from merbench.dataset import Dataset
class Hostile(Dataset):
    \"\"\"Misbehaves.\"\"\"
    name, title, synthetic = "hostile-clips", "Hostile", True
    schemes = (LabelScheme(name="two", classes=("a", "b"), mapping={{"a": "a", "b": "b"}}, source="this test"),)
    def table(self, root):
        rows = [(subject, f"c{{n}}", 1, 2, 3, "ab"[n], "", 1.0) for subject in ("1", "2") for n in (0, 1)]
        table = pd.DataFrame(rows, columns="subject clip onset apex offset emotion action_units fps".split())
        {table}
        return Annotations(table=table, state="this test")
    def frames(self, root, clip):
        return {{}}
    def read(self, root, clip, numbers):
        {read}
        return [np.zeros((16, 16, 3), np.uint8) for _ in numbers]
"""


def of_plugin(folder: Path, template: str, **parts: str) -> Path:
    path = folder / "hostile.py"
    usual = {"folds": "", "subsets": "", "table": "", "read": ""}
    path.write_text(textwrap.dedent(template).format(**{**usual, **parts}))
    return path


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"folds": "yield 1; return"}, r"hostile-folds: folds\(\) gives 1, but must give Fold"),
        ({"folds": "yield Fold(name=1, train=(), test=()); return"}, r"hostile-folds: folds\(\) gives Fold\(name=1"),
        ({"folds": "yield Fold(name='a', train=7, test=('k',)); return"}, "must give Fold"),
        ({"folds": "raise SystemExit(3)"}, r"hostile-folds.*SystemExit: 3 \(at .*hostile\.py, line \d+"),
        ({"subsets": "return 7"}, r"hostile-folds: subsets\(\) gives 7, but must give the subset of clips by key"),
        ({"subsets": "return {'none': 'a'}"}, r"hostile-folds: subsets\(\) names an unknown clip, none"),
        ({"subsets": "raise KeyError('x')"}, r"hostile-folds.* failed naming subsets: KeyError: 'x'"),
    ],
)  # fmt: skip
def test_a_protocol_that_misbehaves(tmp_path: Path, parts: dict[str, str], expected: str) -> None:
    plugin = of_plugin(tmp_path, PROTOCOL, **parts)
    with pytest.raises(MerbenchError, match=expected):
        merbench.run("majority", "hostile-folds", plugins=[plugin], settings=SMALL, runs=tmp_path / "runs")


@pytest.mark.parametrize("part", ["folds", "subsets"])
def test_what_a_protocol_does_to_its_table_changes_no_label(tmp_path: Path, part: str) -> None:
    honest = merbench.run("majority", settings=SMALL, out=tmp_path / "honest")
    plugin = of_plugin(tmp_path, PROTOCOL, **{part: "clips['label'] = list(clips['label'])[::-1]"})
    run = merbench.run("majority", "hostile-folds", plugins=[plugin], settings=SMALL, out=tmp_path / "run")
    assert [list(fold.truth) for fold in run.outer] == [list(fold.truth) for fold in honest.outer]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"table": "return table"}, r"hostile-clips: table\(\) gives DataFrame, but must give Annotations"),
        ({"table": "return None"}, r"hostile-clips: table\(\) gives NoneType"),
        ({"table": "table.loc[1, 'subject'] = None"}, "hostile-clips: row 2 has no subject"),
        ({"table": "table['onset'] = 1.5"}, "hostile-clips: row 1 has the onset '1.5', but it must be a whole number"),
        ({"table": "table['offset'] = -4"}, "hostile-clips: row 1 has the offset '-4'"),
        ({"table": "table['apex'] = 'x'"}, "hostile-clips: row 1 has the apex 'x'"),
        ({"table": "raise SystemExit(1)"}, r"hostile-clips.*reading its table: SystemExit: 1"),
        ({"read": "return None"}, r"hostile-clips.*hostile\.py"),
        ({"read": "return [np.zeros((16, 16, 3))] * len(numbers)"}, "its frames are not uint8"),
        ({"read": "return [np.zeros((0, 16, 3), np.uint8)] * len(numbers)"}, "its frames have no pixels"),
        ({"read": "return []"}, "hostile-clips"),
        ({"read": "raise SystemExit(1)"}, r"hostile-clips.*SystemExit: 1"),
    ],
)  # fmt: skip
def test_a_dataset_that_misbehaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: dict[str, str], expected: str
) -> None:
    monkeypatch.setenv("MERBENCH_CACHE", str(tmp_path / "cache"))
    plugin = of_plugin(tmp_path, DATASET, **parts)
    with pytest.raises(MerbenchError, match=expected):
        merbench.run("flow-svm", dataset="hostile-clips", plugins=[plugin], runs=tmp_path / "runs", recipe="quick")


def test_the_dataset_of_this_file_runs_when_it_behaves(tmp_path: Path) -> None:
    plugin = of_plugin(tmp_path, DATASET)
    assert merbench.run("majority", dataset="hostile-clips", plugins=[plugin], runs=tmp_path / "runs").header.clips == 4


def test_a_plugin_that_changed_since_it_was_loaded_is_refused(tmp_path: Path) -> None:
    plugin = of_plugin(tmp_path, PROTOCOL)
    merbench.run("majority", "hostile-folds", plugins=[plugin], settings=SMALL, out=tmp_path / "run")
    of_plugin(tmp_path, PROTOCOL, folds="return")
    with pytest.raises(EntryError, match=r"changed since this process loaded it.*start Python anew"):
        merbench.run("majority", "hostile-folds", plugins=[plugin], settings=SMALL, out=tmp_path / "again")
