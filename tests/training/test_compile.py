"""Steps compiled by torch: the numbers of the network itself up to rounding, and what is said where torch cannot."""

import dataclasses
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from merbench.cli.app import build
from merbench.entries.recipe import Training
from merbench.errors import TrainingError, UsageError
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod
from merbench.results.run import Run
from merbench.training import autotune
from merbench.training.autotune import choose_parallelism
from merbench.training.compile import CannotCompile, forward_of
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import FoldJob, TrainedFold, fit_folds
from merbench.training.numerics import Numerics, choose
from merbench.training.probabilities import compiled_batches, network_probabilities
from merbench.training.serial import FoldTrainer
from tests.training.conftest import Tiny, TinyNetwork

Train = Callable[..., list[TrainedFold]]
TRAINING = Training(epochs=3, batch=5, flip=0.5, learning_rate=0.01)


@pytest.fixture
def train(prepared: PreparedFrames, tasks: list[FoldJob]) -> Train:
    def trained(method: NetworkMethod | None = None, **numerics: Any) -> list[TrainedFold]:
        chosen = dataclasses.replace(choose("cpu", "float32", threads=1), **numerics)
        inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared), chosen)
        return fit_folds(method or Tiny(), TRAINING, tasks, inputs, seed=0, numerics=chosen)

    return trained


def test_compiled_steps_give_the_same_numbers_up_to_rounding_and_the_same_again(train: Train) -> None:
    plain, compiled, again = train(), train(compile=True), train(compile=True)
    for one, other, third in zip(plain, compiled, again, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)
        np.testing.assert_array_equal(other.probabilities, third.probabilities)
        for name, weights in one.network.state_dict().items():
            torch.testing.assert_close(weights, other.network.state_dict()[name], atol=1e-4, rtol=1e-4)


def test_held_out_clips_are_tested_in_compiled_batches_of_few_sizes(
    prepared: PreparedFrames, monkeypatch: pytest.MonkeyPatch, numerics: Numerics
) -> None:
    sizes: list[int] = []

    def forward_of(network: nn.Module, compiled: bool) -> Callable[..., torch.Tensor]:
        def forward(*views: torch.Tensor) -> torch.Tensor:
            sizes.append(len(views[0]) if compiled else 0)
            return network(*views)

        return forward

    monkeypatch.setattr("merbench.training.probabilities.forward_of", forward_of)
    inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared), numerics)
    network = TinyNetwork(2)
    for clips in (torch.arange(5), torch.arange(16), torch.arange(100) % 16):
        expected = network_probabilities(network, inputs, clips, numerics)
        torch.testing.assert_close(network_probabilities(network, inputs, clips, numerics, compiled=True), expected)
    assert [size for size in sizes if size] == [16, 16, 64, 64]
    assert compiled_batches(100) == {64}
    assert compiled_batches(70) == {64, 16}


def test_all_sizes_are_compiled_before_the_first_fold(
    train: Train, tasks: list[FoldJob], make_task: Callable[..., FoldJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed: list[str] = []
    monkeypatch.setattr(FoldTrainer, "warm_up", lambda fold: warmed.append(fold.job.name))
    monkeypatch.setattr("merbench.training.serial.forward_of", lambda network, compiled: network)
    monkeypatch.setattr("merbench.training.probabilities.forward_of", lambda network, compiled: network)
    monkeypatch.setattr("merbench.training.probabilities._COMPILED_BATCHES", (2, 4, 64))
    tasks[:] = [make_task("two", range(2)), make_task("also two", range(2, 4)), make_task("four", range(4))]
    train(compile=True)
    assert warmed == ["also two", "four"]


def test_what_is_compiled_is_kept_in_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MERBENCH_CACHE", str(tmp_path))
    monkeypatch.setattr(torch, "compile", lambda network, **given: network)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "set by the user")
    forward_of(nn.Identity(), True)
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == "set by the user"
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR")
    forward_of(nn.Identity(), True)
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(tmp_path / "compiled")


def test_a_network_that_fails_while_it_runs_is_not_taken_for_one_that_cannot_be_compiled(train: Train) -> None:
    class Wrong(Tiny):
        def network(self, train: Any) -> nn.Module:
            return nn.Linear(3, 2)  # which takes one argument, not two

    with pytest.raises(TypeError):
        train(Wrong(), compile=True)


def test_no_compiler_is_told_in_a_sentence(train: Train) -> None:
    from torch._inductor import config

    torch.compiler.reset()
    refused = pytest.raises(
        TrainingError, match=r"^tiny cannot be compiled by torch here \(.*C\+\+.*; train it with --compile no"
    )
    with config.patch({"cpp.cxx": (None, "/none"), "fx_graph_cache": False}), refused:
        train(compile=True)
    torch.compiler.reset()


def chosen(prepared: PreparedFrames, tasks: list[FoldJob], **given: Any) -> tuple[Numerics, str]:
    numerics = choose("cpu", "float32", threads=1, **given)
    notes: list[str] = []
    inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared), numerics)
    found = choose_parallelism(Tiny(), TRAINING, tasks, inputs, seed=0, numerics=numerics, on_note=notes.append)
    return found, " ".join(notes)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of any length are worth a trial, and compiled steps take half of the time."""
    monkeypatch.setattr(autotune, "WORTH", 1)
    monkeypatch.setattr(autotune.Probe, "seconds", lambda trial, way: 100.0 if way.compile else 200.0)


@pytest.mark.usefixtures("measured")
def test_auto_compiles_where_a_run_is_long_and_gains(
    prepared: PreparedFrames, tasks: list[FoldJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, said = chosen(prepared, tasks, compile="auto")
    assert found.compile is True  # 4 folds of 3 epochs of 3 steps of 200 s
    assert said == "1 fold at once, compiled; compiled takes 0.50 of the time"
    monkeypatch.setattr(autotune, "LONG", 1e9)
    found, said = chosen(prepared, tasks, compile="auto")
    assert found.compile is False
    assert said == "1 fold at once; about 120 min are too short to try compiling"
    assert chosen(prepared, tasks, compile="no")[0].compile is False
    assert chosen(prepared, tasks, compile="yes")[0].compile is True


@pytest.mark.usefixtures("measured")
def test_auto_goes_on_where_compiling_fails(
    prepared: PreparedFrames, tasks: list[FoldJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    def seconds(trial: autotune.Probe, way: Numerics) -> float:
        if way.compile:
            raise CannotCompile("no compiler")
        return 200.0

    monkeypatch.setattr(autotune.Probe, "seconds", seconds)
    found, said = chosen(prepared, tasks, compile="auto")
    assert found.compile is False
    assert said == "1 fold at once; tiny cannot be compiled (no compiler)"


def test_another_word_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^compile=maybe is not possible: it must be no, yes or auto\.$"):
        choose("cpu", compile="maybe")
    with pytest.raises(UsageError, match=r"^compile=yes trains one fold at a time, but parallel_folds=2 was given"):
        choose("cpu", parallel_folds=2, compile="yes")
    assert choose("cpu", parallel_folds="auto", compile="yes").parallel_folds == 1


def test_what_a_run_chose_is_adopted_from_its_record_and_the_rest_is_the_machines() -> None:
    here = choose("cpu", "float32", threads=1)
    found = here.adopting({"threads": 2, "packing": 4, "compiled": True, "precision": "bfloat16"})
    assert (found.threads, found.parallel_folds, found.compile, found.precision) == (2, 4, True, "float32")
    assert here.adopting({"packing": 8, "together": "graphed"}).parallelism == "graphed"


def test_a_run_through_the_command_line_says_and_records_that_it_is_compiled(tmp_path: Path) -> None:
    given = ["run", "-m", "off-apexnet", "--compiled", "yes", "--select-epoch", "last", "--out", str(tmp_path / "run")]
    for setting in ("epochs=1", "dataset.subjects=3", "dataset.clips=5"):
        given += ["--set", setting]
    found = CliRunner().invoke(build(), given)
    assert found.exit_code == 0, found.output
    assert Run.load(tmp_path / "run").header.numerics.compile is True
    assert re.search(r"\b(1 thread|[2-9][0-9]* threads|1[0-9]+ threads), compiled", found.output)
