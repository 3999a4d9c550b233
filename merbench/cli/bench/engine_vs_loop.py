"""The engine against a bare loop on tensors in memory, and parallel folds against one at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import torch
from torch import nn

from merbench.cli.bench.bare_loop import BareLoop
from merbench.cli.bench.report import Row, Scale, interleaved
from merbench.cli.bench.streams import StreamsNetwork
from merbench.cli.bench.timing import SEED, images_of, seconds_of
from merbench.cli.bench.workloads import FLOW_TRAINING, RESNET_TRAINING, Streams, flow_inputs, flow_of, folds, resnet
from merbench.entries.recipe import Training
from merbench.method import NetworkMethod, TrainInfo
from merbench.plural import plural
from merbench.training.allocator import freed_memory_given_back
from merbench.training.autotune import Probe
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import FoldJob, fit_folds
from merbench.training.hardware import available_threads
from merbench.training.numerics import Numerics
from merbench.training.vmapped import CannotVmap

#: Of a training that is timed: what is done once a fold is small beside so many, as it is in a real training.
_EPOCHS = 20


def bare(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """Epochs of the flow network: the engine's time by that of a bare loop on the same tensors."""
    yield _against_bare(
        "flow network",
        Streams(),
        FLOW_TRAINING.changed({"batch": scale.flow_batch, "epochs": _EPOCHS}),
        folds(scale.flow_clips, scale.flow_subjects)[0],
        scale.pairs,
        lambda info: StreamsNetwork(len(info.classes), dropout=nn.Dropout),
        numerics,
    )


def bare_resnet(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """The same of ResNet-18, in the steps of its quick recipe."""
    method = resnet()
    job = folds(scale.clips, scale.subjects)[0]
    yield _against_bare("ResNet-18", method, RESNET_TRAINING, job, min(scale.pairs, 5), method.network, numerics)


def _against_bare(
    name: str,
    method: NetworkMethod,
    training: Training,
    job: FoldJob,
    pairs: int,
    network: Callable[[TrainInfo], nn.Module],
    numerics: Numerics,
) -> Row:
    clips = len(job.train) + len(job.held_out)
    prepared = flow_of(clips, method)
    inputs = DeviceInputs(prepared, numerics)
    features = torch.from_numpy(prepared.arrays[0].values).to(numerics.torch_device, numerics.dtype)
    train, labels = features[torch.from_numpy(job.train)], torch.from_numpy(job.info.labels).to(features.device)

    def engine() -> float:
        return seconds_of(lambda: fit_folds(method, training, [job], inputs, seed=SEED, numerics=numerics), numerics)

    def by_hand() -> None:
        torch.manual_seed(SEED)
        loop = BareLoop(
            network(job.info),
            train,
            labels,
            rate=training.learning_rate,
            batch=training.batch,
            autocast=numerics.autocast,
        )
        with freed_memory_given_back():  # as in a script, but for free blocks left in the heap
            for _ in range(training.epochs):
                loop.epoch()
                loop.evaluate(features[torch.from_numpy(job.held_out)])

    return Row(
        name=f"{name}: merbench ÷ bare loop",
        value=interleaved(engine, lambda: seconds_of(by_hand, numerics), pairs),
        unit="×",
        target="≤ 1.05",
        note=f"batch {training.batch}, {plural(clips, 'clip')}, {numerics.precision}, {images_of(numerics)}, "
        f"{plural(training.epochs, 'epoch')}, median of {plural(pairs, 'pair')}",
    )


def packed(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """A step of the flow network's folds trained at once, in each way, against one fold at a time."""
    training = FLOW_TRAINING.changed({"batch": scale.flow_batch})
    jobs = folds(scale.flow_clips, scale.flow_subjects)
    probe = Probe(Streams(), training, jobs, DeviceInputs(flow_inputs(scale), numerics), SEED, numerics)
    most = min(len(jobs), 34 if numerics.device != "cpu" else 8)
    ways = [dataclasses.replace(numerics, parallel_folds=most, parallelism="vmapped")]
    if numerics.device == "cpu" and available_threads() > 1:
        ways.append(
            dataclasses.replace(numerics, parallel_folds=available_threads(), threads=1, parallelism="threaded")
        )
    for way in ways:
        try:
            ratio = interleaved(lambda: probe.seconds(numerics), lambda way=way: probe.seconds(way), scale.pairs)  # type: ignore[misc]
        except CannotVmap:
            ratio = None
        yield Row(
            name=f"flow network: one fold at a time ÷ folds {way.parallelism}",
            value=ratio,
            unit="×",
            target="≥ 1.5 in one of the ways" if numerics.device == "cpu" else "reported",
            note=f"{plural(way.parallel_folds, 'fold')} at once, batch {scale.flow_batch}, median of "
            f"{plural(scale.pairs, 'pair')}",
        )
