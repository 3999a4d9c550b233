"""The reference loop, which reads files in every step, against the engine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from merbench.experiments.prepare import Prepared
    from merbench.training.fold_job import FoldJob


def reference(scale: Scale, numerics: Numerics) -> Iterator[Row]:
    """Epochs of MMNet from a mock CASME II tree: the reference loop's time by the engine's."""
    slow = scale.name == "full" and numerics.device == "cpu"  # minutes an epoch, which need no repeating
    pairs = 1 if slow else scale.pairs
    with tempfile.TemporaryDirectory() as folder:
        ready = _prepared(scale, numerics, Path(folder) / "casme2")
        compared = _Compared(ready, scale, numerics, folds=1 if slow else scale.reference_folds)
        plain, engine = compared.plain, compared.engine
        ratio = plain() / engine() if slow else interleaved(plain, engine, pairs)
    yield Row(
        name="MMNet: reference loop ÷ merbench, a training epoch",
        value=ratio,
        unit="×",
        target=_aim(scale, numerics),
        note=f"{scale.size} px, batch {scale.batch}, {plural(len(compared.files), 'clip')}, "
        f"{plural(len(compared.jobs), 'fold')}, "
        f"{numerics.precision}, {images_of(numerics)}, median of {pairs}",
    )


def _aim(scale: Scale, numerics: Numerics) -> str:
    if scale.name != "full":  # decoding is what the reference loop loses by, and small pictures have little
        return "reported"
    if numerics.device != "cpu":
        return "≥ 60"
    return "≥ 4" if numerics.precision == "bfloat16" else "reported"


def _prepared(scale: Scale, numerics: Numerics, root: Path) -> Prepared:
    """MMNet under LOSO on a mock tree that is written to `root`."""
    from merbench.experiments.events import Observer
    from merbench.experiments.prepare import prepare
    from merbench.experiments.resolve import resolve
    from merbench.experiments.specify import specification
    from merbench.registry import datasets
    from merbench.synthetic.mock_tree import write_mock

    clips = -(-scale.clips // scale.subjects)
    write_mock(datasets.get("casme2")(), root, subjects=scale.subjects, clips=clips)
    settings = {"size": scale.size, "batch": scale.batch, "epochs": 1}
    spec = specification("mmnet", data={"casme2": root}, settings=settings, device=numerics.device, on_error="skip")
    return prepare(resolve(spec), Observer())


class _Compared:
    """One epoch of the same folds, by the engine and by the reference loop."""

    def __init__(self, ready: Prepared, scale: Scale, numerics: Numerics, *, folds: int) -> None:
        experiment, method, training = ready.experiment, ready.experiment.method, ready.experiment.training
        assert ready.inputs is not None  # MMNet is trained, on frames
        assert training is not None
        assert isinstance(method, NetworkMethod)
        self.method, self.training, self.scale, self.numerics = method, training, scale, numerics
        self.inputs, self.labels = DeviceInputs(ready.inputs, numerics), ready.task.labels().tolist()
        evaluator = Evaluator(method, training, ready.task, ready.inputs, seed=SEED, numerics=numerics)
        outer = fold_runs(ready.task, ready.folds, ("outer",))
        self.jobs = [evaluator.fold_job(fold_run) for fold_run in outer[:folds]]
        self.files = [_nine(experiment.by_part[clip.dataset], clip) for clip in ready.task.as_clips()]

    def engine(self) -> float:
        """Seconds of the engine."""
        return seconds_of(
            lambda: fit_folds(self.method, self.training, self.jobs, self.inputs, seed=SEED, numerics=self.numerics),
            self.numerics,
        )

    def plain(self) -> float:
        """Seconds of the reference loop."""
        with freed_memory_given_back():  # as in a script, but for free blocks left in the heap
            start = time.perf_counter()
            for job in self.jobs:
                loop = self._loop(job)
                loop.epoch(list(job.train))
                loop.watch(list(job.held_out))
            return time.perf_counter() - start

    def _loop(self, job: FoldJob) -> Reference:
        return Reference(
            self.method.network(job.info),
            self.files,
            self.labels,
            size=self.scale.size,
            batch=self.scale.batch,
            rate=self.training.learning_rate,
            decay=self.training.weight_decay,
            device=self.numerics.torch_device,
        )


def _nine(source: Source, clip: Clip) -> list[Path]:
    """Nine files of a clip: the onset first, the apex in the middle, others from the frames between."""
    present = source.dataset.frames(source.root, clip)
    numbers = sorted(number for number in present if number in clip.range)
    apex = min(numbers, key=lambda number: abs(number - (clip.apex or clip.moment("onset"))))
    nine = [present[numbers[place * (len(numbers) - 1) // (FRAMES - 1)]] for place in range(FRAMES)]
    nine[0], nine[FRAMES // 2] = present[numbers[0]], present[apex]
    return nine
