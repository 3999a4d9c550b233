"""What trackers are told, and that the real packages, offline, hold it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

import merbench
from merbench.errors import EntryError, UnknownName, UsageError
from merbench.experiments import observers
from merbench.experiments.events import Observer
from merbench.experiments.observers import tracker_classes, tracker_names
from merbench.experiments.observers.tracker import Tracker
from merbench.results.run import Run

FEW = {"dataset.subjects": 3, "dataset.clips": 5, "epochs": 2}
FOREIGN = pytest.mark.filterwarnings("ignore")  # the packages' own


class Memory(Tracker):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.metrics: dict[str, dict[int, float]] = {}
        self.files: dict[str, Any] = {}
        self.ended = False

    def start(self, folder: Path, identity: str, name: str, parameters: Mapping[str, str]) -> None:
        self.identity, self.parameters = identity, parameters

    def metric(self, name: str, value: float, step: int) -> None:
        self.metrics.setdefault(name, {})[step] = value

    def artifact(self, path: Path) -> None:
        self.files[path.name] = json.loads(path.read_text("utf-8"))

    def end(self) -> None:
        self.ended = True


def tracked(tracker: Observer, folder: Path, seed: int = 0) -> Run:
    try:
        return merbench.run(
            "ststnet", settings=FEW, rules=("last", "oracle"), runs=folder, seed=seed, observer=tracker, device="cpu"
        )
    finally:
        tracker.close()


def test_a_tracker_is_told_parameters_metrics_of_folds_and_epochs_and_the_record(tmp_path: Path) -> None:
    memory = Memory()
    run = tracked(memory, tmp_path)
    assert memory.ended
    assert memory.identity == run.header.identity
    assert memory.parameters["method"] == "ststnet"
    assert memory.parameters["training.epochs"] == "2"
    assert [name for name in memory.metrics if name.startswith("fold")] == [f"fold {n:02}/accuracy" for n in (1, 2, 3)]
    assert list(memory.metrics["fold 02/accuracy"]) == [1, 2]
    assert list(memory.metrics["uf1 of all folds"].values()) == list(run.curve)
    assert memory.metrics["oracle/uf1"] == {2: run.scores("oracle").uf1}
    assert memory.files["record.json"]["identity"] == run.header.identity
    again = Memory()
    tracked(again, tmp_path)  # nothing is trained, and all is reported
    assert again.metrics == memory.metrics


def test_names_of_real_people_are_told_to_no_tracker(tmp_path: Path) -> None:
    from merbench.registry import datasets
    from merbench.synthetic.mock_tree import write_mock

    write_mock(datasets.get("casme2")(), tmp_path / "tree", subjects=3, clips=5)
    (tmp_path / "tree" / "MOCK.txt").unlink(missing_ok=True)
    memory = Memory()
    run = merbench.run(
        "majority", dataset="casme2", data=tmp_path / "tree", runs=tmp_path / "runs", observer=memory, scheme="5-class"
    )
    told = json.dumps([memory.parameters, memory.metrics, memory.files])
    if not run.header.synthetic:
        assert not [key for fold in run.keys for key in fold if key in told]
    assert str(tmp_path) not in told


@FOREIGN
def test_tensorboard_holds_it(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="pip install merbench[tensorboard]")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    [kind] = tracker_classes(["tensorboard"])
    run = tracked(kind(), tmp_path)
    tracked(kind(), tmp_path)  # replaces, instead of doubling
    assert run.path is not None
    events = EventAccumulator(str(run.path / "tensorboard"))
    events.Reload()
    assert [(event.step, pytest.approx(event.value)) for event in events.Scalars("uf1 of all folds")] == [
        (step, value) for step, value in enumerate(run.curve, 1)
    ]
    assert {"parameters/text_summary", "record.json/text_summary"} <= set(events.Tags()["tensors"])


@FOREIGN
@pytest.mark.slow
def test_mlflow_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlflow", reason="pip install merbench[mlflow]")
    from mlflow.tracking import MlflowClient

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    [kind] = tracker_classes(["mlflow"])
    run = tracked(kind(), tmp_path)
    tracked(kind(), tmp_path)
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("merbench")
    assert experiment is not None
    [stored] = client.search_runs([experiment.experiment_id])  # one run, although it was reported twice
    assert stored.data.params["method"] == "ststnet"
    assert stored.data.metrics["last/uf1"] == pytest.approx(run.scores().uf1)
    assert stored.info.status == "FINISHED"
    assert [file.path for file in client.list_artifacts(stored.info.run_id)] == ["record.json"]


@FOREIGN
@pytest.mark.slow
def test_wandb_holds_it_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb", reason="pip install merbench[wandb]")
    monkeypatch.delenv("WANDB_MODE", raising=False)
    [kind] = tracker_classes(["wandb"])
    run = tracked(kind(), tmp_path)
    assert run.path is not None
    [offline] = (run.path / "wandb").glob("offline-run-*")
    [file] = offline.glob("*.wandb")
    late = time.monotonic() + 20
    while b"last/uf1" not in (content := file.read_bytes()) and time.monotonic() < late:
        time.sleep(0.2)  # a process of wandb's own may write it after finish()
    assert b"last/uf1" in content
    assert b"ststnet" in content


def test_the_command_tracks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an observer of another package, which its entry point names."""
    point = EntryPoint("memory", f"{__name__}:Memory", "merbench.observers")
    monkeypatch.setattr(observers, "entry_points", lambda group: [point] if group == observers.GROUP else [])
    monkeypatch.setattr(EntryPoint, "load", lambda self: Memory)
    assert tracker_classes(["memory"]) == [Memory]
    assert "memory" in tracker_names()
    monkeypatch.setattr(EntryPoint, "load", lambda self: dict)
    with pytest.raises(EntryError, match="derived from Observer"):
        tracker_classes(["memory"])


@pytest.mark.parametrize(
    ("name", "variable", "value"),
    [("mlflow", "MLFLOW_DISABLE_TELEMETRY", "true"), ("wandb", "WANDB_ERROR_REPORTING", "false")],
)
def test_packages_send_no_reports_of_their_own_unless_the_environment_says_so(
    name: str, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def imported(module: str) -> Any:
        seen.append(os.environ.get(variable))
        return Mock()

    monkeypatch.setattr(observers.importlib, "import_module", imported)
    monkeypatch.setenv(variable, "mine")
    tracker_classes([name])
    monkeypatch.delenv(variable)
    tracker_classes([name])
    assert seen == ["mine", value]


def test_wrong_names_are_refused_before_anything_is_trained() -> None:
    with pytest.raises(UnknownName, match=r"Unknown tracker 'tensorbord'"):
        tracker_classes(["tensorbord"])
    with pytest.raises(UsageError, match="twice"):
        tracker_classes(["wandb", "wandb"])


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError("No module named 'wandb'")

    monkeypatch.setattr(observers.importlib, "import_module", missing)
    with pytest.raises(UsageError, match=r"merbench\[wandb\]"):
        tracker_classes(["wandb"])
