"""Plugins that see computed inputs, from the command line to the record."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench.results.loading import load_result

PLUGIN = """
import numpy as np

from merbench import FittedMethod, Frames, Inputs, NetworkMethod, Recipe, Training
from merbench.inputs import Flow
from merbench.method import Predictor

FLOW = Flow(size=(14, 14), computed=(56, 56), algorithm="farneback", strain=True)


class FlowNet(NetworkMethod):
    name = "flow-net"
    title = "Made for a test"
    family = "flow network"

    def inputs(self):
        return Inputs(frames=Frames(at=("apex",), size=(16, 16)), arrays=(FLOW,))

    @classmethod
    def recipes(cls):
        made = Recipe(source="a choice", training=Training(epochs=2, flip=0.5, rotation=5.0, pad=10.0))
        return {"published": made, "quick": made}

    def network(self, train):
        from torch import nn

        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(3 * 14 * 14, len(train.classes))

            def forward(self, apex, flow):
                assert apex.shape[1:] == (3, 16, 16)
                return self.head(flow.flatten(1))

        return Network()


class Nearest(Predictor):
    def __init__(self, model):
        self.model = model

    def probabilities(self, held_out):
        assert held_out.frames is None
        [flow] = held_out.arrays
        return self.model.predict_proba(flow.reshape(held_out.count, -1)).astype(np.float32)


class FlowNearest(FittedMethod):
    name = "flow-nearest"
    title = "Made for a test"
    family = "control"

    def inputs(self):
        return Inputs(arrays=(FLOW,))

    def fit(self, train, samples, generator):
        from sklearn.neighbors import KNeighborsClassifier

        [flow] = samples.arrays
        assert flow.shape == (samples.count, 3, 14, 14)
        assert flow.dtype == np.float32
        return Nearest(KNeighborsClassifier(3).fit(flow.reshape(samples.count, -1), train.labels))
"""
SMALL = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5")


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    path = tmp_path / "seen.py"
    path.write_text(PLUGIN)
    return path


def test_networks_and_fitted_methods_see_flow(merbench: Callable[..., Any], plugin: Path, tmp_path: Path) -> None:
    words = ("run", "-m", "flow-net", "-m", "flow-nearest", "--plugin", plugin, "--runs-dir", tmp_path / "runs", *SMALL)
    answer = merbench(*words)
    assert answer.code == 0, answer.err
    manifests = [json.loads(path.read_text()) for path in (tmp_path / "runs").glob("*/run.json")]
    assert sorted(each["description"]["method"] for each in manifests) == ["flow-nearest", "flow-net"]
    for each in manifests:
        [declared] = each["description"]["inputs"]["arrays"]
        assert (declared["input"], declared["computed"]) == ("flow", [56, 56])
        assert each["description"]["alignment"] == "as distributed"
    again = merbench(*words)
    assert "3 trainings kept from an earlier start" in again.err


def test_an_alignment_is_part_of_what_a_run_is(merbench: Callable[..., Any], plugin: Path, tmp_path: Path) -> None:
    pytest.importorskip("dlib", reason="needs the extra align")
    words = ("run", "-m", "flow-nearest", "--plugin", plugin, "--out", tmp_path / "run", *SMALL)
    assert merbench(*words, "--alignment", "dlib-68-ststnet").code == 0
    manifest = json.loads((tmp_path / "run" / "run.json").read_text())
    assert manifest["description"]["alignment"] == "dlib-68-ststnet, revision 1"
    refused = merbench(*words)
    assert refused.code == 2
    assert "it differs in alignment" in refused.err
    blind = ("run", "-m", "random", "--out", tmp_path / "blind", *SMALL, "--alignment", "dlib-68-ststnet")
    assert merbench(*blind).code == 0
    assert load_result(tmp_path / "blind").task == load_result(tmp_path / "run").task


def test_an_alignment_that_does_not_exist_is_refused(merbench: Callable[..., Any], plugin: Path) -> None:
    answer = merbench("run", "-m", "flow-nearest", "--plugin", plugin, "--alignment", "mtcnn")
    assert answer.code == 2
    for word in ("--alignment", "mtcnn", "none", "dlib-68", "dlib-68-ststnet"):
        assert word in answer.err
