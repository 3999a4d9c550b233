"""Clips changed on purpose, to see how far a result depends on what annotators wrote."""

from __future__ import annotations

import dataclasses

import numpy as np

from merbench.data.keyframe_noise import KeyframeNoise, sentence, shifts_of
from merbench.data.labelled_clips import LabelledClips

#: Distinguishes these draws from all others of a seed.
_STREAM = 0x1ABE1


def perturbed(
    task: LabelledClips, *, flips: float, shift: int, seed: int, noise: KeyframeNoise | None = None
) -> LabelledClips:
    """The task with a share `flips` of its clips trained on as another class, and each apex moved by `shift` frames.

    Then onset and apex are shifted as `noise` says. The task itself if all are 0. Clips are tested by their own class
    all the same.

    Raises:
        DataError: if key frames are to be shifted of clips without frame numbers.
    """
    moved = _shifted(task, shift) if shift else task
    moved = _noisy(moved, noise) if noise and noise.frames else moved
    return dataclasses.replace(moved, flipped=_flipped(task, flips, seed)) if flips else moved


def _flipped(task: LabelledClips, share: float, seed: int) -> dict[str, str]:
    """The wrong classes of so many clips, each other class equally likely; the same in every fold."""
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM,)))
    labels = task.clips["label"].tolist()
    chosen = generator.choice(len(labels), round(share * len(labels)), replace=False)
    wrong = {}
    for place in sorted(chosen.tolist()):
        others = [name for name in task.classes if name != labels[place]]
        wrong[str(task.clips.index[place])] = others[int(generator.integers(len(others)))]
    return wrong


def _noisy(task: LabelledClips, noise: KeyframeNoise) -> LabelledClips:
    shifts = shifts_of(task, noise)
    return dataclasses.replace(
        task,
        trained_shifts={} if noise.side == "test" else shifts,
        tested_shifts={} if noise.side == "train" else shifts,
        notes=(*task.notes, sentence(shifts, noise)),
    )


def _shifted(task: LabelledClips, frames: int) -> LabelledClips:
    """The task with every known apex later by `frames`, but within onset and offset."""
    clips = task.clips.copy()
    low, high = clips["onset"].fillna(clips["apex"]), clips["offset"].fillna(clips["apex"])
    clips["apex"] = (clips["apex"] + frames).clip(lower=low, upper=high)
    return dataclasses.replace(task, clips=clips)
