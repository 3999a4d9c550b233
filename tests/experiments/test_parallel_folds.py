"""Runs whose folds are trained at once: the same scores, what is recorded, and a run that is taken up again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import merbench
from merbench.errors import UsageError
from merbench.experiments.events import Observer
from merbench.results.fold_result import FoldResult
from merbench.training import autotune
from merbench.training import fit as loop

SMALL = {"dataset.subjects": 4, "dataset.clips": 8, "size": 16, "epochs": 2, "batch": 4}


class Notes(Observer):
    """Remembers what it was told, and stops a run after some outcomes."""

    def __init__(self, most: int | None = None) -> None:
        self.notes: list[str] = []
        self.done: list[str] = []
        self.most = most

    def note(self, note: str) -> None:
        self.notes.append(note)

    def outcome(self, outcome: FoldResult) -> None:
        self.done.append(outcome.fold)
        if len(self.done) == self.most:
            raise KeyboardInterrupt


def run(folder: Path, observer: Observer | None = None, **given: Any) -> merbench.Run:
    settings = {**SMALL, **given.pop("settings", {})}
    return merbench.run("mmnet", settings=settings, runs=folder, rules="last", observer=observer, device="cpu", **given)


def equal(one: merbench.Run, other: merbench.Run) -> bool:
    pairs = zip(one.outer, other.outer, strict=True)
    return all(np.array_equal(ours.probabilities, theirs.probabilities) for ours, theirs in pairs)


def test_folds_at_once_are_recorded_and_give_the_numbers_of_one_at_a_time(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    alone, packed = run(tmp_path / "1", parallel_folds=1), run(tmp_path / "2", parallel_folds=2)
    assert [each.header.numerics.parallel_folds for each in (alone, packed)] == [1, 2]
    assert packed.header.numerics.parallelism == "threaded"
    assert alone.header.identity == packed.header.identity
    assert equal(alone, packed)


def test_a_run_is_taken_up_again_with_the_packing_it_was_begun_with(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", parallel_folds=2)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "part", Notes(most=1), parallel_folds=2)
    observer = Notes()
    again = run(tmp_path / "part", observer, parallel_folds=3)
    assert again.header.numerics.parallel_folds == 2
    assert len(observer.done) == 3
    assert equal(whole, again)


def test_a_short_run_trains_one_fold_at_a_time_without_a_trial(tmp_path: Path) -> None:
    observer = Notes()
    assert run(tmp_path, observer).header.numerics.parallel_folds == 1
    assert observer.notes == []


def test_a_long_run_measures_how_many_folds_to_train_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autotune, "WORTH", 1)
    monkeypatch.setattr(autotune, "available_threads", lambda: 2)
    monkeypatch.setattr(
        autotune.Probe,
        "seconds",
        lambda self, numerics: {(1, 1): 1.0, (2, 1): 0.6}[numerics.parallel_folds, numerics.threads],
    )
    torch.set_num_threads(1)
    observer = Notes()
    numerics = run(tmp_path, observer).header.as_dict()["numerics"]
    assert (numerics["packing"], numerics["threads"], numerics["together"]) == (2, 1, "threaded")
    formats = "contiguous images take 1.00 of the time of channels last"
    assert observer.notes == [f"2 folds at once; {formats}; 2 take 0.60 of the time of one by one"]


def test_a_trial_really_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autotune, "WORTH", 1)
    monkeypatch.setattr(autotune, "available_threads", lambda: 2)
    numerics = run(tmp_path, Notes()).header.as_dict()["numerics"]
    assert numerics["packing"] in (1, 2)


def test_what_memory_allowed_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = loop.fit_threaded

    def scarce(method: Any, training: Any, tasks: Any, *rest: Any) -> Any:
        if len(tasks) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return real(method, training, tasks, *rest)

    monkeypatch.setattr(loop, "fit_threaded", scarce)
    observer = Notes()
    found = run(tmp_path, observer, parallel_folds=4)
    assert found.header.numerics.parallel_folds == 2
    assert observer.notes == ["4 folds at once do not fit in memory: 2 are trained at once instead"]
    [folder] = tmp_path.iterdir()
    assert json.loads((folder / "record.json").read_text())["numerics"]["packing"] == 2


def test_a_packing_that_is_no_number_is_refused() -> None:
    with pytest.raises(UsageError, match="parallel_folds=many is not possible"):
        merbench.run("mmnet", parallel_folds="many")


def test_a_run_that_was_begun_before_frozen_parts_were_computed_once_goes_on_so(tmp_path: Path) -> None:
    given = {"settings": {"dataset.subjects": 3, "dataset.clips": 6, "epochs": 2, "batch": 4, "frozen": "streams.0"}}
    whole = merbench.run("ststnet", runs=tmp_path, rules="last", device="cpu", **given)
    assert whole.header.numerics.frozen_once
    path = whole.path / "run.json"
    header = json.loads(path.read_text())
    del header["numerics"]["frozen_once"]
    path.write_text(json.dumps(header))
    next((whole.path / "outer").glob("*")).unlink()
    again = merbench.run("ststnet", runs=tmp_path, rules="last", device="cpu", **given)
    assert again.path == whole.path
    assert not again.header.numerics.frozen_once
    for one, other in zip(whole.outer, again.outer, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)
