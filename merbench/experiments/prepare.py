"""An experiment made ready: clips labelled, folds audited, inputs prepared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from merbench.data.labelled_clips import LabelledClips
from merbench.data.labelling import labelled
from merbench.data.perturbation import perturbed
from merbench.entries.attribution import attributed
from merbench.errors import FrameError
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

    def seen(self, fold_run: FoldRun) -> tuple[Seen, ...]:
        """The subjects that a training sees, and those that the network which it starts from has seen."""
        subjects = self.task.clips["subject"].to_numpy()[fold_run.train]
        return (Seen(subjects=tuple(sorted(set(subjects)))), *self.starts.seen.get(fold_run.fold, ()))


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
    return perturbed(task, flips=experiment.spec.label_flips, shift=experiment.spec.apex_shift, seed=experiment.seed)


def _inputs(
    experiment: Experiment, task: LabelledClips, observer: Observer
) -> tuple[LabelledClips, PreparedInputs | None]:
    declared = declared_inputs(experiment.method)
    if not declared and str(experiment.alignment) == AS_DISTRIBUTED:
        return task, None
    from merbench.inputs.alignment.align import align
    from merbench.inputs.prepare import prepare_inputs

    # a method that sees nothing is tested on the clips that can be aligned, as all others of the task are
    aligned = align(task.as_clips(), experiment.by_part, experiment.alignment, observer.preparing)
    clips = [clip for clip in task.as_clips() if clip.key not in aligned.failed]
    with ExitStack() as guards:
        for source in experiment.sources:
            guards.enter_context(attributed(source.dataset, "reading frames"))
        prepared = prepare_inputs(clips, aligned.sources, declared, observer.preparing) if declared else (None, {})
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
