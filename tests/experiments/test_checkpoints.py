"""`--keep-weights`: what is kept of a fold's network, and that a resume makes what is lacking."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

import merbench
from merbench.errors import StoreError, UsageError
from merbench.experiments.events import Observer
from merbench.methods.mmnet import MMNet
from merbench.methods.mmnet.parameters import MMNetParameters
from merbench.results import weights
from merbench.results.fold_result import FoldResult
from merbench.results.store import Store

SMALL: dict[str, Any] = {"dataset.subjects": 3, "dataset.clips": 10, "size": 16, "epochs": 1, "position": "learned"}


def run(folder: Path, *, keep: bool = True, observer: Observer | None = None) -> merbench.Run:
    return merbench.run("mmnet", settings=SMALL, rules="last", keep_weights=keep, out=folder, observer=observer)


class Stops(Observer):
    """Stops a run as a signal would, after so many folds."""

    def __init__(self, after: int) -> None:
        self.after = after

    def outcome(self, outcome: FoldResult) -> None:
        self.after -= 1
        if not self.after:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> merbench.Run:
    return run(tmp_path_factory.mktemp("kept") / "run")


def files(run: merbench.Run) -> list[Path]:
    assert run.path is not None
    return sorted((run.path / "weights").iterdir())


def test_each_fold_has_a_file_that_plain_torch_can_use(kept: merbench.Run) -> None:
    assert len(files(kept)) == len(kept.outer) == 3
    assert kept.path is not None
    path = Store(kept.path).weights("synthetic/02")
    with safe_open(path, "pt") as file:
        told = json.loads(file.metadata()["merbench"])
    description = json.loads((kept.path / "run.json").read_text())["description"]
    for name in ("method", "parameters", "training", "inputs", "alignment", "classes", "plugins"):
        assert told[name] == description[name], name
    assert told["fold"] == "synthetic/02"
    assert told["stands_alone"] is True
    assert told["recipe"]["name"] == "quick"
    network = MMNet(MMNetParameters(**told["parameters"])).network(weights.nameless(told["classes"])).eval()
    network.load_state_dict(load_file(path))
    views = torch.rand(2, 4, 3, 16, 16).unbind()
    read = weights.read(path)
    again = weights.built(MMNet(MMNetParameters(**told["parameters"])), weights.nameless("abcde"), read.tensors, path)
    assert torch.equal(network(*views), again(*views))


def test_weights_are_no_part_of_the_identity_or_the_record(kept: merbench.Run, tmp_path: Path) -> None:
    plain = run(tmp_path / "plain", keep=False)
    assert plain.header.identity == kept.header.identity
    assert not (tmp_path / "plain" / "weights").exists()
    for one, other in zip(plain.outer, kept.outer, strict=True):
        np.testing.assert_array_equal(one.probabilities, other.probabilities)
    timed = ("seconds", "peak_memory")
    assert {k: v for k, v in plain.record().as_dict().items() if k not in timed} == {
        k: v for k, v in kept.record().as_dict().items() if k not in timed
    }


def test_a_resume_trains_the_folds_whose_weights_are_missing(kept: merbench.Run, tmp_path: Path) -> None:
    run(tmp_path / "run", keep=False)
    outcomes = {path: path.read_bytes() for path in (tmp_path / "run" / "outer").iterdir()}
    again = run(tmp_path / "run")
    assert [path.name for path in files(again)] == [path.name for path in files(kept)]
    assert {path: path.read_bytes() for path in outcomes} == outcomes
    same(files(again), files(kept))
    files(again)[1].unlink()
    before = {path: path.stat().st_mtime_ns for path in files(again)}
    same(files(run(tmp_path / "run")), files(kept))
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_run_killed_between_the_files_of_a_fold_ends_with_both(
    kept: merbench.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", lambda self, outcome: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "run")
    assert not (tmp_path / "run" / "outer").exists()
    assert len(list((tmp_path / "run" / "weights").iterdir())) == 1
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", observer=Stops(2))
    same(files(run(tmp_path / "run")), files(kept))


def same(some: list[Path], others: list[Path]) -> None:
    assert [path.name for path in some] == [path.name for path in others]
    for one, other in zip(some, others, strict=True):
        left, right = load_file(one), load_file(other)
        assert left.keys() == right.keys()
        assert all(torch.equal(left[name], right[name]) for name in left)


def test_other_probabilities_of_a_fold_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path / "run", keep=False)
    monkeypatch.setattr("merbench.experiments.checkpoints.same_outcome", lambda one, other: False)
    with pytest.raises(StoreError, match="gives other probabilities than it gave before"):
        run(tmp_path / "run")
    assert not (tmp_path / "run" / "weights").exists()


def test_a_method_without_weights_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="majority has no weights"):
        merbench.run("majority", keep_weights=True, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_is_no_weights_file_is_refused(kept: merbench.Run, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    for content in (b"", b"nothing", files(kept)[0].read_bytes()[:-100], b"\x00" * 64):
        path.write_bytes(content)
        with pytest.raises(StoreError, match=r"is no weights file of merbench.*--keep-weights"):
            weights.read(path)
    with pytest.raises(StoreError, match="cannot be read"):
        weights.read(tmp_path / "nowhere")
    whole = weights.read(files(kept)[0])
    with pytest.raises(StoreError, match="does not fit the network of mmnet for 3 classes"):
        weights.built(MMNet(MMNetParameters(**whole.facts.parameters)), weights.nameless("abc"), whole.tensors, path)


class Remembers(torch.nn.Module):
    """Adds what its training clips were, kept outside of its state."""

    def __init__(self, mean: float) -> None:
        super().__init__()
        self.head, self.mean = torch.nn.Linear(3, 5), mean

    def forward(self, *frames: torch.Tensor) -> torch.Tensor:
        return self.head(frames[-1].mean((2, 3))) + self.mean


def test_a_network_that_needs_its_training_clips_is_recorded_as_such(
    kept: merbench.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = weights.facts_of(kept.header, "synthetic/01").updated(classes=tuple("abcde"))
    monkeypatch.setattr(MMNet, "network", lambda self, train: Remembers(float(train.labels.mean())))
    method = MMNet(MMNetParameters(size=16))
    assert packed(method, Remembers(2.0), facts) is True  # the mean of 0..4, as of one clip a class
    assert packed(method, Remembers(1.0), facts) is False


def packed(method: MMNet, network: torch.nn.Module, facts: weights.WeightsFacts) -> bool:
    content = weights.packed(method, network, facts)
    length = int.from_bytes(content[:8], "little")
    alone: bool = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["merbench"])["stands_alone"]
    return alone
