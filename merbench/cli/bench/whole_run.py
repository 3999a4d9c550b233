"""Whole LOSO runs: measured on a GPU, worked out from a step on a CPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from merbench.cli.bench.report import Row, Scale
from merbench.cli.bench.timing import SEED, mmnet_of, seconds_of
from merbench.cli.bench.workloads import FLOW_TRAINING, Streams, flow_inputs, folds, frame_inputs
from merbench.entries.recipe import Training
from merbench.method import NetworkMethod
from merbench.plural import plural
from merbench.training.autotune import Probe
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import FoldJob, fit_folds
from merbench.training.numerics import Numerics
from merbench.training.serial import FoldTrainer


def whole_mmnet_run(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """MMNet under LOSO at the size of CASME II."""
    method, training = mmnet_of(scale)
    inputs, jobs = DeviceInputs(frame_inputs(scale), numerics), folds(scale.clips, scale.subjects)
    yield _row("MMNet, CASME II", "≤ 3", method, training.changed({"epochs": 74}), inputs, jobs, numerics)


def whole_flow_run(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """A flow network on the composite."""
    training = FLOW_TRAINING.changed({"batch": scale.flow_batch})
    inputs, jobs = DeviceInputs(flow_inputs(scale), numerics), folds(scale.flow_clips, scale.flow_subjects)
    yield _row("flow network, composite", "≤ 0.25", Streams(), training, inputs, jobs, numerics)


def _row(
    name: str,
    aim: str,
    method: NetworkMethod,
    training: Training,
    inputs: DeviceInputs,
    jobs: list[FoldJob],
    numerics: Numerics,
) -> Row:
    """Measured on a GPU, worked out from a step on a CPU."""
    on_gpu = numerics.device != "cpu"
    minutes = (_run if on_gpu else _projected)(method, training, inputs, jobs, numerics) / 60
    return Row(
        name=f"{name}: a whole LOSO run",
        value=minutes,
        unit="min",
        target=aim if on_gpu else "worked out",
        note=f"{plural(len(jobs), 'fold')}, {plural(len(jobs[0].train), 'clip')} trained on, "
        f"{plural(training.epochs, 'epoch')} of batch "
        f"{training.batch}; " + ("measured" if on_gpu else "worked out from steps of one fold at a time"),
    )


def _run(
    method: NetworkMethod, training: Training, inputs: DeviceInputs, jobs: list[FoldJob], numerics: Numerics
) -> float:
    from merbench.training.autotune import choose_parallelism

    open_ = dataclasses.replace(numerics, parallel_folds=0)

    def run() -> None:
        chosen = choose_parallelism(method, training, jobs, inputs, seed=SEED, numerics=open_)
        fit_folds(method, training, jobs, inputs, seed=SEED, numerics=chosen)

    return seconds_of(run, numerics)


def _projected(
    method: NetworkMethod, training: Training, inputs: DeviceInputs, jobs: list[FoldJob], numerics: Numerics
) -> float:
    fold = FoldTrainer(method, training, jobs[0], inputs, SEED, numerics)
    step = Probe(method, training, jobs, inputs, SEED, numerics).seconds(numerics)
    network = fold.new_network()
    watching = seconds_of(lambda: fold.held_out_probabilities(network), numerics)
    return (step * fold.sampler.shape.steps + watching) * training.epochs * len(jobs)
