"""What MMNet's training reaches of the device, and what compiling its steps gains."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from statistics import median

import torch

from merbench.cli.bench.report import Row, Scale
from merbench.cli.bench.timing import SEED, images_of, mmnet_of, seconds_of
from merbench.cli.bench.workloads import folds, frame_inputs
from merbench.plural import plural
from merbench.training.autotune import Probe
from merbench.training.compile import CannotCompile
from merbench.training.device.inputs import DeviceInputs
from merbench.training.numerics import Numerics
from merbench.training.optim import optimiser_for
from merbench.training.serial import FoldTrainer


def matrix_share(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """What MMNet's training reaches of the rate at which the device multiplies matrices, and what watching costs."""
    from torch.utils.flop_counter import FlopCounterMode

    method, training = mmnet_of(scale)
    job = folds(scale.clips, scale.subjects)[0]
    fold = FoldTrainer(method, training, job, DeviceInputs(frame_inputs(scale), numerics), SEED, numerics)
    network = fold.new_network()
    optimiser = optimiser_for(training, network.parameters(), fold.device)
    with FlopCounterMode(display=False) as counter:
        fold.train_epoch(network, optimiser, 0, 1)
    repeats = 1 if numerics.device == "cpu" else 10
    spent = min(seconds_of(lambda: fold.train_epoch(network, optimiser, 0, 1), numerics) for _ in range(repeats + 1))
    watching = min(seconds_of(lambda: fold.held_out_probabilities(network), numerics) for _ in range(repeats + 1))
    rate = matrix_rate(numerics)
    flops = counter.get_total_flops()
    about = f"{scale.size} px, batch {scale.batch}, {numerics.precision}, {images_of(numerics)}"
    yield Row(
        name="MMNet: share of the device's matrix rate",
        value=100 * flops / spent / rate,
        unit="%",
        target="reported",
        note=f"{about}: {flops / 1e9:.4g} GFLOP a step, {rate / 1e9:.4g} GFLOP/s measured in products of matrices",
    )
    trained = spent / scale.batch * 240
    yield Row(
        name="MMNet: watching the held-out clips, of an epoch",
        value=100 * (watching / len(job.held_out) * 10) / trained,
        unit="%",
        target="< 5",
        note=f"{about}; 10 clips watched after 240 trained on, worked out from a step and {len(job.held_out)} watched",
    )


def compiled(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """A step of MMNet by the same step compiled; at full scale alone, since compiling takes a minute or two."""
    if scale.name != "full":
        return
    method, training = mmnet_of(scale)
    jobs = folds(scale.clips, scale.subjects)[:1]
    probe = Probe(method, training, jobs, DeviceInputs(frame_inputs(scale), numerics), SEED, numerics)
    fast = dataclasses.replace(numerics, compile=True)
    try:
        compiling = seconds_of(lambda: probe.seconds(fast), numerics)
        pairs = 3 if numerics.device == "cpu" else scale.pairs
        ratio = median(probe.seconds(numerics) / probe.seconds(fast) for _ in range(pairs))
        note = f"median of {plural(pairs, 'pair')}; the first steps, compiled meanwhile, took {compiling:.0f} s"
    except CannotCompile as why:
        ratio, note = None, f"torch cannot compile it here: {why}"
    yield Row(
        name="MMNet: a step ÷ the same step compiled",
        value=ratio,
        unit="×",
        target="reported",
        note=f"{scale.size} px, batch {scale.batch}, {numerics.precision}, {images_of(numerics)}; {note}",
    )


def matrix_rate(numerics: Numerics, side: int | None = None) -> float:
    """Operations a second in products of square matrices, in the precision of the numerics: the best of several."""
    side = side or (1024 if numerics.device == "cpu" else 8192)
    dtype = torch.bfloat16 if numerics.autocast else numerics.dtype
    matrix = torch.ones(side, side, dtype=dtype, device=numerics.torch_device)
    product = torch.empty_like(matrix)
    return max(2 * side**3 / seconds_of(lambda: torch.mm(matrix, matrix, out=product), numerics) for _ in range(8))
