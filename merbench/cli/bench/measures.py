"""The measurements: each takes a scale and a device's numerics, and gives rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from merbench.cli.bench.device_share import compiled, matrix_share
from merbench.cli.bench.engine_vs_loop import bare, bare_resnet, packed
from merbench.cli.bench.released_style_loop import reference
from merbench.cli.bench.report import Row, Scale
from merbench.cli.bench.timing import mmnet_of, settled
from merbench.cli.bench.whole_run import whole_flow_run, whole_mmnet_run
from merbench.cli.bench.workloads import (
    FLOW_TRAINING,
    RESNET_TRAINING,
    Streams,
    flow_inputs,
    flow_of,
    folds,
    frame_inputs,
    resnet,
)
from merbench.training.device.inputs import DeviceInputs
from merbench.training.numerics import Numerics
from merbench.training.pinning import pinned

#: The measurements in their order, each with the network whose memory format it is taken in.
MEASURES: tuple[tuple[Callable[[Scale, Numerics], Iterator[Row]], str], ...] = (
    (reference, "mmnet"),
    (bare, "flow"),
    (bare_resnet, "image"),
    (packed, "flow"),
    (matrix_share, "mmnet"),
    (compiled, "mmnet"),
    (whole_mmnet_run, "mmnet"),
    (whole_flow_run, "flow"),
)


def every(scale: Scale, numerics: Numerics, said: Callable[[str], None] = lambda what: None) -> Iterator[Row]:
    """All rows, one after the other; `said` is called with the number and name of the next measurement.

    Each network is measured in the memory format that is faster for it, as in a run.
    """
    said(f"1 of {1 + len(MEASURES)}: memory format")
    with pinned(numerics.without_autotuning()):
        mmnet, flow, image = (choose(scale, numerics) for choose in (_of_mmnet, _of_flow, _of_resnet))
    chosen = {"mmnet": mmnet, "flow": flow, "image": image}
    for number, (measure, network) in enumerate(MEASURES, start=2):
        said(f"{number} of {1 + len(MEASURES)}: {measure.__name__.replace('_', ' ')}")
        with pinned(chosen[network]):
            yield from measure(scale, chosen[network])


def _of_mmnet(scale: Scale, numerics: Numerics) -> Numerics:
    jobs = folds(scale.clips, scale.subjects)
    return settled(*mmnet_of(scale), jobs, DeviceInputs(frame_inputs(scale), numerics), numerics)


def _of_flow(scale: Scale, numerics: Numerics) -> Numerics:
    training = FLOW_TRAINING.changed({"batch": scale.flow_batch})
    jobs = folds(scale.flow_clips, scale.flow_subjects)
    return settled(Streams(), training, jobs, DeviceInputs(flow_inputs(scale), numerics), numerics)


def _of_resnet(scale: Scale, numerics: Numerics) -> Numerics:
    method, jobs = resnet(), folds(scale.clips, scale.subjects)
    return settled(method, RESNET_TRAINING, jobs, DeviceInputs(flow_of(scale.clips, method), numerics), numerics)
