"""The reference loop, which reads files in every step, against the engine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from merbench.annotations.clips import Clip
from merbench.cli.bench.reference_loop import FRAMES, Reference
from merbench.cli.bench.report import Row, Scale, interleaved
from merbench.cli.bench.timing import SEED, images_of, seconds_of
from merbench.data.source import Source
from merbench.experiments.evaluate import Evaluator
from merbench.experiments.fold_runs import fold_runs
from merbench.method import NetworkMethod
from merbench.plural import plural
from merbench.training.allocator import freed_memory_given_back
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import fit_folds
from merbench.training.numerics import Numerics


def reference(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """Epochs of MMNet from a mock CASME II tree: the reference loop's time by the engine's."""
    from merbench.experiments.events import Observer
    from merbench.experiments.prepare import prepare
    from merbench.experiments.resolve import resolve
    from merbench.experiments.specify import specification
    from merbench.registry import datasets
    from merbench.synthetic.mock_tree import write_mock

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "casme2"
        clips = -(-scale.clips // scale.subjects)
        write_mock(datasets.get("casme2")(), root, subjects=scale.subjects, clips=clips)
        settings = {"size": scale.size, "batch": scale.batch, "epochs": 1}
        ready = prepare(
            resolve(
                specification(
                    "mmnet", data={"casme2": root}, settings=settings, device=numerics.device, on_error="skip"
                )
            ),
            Observer(),
        )
        experiment, training = ready.experiment, ready.experiment.training
        assert ready.inputs is not None  # MMNet is trained, on frames
        assert training is not None
        inputs = DeviceInputs(ready.inputs, numerics)
        slow = scale.name == "full" and numerics.device == "cpu"  # minutes an epoch, which need no repeating
        evaluator = Evaluator(experiment.method, training, ready.task, ready.inputs, seed=SEED, numerics=numerics)
        outer = fold_runs(ready.task, ready.folds, ("outer",))
        jobs = [evaluator.fold_job(fold_run) for fold_run in outer[: 1 if slow else scale.reference_folds]]
        method = experiment.method
        assert isinstance(method, NetworkMethod)
        files = [_nine(experiment.by_part[clip.dataset], clip) for clip in ready.task.as_clips()]

        def engine() -> float:
            return seconds_of(lambda: fit_folds(method, training, jobs, inputs, seed=SEED, numerics=numerics), numerics)

        def plain() -> float:
            with freed_memory_given_back():  # as in a script, but for free blocks left in the heap
                return _plain()

        def _plain() -> float:
            start = time.perf_counter()
            for job in jobs:
                loop = Reference(
                    method.network(job.info),
                    files,
                    ready.task.labels().tolist(),
                    size=scale.size,
                    batch=scale.batch,
                    rate=training.learning_rate,
                    decay=training.weight_decay,
                    device=numerics.torch_device,
                )
                loop.epoch(list(job.train))
                loop.watch(list(job.held_out))
            return time.perf_counter() - start

        pairs = 1 if slow else scale.pairs
        ratio = plain() / engine() if slow else interleaved(plain, engine, pairs)
    fast = numerics.precision == "bfloat16"
    aim = ("≥ 4" if fast else "reported") if numerics.device == "cpu" else "≥ 60"
    if scale.name != "full":  # decoding is what the reference loop loses by, and small pictures have little
        aim = "reported"
    yield Row(
        name="MMNet: reference loop ÷ merbench, a training epoch",
        value=ratio,
        unit="×",
        target=aim,
        note=f"{scale.size} px, batch {scale.batch}, {plural(len(ready.task.clips), 'clip')}, "
        f"{plural(len(jobs), 'fold')}, "
        f"{numerics.precision}, {images_of(numerics)}, median of {pairs}",
    )


def _nine(source: Source, clip: Clip) -> list[Path]:
    """Nine files of a clip: the onset first, the apex in the middle, others from the frames between."""
    present = source.dataset.frames(source.root, clip)
    numbers = sorted(number for number in present if number in clip.range)
    apex = min(numbers, key=lambda number: abs(number - (clip.apex or clip.moment("onset"))))
    nine = [present[numbers[place * (len(numbers) - 1) // (FRAMES - 1)]] for place in range(FRAMES)]
    nine[0], nine[FRAMES // 2] = present[numbers[0]], present[apex]
    return nine
