"""The engine against a bare loop on tensors at hand, and folds at once against one at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import torch

from merbench.cli.bench.bare_loop import Bare
from merbench.cli.bench.report import Row, Scale, interleaved
from merbench.cli.bench.timing import SEED, seconds_of
from merbench.cli.bench.workloads import FLOW_TRAINING, Streams, flow_inputs, folds
from merbench.training.autotune import Trial
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import fit_folds
from merbench.training.numerics import Numerics, own_threads
from merbench.training.serial import Fold
from merbench.training.vmapped import CannotStack


def bare(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """Epochs of the flow network: the engine's time by that of a bare loop on the same tensors."""
    method, device = Streams(), numerics.torch_device
    training = FLOW_TRAINING.changed({"batch": scale.flow_batch, "epochs": 2})
    prepared, task = flow_inputs(scale), folds(scale.flow_clips, scale.flow_subjects)[0]
    inputs = DeviceInputs(prepared, numerics)
    features = torch.from_numpy(prepared.arrays[0].values).to(device, numerics.dtype)
    train, labels = features[torch.from_numpy(task.train)], torch.from_numpy(task.info.labels).to(device)

    def engine() -> float:
        return seconds_of(lambda: fit_folds(method, training, [task], inputs, seed=SEED, numerics=numerics), numerics)

    def by_hand() -> None:
        fold = Fold(method, training, task, inputs, SEED, numerics)
        loop = Bare(fold.fresh(), train, labels, training.learning_rate, training.batch)
        for _ in range(training.epochs):
            loop.epoch()
            loop.watch(features[torch.from_numpy(task.watch)])

    ratio = interleaved(engine, lambda: seconds_of(by_hand, numerics), scale.pairs)
    yield Row(
        name="flow network: merbench ÷ bare loop",
        value=ratio,
        unit="×",
        target="≤ 1.05",
        note=f"batch {scale.flow_batch}, {scale.flow_clips} clips, {numerics.precision}, median of {scale.pairs} pairs",
    )


def packed(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """A step of the flow network's folds at once, in each way, against one fold at a time in the bare loop's way."""
    training = FLOW_TRAINING.changed({"batch": scale.flow_batch})
    tasks = folds(scale.flow_clips, scale.flow_subjects)
    trial = Trial(Streams(), training, tasks, DeviceInputs(flow_inputs(scale), numerics), SEED, numerics)
    most = min(len(tasks), 34 if numerics.device != "cpu" else 8)
    ways = [dataclasses.replace(numerics, packing=most, together="stacked")]
    if numerics.device == "cpu" and own_threads() > 1:
        beside = {"packing": own_threads(), "threads": 1, "together": "beside"}
        ways.append(dataclasses.replace(numerics, **beside))  # type: ignore[arg-type]
    for way in ways:
        try:
            ratio = interleaved(lambda: trial.seconds(numerics), lambda way=way: trial.seconds(way), scale.pairs)  # type: ignore[misc]
        except CannotStack:
            ratio = None
        yield Row(
            name=f"flow network: one fold at a time ÷ folds {way.together}",
            value=ratio,
            unit="×",
            target="≥ 1.5 in one of the ways" if numerics.device == "cpu" else "reported",
            note=f"{way.packing} folds at once, batch {scale.flow_batch}, median of {scale.pairs} pairs",
        )
