"""What an objective is handed: the training clips of a fold alone, and inner folds of their subjects."""

from __future__ import annotations

import dataclasses
import json
import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from merbench.annotations.clips import subject_of
from merbench.data.labelled_clips import LabelledClips
from merbench.errors import FrameError, ProtocolError
from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.experiments.prepare import prepare
from merbench.kind_names import MULTI_NAME
from merbench.method import Method, declared_inputs
from merbench.plural import plural

if TYPE_CHECKING:
    from merbench.inputs.prepared import PreparedInputs

Split = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def restricted_task(task: LabelledClips, keys: Collection[str]) -> LabelledClips:
    """The task of some of its clips; nothing in it reveals the others, not even that they were left out."""
    chosen = set(keys)
    subjects = {subject_of(key) for key in chosen}
    return dataclasses.replace(
        task,
        clips=task.clips[task.clips.index.isin(chosen)],
        apexes=tuple(key for key in task.apexes if key in chosen),
        left_out=tuple(lost for lost in task.left_out if subject_of(lost.key) in subjects),
        notes=(),
        corrected=(),
    )


def restricted_inputs(inputs: PreparedInputs, positions: npt.NDArray[np.int64]) -> PreparedInputs:
    """A copy of the inputs of the clips at `positions`, as they are trained on, in that order."""
    frames = inputs.frames
    if frames is not None:
        frames = dataclasses.replace(
            frames,
            images=np.array(frames.images[positions]),
            counts=frames.counts[positions],
            annotated=frames.annotated[positions],
        )
    arrays = tuple(dataclasses.replace(array, values=np.array(array.values[positions])) for array in inputs.arrays)
    return dataclasses.replace(inputs, count=len(positions), frames=frames, arrays=arrays, tested=0)


class _Preparing(Observer):
    """Passes on how far the reading of clips is, and nothing of what the experiment is, which was reported before."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def preparing(self, done: int, total: int) -> None:
        """Pass it on."""
        self._observer.preparing(done, total)


class InputBank:
    """The inputs of all clips of an experiment, prepared once for each distinct declaration."""

    def __init__(self, experiment: Experiment, observer: Observer | None = None) -> None:
        self._experiment = dataclasses.replace(experiment, on_error="skip")  # whoever asks says which clips it needs
        self._observer = _Preparing(observer or Observer())
        self._kept: dict[str, tuple[dict[str, int], PreparedInputs | None]] = {}

    def take(self, method: Method, keys: Collection[str]) -> PreparedInputs | None:
        """The inputs of the clips of some keys, in the order of the task; a copy that holds no others.

        Raises:
            FrameError: if some of these clips lack what the method sees.
        """
        places, inputs = self._all(method)
        if inputs is None:
            return None
        lacking = sorted(set(keys) - set(places))
        if lacking:
            raise FrameError(
                f"{method.name} with these parameters finds no usable frames of {plural(len(lacking), 'clip')} "
                f"({lacking[0]}); "
                "narrow the space with --space FILE.toml."
            )
        if len(places) == len(set(keys)):
            return inputs
        return restricted_inputs(inputs, np.array([places[key] for key in sorted(keys)], dtype=np.int64))

    def _all(self, method: Method) -> tuple[dict[str, int], PreparedInputs | None]:
        declared = json.dumps(declared_inputs(method).as_dict(), sort_keys=True, default=str)
        if declared not in self._kept:
            prepared = prepare(dataclasses.replace(self._experiment, method=method), self._observer)
            places = {str(key): place for place, key in enumerate(prepared.task.clips.index)}
            self._kept[declared] = places, prepared.inputs
        return self._kept[declared]


def inner_folds(task: LabelledClips, folds: int, seed: int) -> list[Split]:
    """Positions to train on and to watch: subjects apart, every clip watched once, classes as even as subjects allow.

    With fewer subjects than folds there is a fold for each.

    Raises:
        ProtocolError: if there is only one subject.
    """
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    subjects = task.clips["subject"].to_numpy()
    count = min(folds, len(set(subjects)))
    if count < 2:
        raise ProtocolError(
            f"Tuning needs at least 2 training subjects to keep apart, there is {len(set(subjects))}; "
            "give data of further subjects, or use a protocol that trains on more."
        )
    # of action units, clips with the same ones are a class
    labels = task.clips["label"].to_numpy(dtype=str) if task.kind_name == MULTI_NAME else np.array(task.labels())
    nothing = np.zeros(len(subjects))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of classes with fewer clips than folds
        try:
            splits = list(StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(nothing, labels, subjects))
        except ValueError:  # every class has fewer clips than there are folds
            splits = []
    if not splits or any(not len(train) or not len(watch) for train, watch in splits):
        splits = list(GroupKFold(count).split(nothing, labels, subjects))
    return [(np.asarray(train, dtype=np.int64), np.asarray(watch, dtype=np.int64)) for train, watch in splits]
