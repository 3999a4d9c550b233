"""What a GPU must show once: the claims that tests without one can only check by shapes, each with what was seen."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from merbench.analysis.table import Table
from merbench.cli.bench import launch_budget
from merbench.cli.bench.launches import launched
from merbench.cli.bench.report import Row, Scale
from merbench.cli.bench.timing import SEED, mmnet_of, seconds_of
from merbench.cli.bench.whole_run import whole_flow_run, whole_mmnet_run
from merbench.cli.bench.workloads import FLOW_TRAINING, Streams, flow_inputs, folds, frame_inputs
from merbench.entries.recipe import Training
from merbench.errors import UsageError
from merbench.method import NetworkMethod
from merbench.plural import plural
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import fit_folds
from merbench.training.fold_job import FoldJob, TrainedFold
from merbench.training.numerics import Numerics
from merbench.training.pinning import pinned

if TYPE_CHECKING:
    from merbench.results.run import Run
    from merbench.spec import Precision

#: How far probabilities of stacked folds may be from those of one fold at a time after two epochs, by precision: chosen
#: here, above what products in ten bits of mantissa or fewer do.
_NEAR = {"float64": 1e-6, "float32": 0.02, "bfloat16": 0.1}
#: Folds that claims are tried on, and the epochs of each.
_FOLDS, _EPOCHS = 4, 5
#: Kernels that a call of torch may stand for: chosen here; a convolution and its gradients are several of cuDNN's.
_KERNELS_A_CALL = 3.0
#: Trials of the study that is timed.
TRIALS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is claimed, whether it holds, and what was seen."""

    name: str
    holds: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Load:
    """A method and folds that claims are tried on."""

    method: NetworkMethod
    training: Training
    jobs: Sequence[FoldJob]
    inputs: DeviceInputs

    def fit(self, numerics: Numerics, notes: list[str]) -> list[TrainedFold]:
        """The trained folds."""
        return fit_folds(
            self.method, self.training, self.jobs, self.inputs, seed=SEED, numerics=numerics, on_note=notes.append
        )


def require_gpu(numerics: Numerics) -> None:
    """Check that the numerics are those of a GPU.

    Raises:
        UsageError: if they are not.
    """
    if numerics.torch_device.type != "cuda":
        raise UsageError(
            f"--gpu-acceptance needs a CUDA GPU, but the device here is {numerics.device}; run it on a machine that "
            "has one."
        )


def claims(scale: Scale, numerics: Numerics, said: Callable[[str], None] = lambda what: None) -> Iterator[Claim]:
    """Every claim, one after the other; one that fails by an error does not hide those after it."""
    checks = (repeated_bits, stacked_folds, graphed_folds, resumed_run, launch_budgets)
    for check in checks:
        said(check.__name__.replace("_", " "))
        try:
            with pinned(numerics):
                yield from check(scale, numerics)
        except Exception as error:  # noqa: BLE001 - what went wrong is what the table must show
            first = (str(error) or type(error).__name__).splitlines()[0]
            yield Claim(name=check.__name__.replace("_", " "), holds=False, seen=f"{type(error).__name__}: {first}")


def loads(scale: Scale, numerics: Numerics) -> dict[str, Load]:
    """MMNet and the flow network, at a scale."""
    mmnet, training = mmnet_of(scale)
    frames, flow = frame_inputs(scale), flow_inputs(scale)
    return {
        "MMNet": Load(
            mmnet,
            training.changed({"epochs": _EPOCHS}),
            folds(scale.clips, scale.subjects)[:_FOLDS],
            DeviceInputs(frames, numerics),
        ),
        "flow network": Load(
            Streams(),
            FLOW_TRAINING.changed({"batch": scale.flow_batch, "epochs": _EPOCHS}),
            folds(scale.flow_clips, scale.flow_subjects)[:_FOLDS],
            DeviceInputs(flow, numerics),
        ),
    }


def repeated_bits(scale: Scale, numerics: Numerics) -> Iterator[Claim]:
    """Folds one at a time, twice."""
    for name, load in loads(scale, numerics).items():
        one, other = load.fit(numerics, []), load.fit(numerics, [])
        yield _same(f"{name}: a run repeated gives the same bits", one, other)


def stacked_folds(scale: Scale, numerics: Numerics) -> Iterator[Claim]:
    """Stacked folds, twice, and against one at a time."""
    stacked = dataclasses.replace(numerics, parallel_folds=_FOLDS, parallelism="vmapped")
    for name, load in loads(scale, numerics).items():
        notes: list[str] = []
        one, other, alone = load.fit(stacked, notes), load.fit(stacked, notes), load.fit(numerics, notes)
        yield _same(f"{name}: stacked folds repeated give the same bits", one, other, notes)
        apart, most = distance(one, alone), _NEAR[numerics.precision]
        yield Claim(
            name=f"{name}: stacked folds are those of one at a time up to rounding",
            holds=apart <= most and not notes,
            seen="; ".join([f"probabilities up to {apart:.2g} apart, {most:g} allowed", *notes]),
        )


def graphed_folds(scale: Scale, numerics: Numerics) -> Iterator[Claim]:
    """Captured steps against one fold at a time."""
    graphed = dataclasses.replace(numerics, parallel_folds=_FOLDS, parallelism="graphed")
    for name, load in loads(scale, numerics).items():
        notes: list[str] = []
        one, other = load.fit(numerics, notes), load.fit(graphed, notes)
        yield _same(f"{name}: captured steps give the bits of eager ones", one, other, notes)


def distance(one: Sequence[TrainedFold], other: Sequence[TrainedFold]) -> float:
    """The largest difference of probabilities."""
    pairs = zip(one, other, strict=True)
    return max(float(np.abs(ours.probabilities - theirs.probabilities).max()) for ours, theirs in pairs)


def _same(name: str, one: Sequence[TrainedFold], other: Sequence[TrainedFold], notes: Sequence[str] = ()) -> Claim:
    pairs = list(zip(one, other, strict=True))
    equal = sum(np.array_equal(ours.probabilities, theirs.probabilities) for ours, theirs in pairs)
    seen = f"{equal} of {plural(len(pairs), 'fold')} equal, probabilities up to {distance(one, other):.2g} apart"
    return Claim(name=name, holds=equal == len(pairs) and not notes, seen="; ".join([seen, *notes]))


def resumed_run(scale: Scale, numerics: Numerics) -> Iterator[Claim]:
    """A run whose process is killed after its first fold and that is taken up again, against one that is not."""
    with tempfile.TemporaryDirectory() as folder:
        killed = Path(folder) / "killed"
        one = _run(numerics, Path(folder) / "whole")
        count = _killed_after_a_fold(_process(numerics, killed, one), killed)
        other = _run(numerics, killed)
    pairs = list(zip(one.outer, other.outer, strict=True))
    equal = sum(np.array_equal(ours.probabilities, theirs.probabilities) for ours, theirs in pairs)
    yield Claim(
        name="a run that was killed and taken up again gives the same bits",
        holds=equal == len(pairs) and 0 < count < len(pairs),
        seen=f"killed after {count} of {plural(len(pairs), 'fold')}; {equal} equal",
    )


#: The run that is killed: long enough to be killed between its folds.
_SETTINGS: dict[str, object] = {"dataset.subjects": 4, "dataset.clips": 5, "epochs": 20}


def _run(numerics: Numerics, out: Path) -> Run:
    from merbench import api

    return api.run(
        "ststnet",
        recipe="quick",
        settings=_SETTINGS,
        rules="last",
        device=numerics.device,
        precision=cast("Precision", numerics.precision),
        parallel_folds=1,
        out=out,
    )


def _process(numerics: Numerics, out: Path, whole: Run) -> subprocess.Popen[bytes]:
    """The same run in a process of its own, with the threads of the whole one."""
    command = [sys.executable, "-m", "merbench", "run", "-m", "ststnet", "--recipe", "quick", "--select-epoch", "last"]
    for name, value in _SETTINGS.items():
        command += ["--set", f"{name}={value}"]
    command += ["--device", numerics.device, "--precision", numerics.precision, "--parallel-folds", "1"]
    recorded = whole.header.numerics
    assert recorded is not None  # of a network
    environment = {**os.environ, "OMP_NUM_THREADS": str(recorded.threads)}
    return subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )


def _killed_after_a_fold(started: subprocess.Popen[bytes], folder: Path, limit: float = 300.0) -> int:
    """How many folds were finished when the process was killed."""
    end = time.monotonic() + limit
    while not list(folder.glob("outer/*.npz")) and started.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    started.kill()
    started.wait()
    return len(list(folder.glob("outer/*.npz")))


def launch_budgets(scale: Scale, numerics: Numerics) -> Iterator[Claim]:
    """A step of every method as a profiler sees it, against what was counted by shapes."""
    budget = launch_budget.budget()
    for name in launch_budget.network_methods():
        allowed = _KERNELS_A_CALL * budget[name]["serial"]["launches"]
        seen = launched(name, numerics)
        yield Claim(
            name=f"{name}: a step launches what was counted, and waits for nothing",
            holds=0 < seen.kernels <= allowed and not seen.waits,
            seen=f"{seen.kernels} kernels and copies, {allowed:.0f} allowed; {seen.waits} waits",
        )


def timed(scale: Scale, numerics: Numerics, said: Callable[[str], None] = lambda what: None) -> Iterator[Row]:
    """The figures of whole runs, one after the other."""
    said("whole runs")
    with pinned(numerics):
        yield from whole_mmnet_run(scale, numerics)
        yield from whole_flow_run(scale, numerics)
    said("tuning")
    yield tuning_time(numerics)


def tuning_time(numerics: Numerics, trials: int = TRIALS) -> Row:
    """How long a study of STSTNet on synthetic faces takes."""
    from merbench import api

    with tempfile.TemporaryDirectory() as folder:
        spent = seconds_of(
            lambda: api.tune(
                "ststnet", trials=trials, nested=False, recipe="quick", device=numerics.device,
                precision=cast("Precision", numerics.precision), settings={"dataset.subjects": 6, "dataset.clips": 5},
                out=Path(folder) / "tuned",
            ),
            numerics,
        )  # fmt: skip
    return Row(
        name=f"STSTNet, synthetic faces: {trials} tuning trials",
        value=spent / 60,
        unit="min",
        target="reported",
        note="quick recipe, 6 subjects of 5 clips, 3 inner folds a trial; with inputs and the training of the folds",
    )


def as_table(device: str, made: Sequence[Claim]) -> Table:
    """The claims for the terminal."""
    return Table(
        title=f"Claims on {device}",
        columns=("claim", "holds", "seen"),
        rows=tuple((claim.name, "yes" if claim.holds else "no", claim.seen) for claim in made),
        text_columns=3,
    )


def write(path: Path, command: str, device: str, made: Sequence[Claim], rows: Sequence[Row]) -> None:
    """Write claims and figures as JSON, with the command that made them and the model of the device."""
    content = {
        "command": command,
        "device": device,
        "claims": [asdict(claim) for claim in made],
        "rows": [asdict(row) for row in rows],
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
