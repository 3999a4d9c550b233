"""A method set up on planted clips, ready to be trained as a run trains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.data.task import Task
from merbench.entries.parameters import Parameters
from merbench.entries.recipe import Training
from merbench.errors import FrameError
from merbench.experiments.evaluate import Evaluator, Trial
from merbench.inputs.prepared import PreparedInputs
from merbench.method import Method, NetworkMethod, TrainInfo, declared_inputs
from merbench.testing.planted_dataset import Planted, PlantedParameters
from merbench.training.numerics import Numerics, choose

Probabilities = npt.NDArray[np.float32]
#: Enough for a second epoch to follow a first, and for two steps an epoch.
_TINY: Mapping[str, object] = {"epochs": 2, "batch": 8}


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A method with its training, the planted task, its inputs, and a trial for each held-out subject."""

    method: Method
    training: Training | None
    task: Task
    inputs: PreparedInputs | None
    trials: tuple[Trial, ...]
    numerics: Numerics | None

    def fresh(self) -> Method:
        """Another instance of the method, with the same parameters."""
        return type(self.method)(self.method.parameters)

    def run(
        self, trials: Sequence[Trial] | None = None, *, method: Method | None = None, seed: int = 0
    ) -> dict[str, Probabilities]:
        """Probabilities `(epoch clip class)` of the held-out clips, by fold, as a run keeps them."""
        evaluator = Evaluator(
            method or self.method, self.training, self.task, self.inputs, seed=seed, numerics=self.numerics
        )
        done = evaluator.outcomes(self.trials if trials is None else trials)
        return {outcome.fold: outcome.probabilities for outcome in done}

    def info(self, trial: Trial) -> TrainInfo:
        """What a method is told of the training clips of a trial."""
        clips = self.task.clips.iloc[trial.train]
        return TrainInfo(
            classes=self.task.classes,
            labels=np.array(self.task.labels(), dtype=np.int64)[trial.train],
            subjects=tuple(clips["subject"]),
            action_units=tuple(clips["action_units"]),
        )

    def changed(self, **parts: Any) -> Bench:
        """The bench with some parts replaced."""
        return replace(self, **parts)


def tiny_bench(method: Method | type[Method]) -> Bench:
    """A method on 3 subjects of 6 clips in 3 classes: the quick recipe cut to 2 epochs, and its `check_settings`."""
    kind = method if isinstance(method, type) else type(method)
    return _bench(method, PlantedParameters(), {**_TINY, **kind.check_settings})


def learning_bench(method: Method | type[Method]) -> Bench:
    """A method on 8 subjects of 8 clips in 2 classes: the quick recipe and its `learning_settings`; one trial.

    Three subjects are held out.
    """
    kind = method if isinstance(method, type) else type(method)
    bench = _bench(method, PlantedParameters(subjects=8, clips=8, emotions=2), kind.learning_settings)
    subjects = bench.task.clips["subject"]
    held_out = np.flatnonzero(subjects.isin(bench.task.subjects[-3:]))
    trained = np.setdiff1d(np.arange(len(subjects)), held_out)
    return bench.changed(trials=(Trial(fold="learns", kind="outer", train=trained, watch=held_out),))


def _bench(method: Method | type[Method], planted: PlantedParameters, settings: Mapping[str, object]) -> Bench:
    source = Source(dataset=Planted(planted))
    task = labelled([source], f"{planted.emotions}-class", "middle")
    made, training = set_up(method, len(task.classes), settings)
    return Bench(
        method=made,
        training=training,
        task=task,
        inputs=_inputs(made, task, source),
        trials=tuple(_trial(task, subject) for subject in task.subjects),
        numerics=choose("cpu", "float32", threads=1) if isinstance(made, NetworkMethod) else None,
    )


def set_up(
    method: Method | type[Method], classes: int, settings: Mapping[str, object]
) -> tuple[Method, Training | None]:
    """A method by its quick recipe, or an instance as it is, with `settings` of method and training on top.

    Settings that it has none of are left out, so that one set serves all.
    """
    kind = method if isinstance(method, type) else type(method)
    recipe = kind.recipe("quick", classes)
    parameters: Parameters = kind.Parameters().changed(recipe.parameters)
    if not isinstance(method, type):
        parameters = method.parameters
    made = kind(parameters.changed({name: value for name, value in settings.items() if name in parameters.names()}))
    if not issubclass(kind, NetworkMethod):
        return made, None
    training = recipe.training or Training()
    return made, training.changed({name: value for name, value in settings.items() if name in training.names()})


def _inputs(method: Method, task: Task, source: Source) -> PreparedInputs | None:
    from merbench.inputs.prepare import prepare_inputs

    declared = declared_inputs(method)
    if not declared:
        return None
    prepared, failed = prepare_inputs(task.as_clips(), {"planted": source}, declared)
    if failed:
        raise FrameError(f"{len(failed)} of {len(task.clips)} drawn clips lack inputs: {next(iter(failed.values()))}")
    return prepared


def _trial(task: Task, subject: str) -> Trial:
    held_out = (task.clips["subject"] == subject).to_numpy()
    return Trial(fold=subject, kind="outer", train=np.flatnonzero(~held_out), watch=np.flatnonzero(held_out))
