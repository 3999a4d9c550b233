"""What a GPU must show: claims that can be tried on a CPU hold there, false ones are seen, and no GPU is refused."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch._C._autograd import DeviceType

from merbench.cli.bench import acceptance, launches
from merbench.cli.bench.acceptance import Claim
from merbench.cli.bench.report import TINY, Row
from merbench.training.fit import GraphedTrainer
from merbench.training.fold_job import TrainedFold
from merbench.training.numerics import Numerics, choose
from tests.training.replay import EmulatedLane, as_on_a_gpu

Cli = Callable[..., Any]


@pytest.fixture
def numerics(monkeypatch: pytest.MonkeyPatch) -> Numerics:
    """Those of a CPU, on which graphs are emulated, and two epochs of two folds."""
    monkeypatch.setattr(acceptance, "_FOLDS", 2)
    monkeypatch.setattr(acceptance, "_EPOCHS", 3)
    monkeypatch.setattr("merbench.training.fit.GraphedTrainer", partial(GraphedTrainer, lane=EmulatedLane))
    return choose("cpu", "float32", threads=1)


@pytest.mark.parametrize("claim", [acceptance.repeated_bits, acceptance.stacked_folds, acceptance.graphed_folds])
def test_claims_hold_on_a_cpu(
    claim: Callable[..., Iterator[Claim]], numerics: Numerics, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_on_a_gpu(monkeypatch)
    few = acceptance.loads
    monkeypatch.setattr(acceptance, "loads", lambda *given: {"flow network": few(*given)["flow network"]})
    made = list(claim(TINY, numerics))
    assert {each.name.partition(":")[0] for each in made} == {"flow network"}
    assert [each for each in made if not each.holds] == []


def test_mmnet_and_the_flow_network_are_tried(numerics: Numerics) -> None:
    loads = acceptance.loads(TINY, numerics)
    assert {name: load.method.name for name, load in loads.items()} == {"MMNet": "mmnet", "flow network": "streams"}
    assert {(len(load.jobs), load.training.epochs) for load in loads.values()} == {(2, 3)}


def test_other_bits_and_far_probabilities_are_seen(numerics: Numerics, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = np.random.default_rng(0)

    def fit(load: Any, numerics: Numerics, notes: list[str]) -> list[TrainedFold]:
        return [TrainedFold(probabilities=draws.random((1, 2, 3), np.float32), network=load.method)]  # type: ignore[arg-type]

    monkeypatch.setattr(acceptance.Load, "fit", fit)
    for claim in (acceptance.repeated_bits, acceptance.stacked_folds, acceptance.graphed_folds):
        assert {each.holds for each in claim(TINY, numerics)} == {False}


def test_a_claim_that_fails_by_an_error_does_not_hide_the_others(
    numerics: Numerics, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(scale: Any, numerics: Numerics) -> Iterator[Claim]:
        raise RuntimeError("CUDA error")
        yield

    for name in ("repeated_bits", "stacked_folds", "graphed_folds", "resumed_run"):
        monkeypatch.setattr(acceptance, name, broken)
    monkeypatch.setattr(
        acceptance, "launched", lambda name, numerics: launches.Seen(kernels=40, waits=int(name == "mmnet"))
    )
    made = list(acceptance.claims(TINY, numerics))
    assert [each.seen for each in made if not each.holds][:4] == ["RuntimeError: CUDA error"] * 4
    assert [each.name.partition(":")[0] for each in made if not each.holds][4:] == ["mmnet"]
    assert len(made) > 15


@pytest.mark.slow
def test_a_run_that_is_killed_and_taken_up_again_gives_the_same_bits(numerics: Numerics) -> None:
    [claim] = acceptance.resumed_run(TINY, numerics)
    assert claim.holds, claim.seen


def test_kernels_of_the_device_and_waits_of_the_host_are_counted() -> None:
    gpu, cpu = DeviceType.CUDA, DeviceType.CPU
    events = [("gemm", gpu), ("Memcpy HtoD", gpu), ("aten::mm", cpu), ("cudaStreamSynchronize", cpu)]
    assert launches.counted(events) == launches.Seen(kernels=2, waits=1)
    assert launches.counted(events[:3]) == launches.Seen(kernels=2, waits=0)


def test_a_step_of_a_method_is_profiled(numerics: Numerics) -> None:
    assert launches.launched("ststnet", numerics) == launches.Seen(kernels=0, waits=0)


def test_without_a_gpu_it_is_refused(merbench: Cli, tmp_path: Path) -> None:
    answer = merbench("bench", "--gpu-acceptance", "--device", "cpu", "--out", tmp_path / "gpu.json")
    assert answer.code == 2
    assert "--gpu-acceptance needs a CUDA GPU, but the device here is cpu; run it on a machine that has one." in (
        " ".join(answer.err.split())
    )
    assert not (tmp_path / "gpu.json").exists()


@pytest.mark.parametrize("holds", [True, False])
def test_claims_and_figures_are_printed_and_kept(
    merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, holds: bool
) -> None:
    claim = Claim(name="bits are equal", holds=holds, seen="4 of 4 folds")
    monkeypatch.setattr(acceptance, "require_gpu", lambda numerics: None)
    monkeypatch.setattr(acceptance, "claims", lambda *given: [claim])
    monkeypatch.setattr(acceptance, "timed", lambda *given: [Row(name="a run", value=2.5, unit="min")])
    out = tmp_path / "gpu.json"
    answer = merbench("bench", "--gpu-acceptance", "--device", "cpu", "--precision", "float32", "--out", out)
    assert answer.code == (0 if holds else 1), answer.err
    assert "2.5 min" in answer.out
    assert "4 of 4 folds" in answer.out
    kept = json.loads(out.read_text(encoding="utf-8"))
    assert kept["command"] == "merbench bench --scale full --device cpu --precision float32 --gpu-acceptance"
    assert kept["claims"] == [dataclasses.asdict(claim)]
    assert kept["rows"][0]["value"] == 2.5
