"""The measurements: each takes a scale and a device's numerics, and gives rows."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from merbench.bench.bare import Bare
from merbench.bench.loads import FLOW_TRAINING, Streams, flow_inputs, folds, frame_inputs
from merbench.bench.reference import FRAMES, Reference
from merbench.bench.rows import Row, Scale, interleaved
from merbench.clips import Clip
from merbench.evaluate import Evaluator, trials
from merbench.method import NetworkMethod
from merbench.registry import methods
from merbench.source import Source
from merbench.training import Training
from merbench.training.alone import Fold
from merbench.training.choosing import Trial
from merbench.training.device_inputs import DeviceInputs
from merbench.training.loop import FoldTask, fit_folds
from merbench.training.numerics import Numerics, applied, own_threads
from merbench.training.optimisers import optimiser_for
from merbench.training.stacked import CannotStack

_SEED = 0


def every(scale: Scale, numerics: Numerics, said: Callable[[str], None] = lambda what: None) -> Iterator[Row]:
    """All rows, one after the other; `said` is told what comes next."""
    for measure in (reference, bare, packed, matrix_share, whole_runs):
        said(measure.__name__.replace("_", " "))
        with applied(numerics):
            yield from measure(scale, numerics)


def reference(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """Epochs of MMNet from a CASME II stand-in tree: the reference loop's time by the engine's."""
    from merbench.observer import Observer
    from merbench.preparation import prepare
    from merbench.registry import datasets
    from merbench.resolving import resolve
    from merbench.source import write_stand_in

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "casme2"
        clips = -(-scale.clips // scale.subjects)
        write_stand_in(datasets.get("casme2")(), root, subjects=scale.subjects, clips=clips)
        given = {"size": scale.size, "batch": scale.batch, "epochs": 1}
        ready = prepare(
            resolve("mmnet", data={"casme2": root}, settings=given, device=numerics.device, on_error="skip"),
            Observer(),
        )
        experiment, training = ready.experiment, ready.experiment.training
        assert ready.inputs is not None  # MMNet is trained, on frames
        assert training is not None
        inputs = DeviceInputs(ready.inputs, numerics)
        evaluator = Evaluator(experiment.method, training, ready.task, ready.inputs, seed=_SEED, numerics=numerics)
        outer = trials(ready.task, ready.folds, ("outer",))
        tasks = [evaluator.fold_task(trial) for trial in outer[: scale.reference_folds]]
        method = experiment.method
        assert isinstance(method, NetworkMethod)
        files = [_nine(experiment.by_part[clip.dataset], clip) for clip in ready.task.as_clips()]

        def engine() -> float:
            return _seconds(lambda: fit_folds(method, training, tasks, inputs, seed=_SEED, numerics=numerics), numerics)

        def plain() -> float:
            start = time.perf_counter()
            for task in tasks:
                loop = Reference(
                    method.network(task.info),
                    files,
                    ready.task.labels(),
                    size=scale.size,
                    batch=scale.batch,
                    rate=training.learning_rate,
                    decay=training.weight_decay,
                    device=numerics.torch_device,
                )
                loop.epoch(list(task.train))
                loop.watch(list(task.watch))
            return time.perf_counter() - start

        pairs = 1 if scale.name == "full" and numerics.device == "cpu" else scale.pairs
        ratio = interleaved(plain, engine, pairs)
    fast = numerics.precision == "bfloat16"
    aim = ("≥ 4" if fast else "reported") if numerics.device == "cpu" else "≥ 60"
    yield Row(
        name="MMNet: reference loop ÷ merbench, a training epoch",
        value=ratio,
        unit="×",
        target=aim,
        note=f"{scale.size} px, batch {scale.batch}, {len(ready.task.clips)} clips, {len(tasks)} folds, "
        f"median of {pairs}",
    )


def bare(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """Epochs of the flow network: the engine's time by that of a bare loop on the same tensors."""
    method, device = Streams(), numerics.torch_device
    training = FLOW_TRAINING.changed({"batch": scale.flow_batch, "epochs": 2})
    prepared, task = flow_inputs(scale), folds(scale.flow_clips, scale.flow_subjects)[0]
    inputs = DeviceInputs(prepared, numerics)
    features = torch.from_numpy(prepared.arrays[0].values).to(device, numerics.dtype)
    train, labels = features[torch.from_numpy(task.train)], torch.from_numpy(task.info.labels).to(device)

    def engine() -> float:
        return _seconds(lambda: fit_folds(method, training, [task], inputs, seed=_SEED, numerics=numerics), numerics)

    def by_hand() -> None:
        fold = Fold(method, training, task, inputs, _SEED, numerics)
        loop = Bare(fold.fresh(), train, labels, training.learning_rate, training.batch)
        for _ in range(training.epochs):
            loop.epoch()
            loop.watch(features[torch.from_numpy(task.watch)])

    ratio = interleaved(engine, lambda: _seconds(by_hand, numerics), scale.pairs)
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
    trial = Trial(Streams(), training, tasks, DeviceInputs(flow_inputs(scale), numerics), _SEED, numerics)
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


def matrix_share(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """What MMNet's training reaches of the rate at which the device multiplies matrices, and what watching costs."""
    from torch.utils.flop_counter import FlopCounterMode

    method, training = _mmnet(scale)
    task = folds(scale.clips, scale.subjects)[0]
    fold = Fold(method, training, task, DeviceInputs(frame_inputs(scale), numerics), _SEED, numerics)
    network = fold.fresh()
    optimiser = optimiser_for(training, network.parameters(), fold.device)
    with FlopCounterMode(display=False) as counter:
        fold.train_epoch(network, optimiser, 0, 1)
    repeats = 1 if numerics.device == "cpu" else 10
    spent = min(_seconds(lambda: fold.train_epoch(network, optimiser, 0, 1), numerics) for _ in range(repeats + 1))
    watching = min(_seconds(lambda: fold.watched(network), numerics) for _ in range(repeats + 1))
    rate = matrix_rate(numerics)
    flops = counter.get_total_flops()
    about = f"{scale.size} px, batch {scale.batch}, {numerics.precision}"
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
        value=100 * (watching / len(task.watch) * 10) / trained,
        unit="%",
        target="< 5",
        note=f"{about}; 10 clips watched after 240 trained on, worked out from a step and {len(task.watch)} watched",
    )


def whole_runs(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """Whole LOSO runs: measured on a GPU, worked out from a step on a CPU."""
    method, training = _mmnet(scale)
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


def matrix_rate(numerics: Numerics, side: int | None = None) -> float:
    """Operations a second in products of square matrices, in the precision of the numerics: the best of several."""
    side = side or (1024 if numerics.device == "cpu" else 8192)
    dtype = torch.bfloat16 if numerics.autocast else numerics.dtype
    matrix = torch.ones(side, side, dtype=dtype, device=numerics.torch_device)
    product = torch.empty_like(matrix)
    return max(2 * side**3 / _seconds(lambda: torch.mm(matrix, matrix, out=product), numerics) for _ in range(8))


def _run(
    method: NetworkMethod, training: Training, inputs: DeviceInputs, tasks: list[FoldTask], numerics: Numerics
) -> float:
    from merbench.training.choosing import choose_packing

    open_ = dataclasses.replace(numerics, packing=0)

    def run() -> None:
        chosen = choose_packing(method, training, tasks, inputs, seed=_SEED, numerics=open_)
        fit_folds(method, training, tasks, inputs, seed=_SEED, numerics=chosen)

    return _seconds(run, numerics)


def _projected(
    method: NetworkMethod, training: Training, inputs: DeviceInputs, tasks: list[FoldTask], numerics: Numerics
) -> float:
    fold = Fold(method, training, tasks[0], inputs, _SEED, numerics)
    step = Trial(method, training, tasks, inputs, _SEED, numerics).seconds(numerics)
    network = fold.fresh()
    watching = _seconds(lambda: fold.watched(network), numerics)
    return (step * fold.draws.steps + watching) * training.epochs * len(tasks)


def _mmnet(scale: Scale) -> tuple[NetworkMethod, Training]:
    kind = methods.get("mmnet")
    training = kind.recipes()["published"].training
    assert issubclass(kind, NetworkMethod)
    assert training is not None
    return kind(kind.Parameters().changed({"size": scale.size})), training.changed({"batch": scale.batch})


def _nine(source: Source, clip: Clip) -> list[Path]:
    """Nine files of a clip: the onset first, the apex in the middle, others from what lies there."""
    present = source.dataset.frames(source.root, clip)
    numbers = sorted(number for number in present if clip.onset <= number <= clip.offset)
    apex = min(numbers, key=lambda number: abs(number - (clip.apex or clip.onset)))
    found = [present[numbers[place * (len(numbers) - 1) // (FRAMES - 1)]] for place in range(FRAMES)]
    found[0], found[FRAMES // 2] = present[numbers[0]], present[apex]
    return found


def _seconds(work: Callable[[], object], numerics: Numerics) -> float:
    on_gpu = numerics.device != "cpu"
    if on_gpu:
        torch.cuda.synchronize()
    start = time.perf_counter()
    work()
    if on_gpu:
        torch.cuda.synchronize()
    return time.perf_counter() - start
