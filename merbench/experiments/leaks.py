"""Leaks that no fold shows: one person under several names, one picture under several people or in both sets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from merbench.annotations.alike_names import alike_datasets, alike_subjects, described
from merbench.annotations.clips import Clip
from merbench.data.labelled_clips import LabelledClips
from merbench.data.overlapping import overlapping
from merbench.data.shared_pictures import SharedPicture, shared_frames, shared_pictures
from merbench.data.source import Source
from merbench.errors import DataError
from merbench.experiments.experiment import Experiment
from merbench.protocol import Fold


def with_distinct_subjects(experiment: Experiment, task: LabelledClips) -> LabelledClips:
    """The task, with a note on subjects whose names are alike if the user says that they are different people.

    Raises:
        DataError: naming them, if the user does not say so and the protocol keeps subjects apart.
    """
    for names_of_one in alike_datasets(task.clips["dataset"]):
        task = _noted(task, f"datasets whose names are alike: {' and '.join(names_of_one)}")
    groups = alike_subjects(task.subjects)
    if not groups:
        return task
    names = described(groups)
    if experiment.spec.distinct_subjects:
        return _noted(task, f"taken as different people: {names}")
    if experiment.protocol.leaky:
        return _noted(task, f"subjects whose names are alike, and who may be one person each: {names}")
    raise DataError(
        f"Subjects may be one person under several names: {names}. One would be trained on while the other is tested. "
        "Write one name in the table, leave out a dataset that shows the same people, or say that they are different "
        "people with --distinct-subjects."
    )


def with_own_pictures(experiment: Experiment, task: LabelledClips) -> LabelledClips:
    """The task, with a note on files that two subjects share: flow, or frames of people said to be different.

    Raises:
        DataError: naming frames that two subjects share, if the user does not say that they are different people and
            the protocol keeps subjects apart.
    """
    shared = shared_pictures(task.as_clips(), experiment.by_part)
    if not shared:
        return task
    frames = [each for each in shared if each.what == "frame"]
    if frames and not (experiment.spec.distinct_subjects or experiment.protocol.leaky):
        raise DataError(
            f"Subjects share pictures: {_listed(frames)}. One would be trained on while the other is tested. Give each "
            "clip its own frames, or one subject both clips; if the subjects are different people all the same, add "
            "--distinct-subjects."
        )
    return _noted(task, f"files with the same bytes are of different subjects: {_listed(shared)}")


def with_split_recordings(experiment: Experiment, task: LabelledClips, folds: Sequence[Fold]) -> LabelledClips:
    """The task, with a note on clips that share frames and stand on both sides of a fold.

    Only a protocol that is leaky trains on subjects that it tests; of every other one, `with_own_pictures` looks at
    subjects.
    """
    if not experiment.protocol.leaky:
        return task
    pairs = split_recordings(task.as_clips(), experiment.by_part, folds)
    if not pairs:
        return task
    one, other = pairs[0]
    more = f", and {len(pairs) - 1} more pairs" if len(pairs) > 1 else ""
    return _noted(task, f"clips that share frames are trained on and tested in one fold: {one} and {other}{more}")


def split_recordings(
    clips: Sequence[Clip], sources: Mapping[str, Source], folds: Sequence[Fold]
) -> tuple[tuple[str, str], ...]:
    """The pairs of clips, by key, that share frames, one being trained on in a fold that tests the other.

    Frames are shared where ranges of one recording overlap, or where files have the same bytes.
    """
    pairs = {(one.key, other.key) for one, other in overlapping(clips)}
    pairs |= {(each.one, each.other) for each in shared_frames(clips, sources)}
    pairs = {(min(pair), max(pair)) for pair in pairs}
    sides = [(set(fold.train), set(fold.test)) for fold in folds]
    return tuple(
        (one, other)
        for one, other in sorted(pairs)
        if any((one in train and other in test) or (other in train and one in test) for train, test in sides)
    )


def _listed(shared: list[SharedPicture] | tuple[SharedPicture, ...]) -> str:
    return f"{shared[0]}" + (f", and {len(shared) - 1} more pairs of clips" if len(shared) > 1 else "")


def _noted(task: LabelledClips, note: str) -> LabelledClips:
    return dataclasses.replace(task, notes=(*task.notes, note))
