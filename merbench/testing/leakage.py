"""Checks that nothing of the held-out clips but their own frames, each by itself, affects their predictions."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from merbench.data.labelled_clips import LabelledClips
from merbench.inputs.prepared import PreparedInputs
from merbench.testing.harness import Harness, require_equal


def labels_unread(harness: Harness) -> None:
    """Other labels, emotions and action units of the held-out clips change nothing of what is predicted for them.

    Another fold is trained first, on clips that are held out later: what it saw must not be kept.
    """
    first, second = harness.fold_runs[:2]
    true = harness.run([second, first], method=harness.fresh())
    poisoned = harness.changed(task=_poisoned(harness, first.watch)).run([second, first], method=harness.fresh())
    require_equal(
        true[first.fold],
        poisoned[first.fold],
        "with other labels of the held-out clips, other probabilities come out: they are read",
    )


def _poisoned(harness: Harness, held_out: npt.NDArray[np.int64]) -> LabelledClips:
    clips, rows = harness.task.clips.copy(), harness.task.clips.index[held_out]
    for column in ("label", "emotion"):
        values = sorted(set(clips[column]))
        other = dict(zip(values, (*values[1:], values[0]), strict=True))
        clips.loc[rows, column] = clips.loc[rows, column].map(other)
    clips["action_units"] = [
        (99,) if place in set(held_out.tolist()) else units for place, units in enumerate(clips["action_units"])
    ]
    return dataclasses.replace(harness.task, clips=clips)


def frames_unlearned(harness: Harness) -> None:
    """Other frames of all held-out clips but one change nothing of what is predicted for that one, at any epoch."""
    if harness.inputs is None:
        return
    fold_run = harness.fold_runs[0]
    true = harness.run([fold_run], method=harness.fresh())[fold_run.fold]
    noisy = harness.changed(inputs=_noisy(harness.inputs, fold_run.watch[1:])).run([fold_run], method=harness.fresh())[
        fold_run.fold
    ]
    require_equal(
        true[:, :1],
        noisy[:, :1],
        "with other frames of the other held-out clips, other probabilities come out for a clip: weights, batch "
        "statistics or features depend on what is held out",
    )


def _noisy(inputs: PreparedInputs, clips: npt.NDArray[np.int64]) -> PreparedInputs:
    draws = np.random.default_rng(0)
    frames, arrays = inputs.frames, []
    if frames is not None:
        images = frames.images.copy()
        images[clips] = draws.integers(0, 256, images[clips].shape, dtype=np.uint8)
        frames = dataclasses.replace(frames, images=images)
    for array in inputs.arrays:
        values = array.values.copy()
        values[clips] = _noise(values[clips], draws)
        arrays.append(dataclasses.replace(array, values=values))
    return dataclasses.replace(inputs, frames=frames, arrays=tuple(arrays))


def _noise(values: npt.NDArray[np.generic], draws: np.random.Generator) -> npt.NDArray[np.generic]:
    if values.dtype == np.uint8:
        return draws.integers(0, 256, values.shape, dtype=np.uint8)
    spread = float(np.abs(values.astype(np.float64)).max()) or 1.0
    return draws.uniform(-spread, spread, values.shape).astype(values.dtype)
