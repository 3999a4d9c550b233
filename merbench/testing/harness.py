"""A method set up on synthetic clips, ready to be trained as a run trains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from merbench.data.labelled_clips import LabelledClips
from merbench.data.source import Source
from merbench.entries.recipe import Training
from merbench.experiments.evaluate import Evaluator, train_info
from merbench.experiments.events import Observer
from merbench.experiments.fold_runs import FoldRun, fold_runs
from merbench.experiments.prepare import prepare
from merbench.experiments.resolve import resolve_on
from merbench.inputs.prepared import PreparedInputs
from merbench.kind_names import SINGLE_NAME
from merbench.method import Method, NetworkMethod, TrainInfo
from merbench.spec import ComputeOptions, RunSettings, RunSpec
from merbench.testing.conformance import Failed
from merbench.testing.easy_dataset import EasyFaces, EasyFacesParameters
from merbench.training.numerics import Numerics, choose

Probabilities = npt.NDArray[np.float32]
#: What float32 sums in another order may differ by, after two epochs.
TOLERANCE = 1e-4
#: Action units in place of the classes: each of three emotions has some; of two, one has both units, the other none.
UNITS, UNITS_OF_TWO = "au=1,2,12", "au=1,2"
#: Enough for a second epoch to follow a first, and for two steps an epoch.
_TINY: Mapping[str, object] = {"epochs": 2, "batch": 8}


@dataclass(frozen=True, kw_only=True)
class Harness:
    """A method with its training, the synthetic task, its inputs, and a fold run for each held-out subject."""

    method: Method
    training: Training | None
    task: LabelledClips
    inputs: PreparedInputs | None
    fold_runs: tuple[FoldRun, ...]
    numerics: Numerics | None

    def fresh(self) -> Method:
        """Another instance of the method, with the same parameters."""
        return type(self.method)(self.method.parameters)

    def run(
        self, fold_runs: Sequence[FoldRun] | None = None, *, method: Method | None = None, seed: int = 0
    ) -> dict[str, Probabilities]:
        """Probabilities `(epoch clip class)` of the held-out clips, by fold, as a run keeps them."""
        evaluator = Evaluator(
            method or self.method, self.training, self.task, self.inputs, seed=seed, numerics=self.numerics
        )
        done = evaluator.outcomes(self.fold_runs if fold_runs is None else fold_runs)
        return {outcome.fold: outcome.probabilities for outcome in done}

    def info(self, fold_run: FoldRun) -> TrainInfo:
        """What a method gets to know of the training clips of a fold run."""
        return train_info(self.task, fold_run.train)

    def changed(self, **fields: Any) -> Harness:
        """The harness with some fields replaced."""
        return replace(self, **fields)


def tiny_harness(method: Method | type[Method]) -> Harness:
    """A method on 3 subjects of 6 clips in 3 classes: the quick recipe cut to 2 epochs, and its `check_settings`.

    One that serves multi-label tasks alone is given three action units instead.
    """
    kind = method if isinstance(method, type) else type(method)
    if SINGLE_NAME not in kind.kinds:
        return units_harness(method)
    return _harness(method, EasyFacesParameters(), {**_TINY, **kind.check_settings})


def units_harness(method: Method | type[Method]) -> Harness:
    """A method on the same clips as those of `tiny_harness`, to predict three action units."""
    kind = method if isinstance(method, type) else type(method)
    return _harness(method, EasyFacesParameters(), {**_TINY, **kind.check_settings}, UNITS)


def learning_harness(method: Method | type[Method]) -> Harness:
    """A method on 8 subjects of 8 clips in 2 classes: the quick recipe and its `learning_settings`; one fold run.

    Three subjects are held out. Of a method that serves multi-label tasks alone, the classes are to have two units or
    none.
    """
    kind = method if isinstance(method, type) else type(method)
    scheme = None if SINGLE_NAME in kind.kinds else UNITS_OF_TWO
    harness = _harness(method, EasyFacesParameters(subjects=8, clips=8, emotions=2), kind.learning_settings, scheme)
    subjects = harness.task.clips["subject"]
    held_out = np.flatnonzero(subjects.isin(harness.task.subjects[-3:]))
    trained = np.setdiff1d(np.arange(len(subjects)), held_out)
    return harness.changed(fold_runs=(FoldRun(fold="learns", kind="outer", train=trained, watch=held_out),))


def _harness(
    method: Method | type[Method],
    parameters: EasyFacesParameters,
    settings: Mapping[str, object],
    scheme: str | None = None,
) -> Harness:
    sources = (Source(dataset=EasyFaces(parameters)),)
    name = (method if isinstance(method, type) else type(method)).name
    spec = RunSpec(
        method=name,
        recipe="quick",
        scheme=scheme or f"{parameters.emotions}-class",
        settings=RunSettings.parse(_of(method, settings), [name]),
        compute=ComputeOptions(device="cpu", precision="float32", parallel_folds=1, compile="no"),
    )
    experiment = resolve_on(sources, spec, method)
    prepared = prepare(experiment, Observer())
    return Harness(
        method=experiment.method,
        training=experiment.training,
        task=prepared.task,
        inputs=prepared.inputs,
        fold_runs=tuple(fold_runs(prepared.task, prepared.folds, ("outer",))),
        numerics=experiment.numerics and choose("cpu", "float32", threads=1),
    )


def _of(method: Method | type[Method], settings: Mapping[str, object]) -> dict[str, object]:
    """The settings that a method or its training has, so that one set serves all methods."""
    kind = method if isinstance(method, type) else type(method)
    names = {*kind.Parameters.names(), *(Training.names() if issubclass(kind, NetworkMethod) else ())}
    return {name: value for name, value in settings.items() if name in names}


def require_equal(one: Probabilities, two: Probabilities, otherwise: str, *, exact: bool = False) -> None:
    """Nothing, if two sets of probabilities are equal: to the bit where `exact`, else within float32's reach.

    Raises:
        Failed: with the sentence `otherwise` and the largest difference.
    """
    if one.shape != two.shape:
        raise Failed(f"{otherwise} (shapes {one.shape} and {two.shape}).")
    apart = float(np.abs(one.astype(np.float64) - two.astype(np.float64)).max(initial=0.0))
    if not apart <= (0.0 if exact else TOLERANCE):
        raise Failed(f"{otherwise} (by up to {apart:.2g}).")
