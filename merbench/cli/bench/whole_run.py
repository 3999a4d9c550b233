"""Whole LOSO runs: measured on a GPU, worked out from a step on a CPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from merbench.cli.bench.report import Row, Scale
from merbench.cli.bench.timing import SEED, mmnet_of, seconds_of
from merbench.cli.bench.workloads import FLOW_TRAINING, Streams, flow_inputs, folds, frame_inputs
from merbench.method import NetworkMethod
from merbench.training import Training
from merbench.training.autotune import Trial
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import FoldTask, fit_folds
from merbench.training.numerics import Numerics
from merbench.training.serial import Fold


def whole_runs(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """Whole LOSO runs: measured on a GPU, worked out from a step on a CPU."""
    method, training = mmnet_of(scale)
    loads: tuple[tuple[str, NetworkMethod, Training, DeviceInputs, list[FoldTask], str], ...] = (
        (
            "MMNet, CASME II",
            method,
            training.changed({"epochs": 74}),
            DeviceInputs(frame_inputs(scale), numerics),
            folds(scale.clips, scale.subjects),
            "≤ 3",
        ),
        (
            "flow network, composite",
            Streams(),
            FLOW_TRAINING.changed({"batch": scale.flow_batch}),
            DeviceInputs(flow_inputs(scale), numerics),
            folds(scale.flow_clips, scale.flow_subjects),
            "≤ 0.25",
        ),
    )
    for name, network, recipe, inputs, tasks, aim in loads:
        on_gpu = numerics.device != "cpu"
        minutes = (_run if on_gpu else _projected)(network, recipe, inputs, tasks, numerics) / 60
        yield Row(
            name=f"{name}: a whole LOSO run",
            value=minutes,
            unit="min",
            target=aim if on_gpu else "worked out",
            note=f"{len(tasks)} folds, {len(tasks[0].train)} clips trained on, {recipe.epochs} epochs of batch "
            f"{recipe.batch}; " + ("measured" if on_gpu else "worked out from steps of one fold at a time"),
        )


def _run(
    method: NetworkMethod, training: Training, inputs: DeviceInputs, tasks: list[FoldTask], numerics: Numerics
) -> float:
    from merbench.training.autotune import choose_packing

    open_ = dataclasses.replace(numerics, packing=0)

    def run() -> None:
        chosen = choose_packing(method, training, tasks, inputs, seed=SEED, numerics=open_)
        fit_folds(method, training, tasks, inputs, seed=SEED, numerics=chosen)

    return seconds_of(run, numerics)


def _projected(
    method: NetworkMethod, training: Training, inputs: DeviceInputs, tasks: list[FoldTask], numerics: Numerics
) -> float:
    fold = Fold(method, training, tasks[0], inputs, SEED, numerics)
    step = Trial(method, training, tasks, inputs, SEED, numerics).seconds(numerics)
    network = fold.fresh()
    watching = seconds_of(lambda: fold.watched(network), numerics)
    return (step * fold.draws.steps + watching) * training.epochs * len(tasks)
