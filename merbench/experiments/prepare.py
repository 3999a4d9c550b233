"""An experiment made ready: clips labelled, folds audited, inputs prepared."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from merbench.data.keyframe_noise import KeyframeNoise
from merbench.data.labelled_clips import LabelledClips
from merbench.data.labelling import labelled
from merbench.data.perturbation import perturbed
from merbench.data.shared_pictures import clip_digests
from merbench.entries.attribution import attributed
from merbench.errors import DataError, FrameError
from merbench.experiments.available import available_clips
from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.experiments.fold_runs import FoldRun
from merbench.experiments.leaks import with_distinct_subjects, with_own_pictures, with_split_recordings
from merbench.experiments.starting_weights import Starts, starts_of
from merbench.inputs.alignment.spec import AS_DISTRIBUTED
from merbench.method import declared_inputs
from merbench.plural import plural
from merbench.protocol import Fold, checked_folds
from merbench.results.provenance import frames_fingerprint
from merbench.results.seen import Seen

if TYPE_CHECKING:
    from merbench.annotations.clips import Clip
    from merbench.data.source import Source
    from merbench.inputs import Inputs
    from merbench.inputs.prepared import PreparedInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An experiment with its clips labelled, its folds audited and its inputs prepared."""

    experiment: Experiment
    task: LabelledClips
    folds: tuple[Fold, ...]
    inputs: PreparedInputs | None
    frames_fingerprint: Mapping[str, str]
    starts: Starts = field(default_factory=Starts)


def seen_by(prepared: Prepared) -> Callable[[FoldRun], tuple[Seen, ...]]:
    """A function of a training that returns what its network has seen.

    That is the subjects and clips of the training itself, and what the network that it starts from has seen. Clips are
    digests of their files, so that they are recognised under other names.
    """
    subjects = prepared.task.clips["subject"].to_numpy()
    digests = clip_digests(prepared.task.as_clips(), prepared.experiment.by_part)
    files = [digests.get(key, "") for key in prepared.task.clips.index]

    def seen(fold_run: FoldRun) -> tuple[Seen, ...]:
        own = Seen(
            subjects=tuple(sorted(map(str, set(subjects[fold_run.train])))),
            clips=tuple(sorted({files[row] for row in fold_run.train} - {""})),
        )
        return (own, *prepared.starts.seen.get(fold_run.fold, ()))

    return seen


def prepare(experiment: Experiment, observer: Observer) -> Prepared:
    """The experiment with everything that its trainings need; nothing is written but the input cache.

    Raises:
        MerbenchError: for annotations, frames or folds that cannot be used.
    """
    task, folds = checked_task(experiment, observer)
    task = with_split_recordings(experiment, with_own_pictures(experiment, task), folds)
    task, inputs = _inputs(experiment, task, observer)
    folds = checked_folds(experiment.protocol, task.clips)
    starts = starts_of(experiment, task, folds)  # again, as clips without usable frames are left out
    task = dataclasses.replace(task, notes=(*task.notes, *starts.notes))
    observer.prepared(task)
    return Prepared(
        experiment=experiment,
        task=task,
        folds=folds,
        inputs=inputs,
        starts=starts,
        frames_fingerprint=frames_fingerprint(
            task.as_clips(),
            experiment.by_part,
            [name for each in declared_inputs(experiment.method).arrays if (name := each.precomputed())],
        ),
    )


def checked_task(experiment: Experiment, observer: Observer) -> tuple[LabelledClips, tuple[Fold, ...]]:
    """The labelled clips of an experiment and its audited folds, before any frame is read for its inputs.

    Raises:
        MerbenchError: for annotations or folds that cannot be used.
    """
    task = with_distinct_subjects(experiment, available_clips(experiment, _labelled(experiment)))
    folds = checked_folds(experiment.protocol, task.clips)
    starts_of(experiment, task, folds)
    observer.labelled(experiment, task, folds)
    return task, folds


def _labelled(experiment: Experiment) -> LabelledClips:
    from merbench.inputs.apex_spotting import spot

    task = labelled(experiment.sources, experiment.scheme, experiment.apex, spot)
    unseen = [lost.reason for lost in task.left_out if lost.why == "frames"]
    if unseen and experiment.on_error == "stop":
        raise FrameError(
            f"{plural(len(unseen), 'apex')} cannot be spotted: {' '.join(unseen[:3])}{' …' if len(unseen) > 3 else ''} "
            "Repair the files, choose --apex middle, or leave such clips out with --on-error skip."
        )
    noise, spec = experiment.keyframe_noise, experiment.spec
    if noise is not None:
        _require_computed(experiment, task, noise)
    return perturbed(task, flips=spec.label_flips, shift=spec.apex_shift, seed=experiment.seed, noise=noise)


def _require_computed(experiment: Experiment, task: LabelledClips, noise: KeyframeNoise) -> None:
    """Refuse to shift key frames where what the method sees comes with the data, computed from those annotated."""
    declared = {name for each in declared_inputs(experiment.method).arrays if (name := each.precomputed())}
    for name, count in task.precomputed_counts.items():
        if name in declared:
            raise DataError(
                f"keyframe_noise={noise.frames:g} cannot shift the frames that given {name} was computed from, "
                f"that of {count} of {plural(len(task.clips), 'clip')}; leave keyframe_noise out, or give data with "
                "frames."
            )


def _inputs(
    experiment: Experiment, task: LabelledClips, observer: Observer
) -> tuple[LabelledClips, PreparedInputs | None]:
    declared = declared_inputs(experiment.method)
    if not declared and str(experiment.alignment) == AS_DISTRIBUTED:
        return task, None
    from merbench.inputs.alignment.align import align

    # a method that sees nothing is tested on the clips that can be aligned, as all others of the task are
    aligned = align(task.as_clips(), experiment.by_part, experiment.alignment, observer.preparing)
    clips = [clip for clip in task.as_clips() if clip.key not in aligned.failed]
    with ExitStack() as guards:
        for source in experiment.sources:
            guards.enter_context(attributed(source.dataset, "reading frames"))
        tested = [clip for clip in task.as_tested_clips() if clip.key not in aligned.failed]
        prepared = _both_sides(clips, tested, aligned.sources, declared, observer) if declared else (None, {})
    inputs, failed = prepared
    failed = {**aligned.failed, **failed}
    if failed and experiment.on_error == "stop":
        named = " ".join(list(failed.values())[:3])
        raise FrameError(
            f"{len(failed)} of {plural(len(task.clips), 'clip')} lack usable frames: {named}"
            f"{' …' if len(failed) > 3 else ''} Repair the files, or leave such clips out with --on-error skip."
        )
    return dataclasses.replace(
        task.without(failed), notes=(*task.notes, *aligned.notes, *(inputs.notes if inputs else ()))
    ), inputs


def _both_sides(
    trained: Sequence[Clip], tested: Sequence[Clip], sources: Mapping[str, Source], declared: Inputs, observer: Observer
) -> tuple[PreparedInputs, dict[str, str]]:
    """The inputs of clips as they are trained on and, where that differs, as tested; and why some lack them."""
    from merbench.inputs.prepare import beside, prepare_inputs

    inputs, failed = prepare_inputs(trained, sources, declared, observer.preparing)
    if trained == tested:
        return inputs, failed
    as_tested, lost = prepare_inputs(tested, sources, declared, observer.preparing)
    every = {**lost, **failed}
    if every.keys() != failed.keys():
        inputs, _ = prepare_inputs([clip for clip in trained if clip.key not in every], sources, declared)
    if every.keys() != lost.keys():
        as_tested, _ = prepare_inputs([clip for clip in tested if clip.key not in every], sources, declared)
    return beside(inputs, as_tested), every
