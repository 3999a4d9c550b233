"""What a record says of its run beside the results of folds: what it is, what of, by what code, on what machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from merbench.experiments.experiment import Experiment
from merbench.experiments.prepare import Prepared
from merbench.method import NetworkMethod
from merbench.metrics import keys_by_subset
from merbench.protocol import checked_subsets, untrained_classes, untrained_subjects
from merbench.results.header import (
    FORMAT,
    CodeRecord,
    EnvironmentRecord,
    LeftOutRecord,
    NumericsRecord,
    OriginRecord,
    RecipeRecord,
    RunHeader,
)
from merbench.results.provenance import code, environment
from merbench.results.weights import nameless


def header_of(prepared: Prepared) -> RunHeader:
    """The header of the record of a prepared experiment."""
    experiment, task, protocol = prepared.experiment, prepared.task, prepared.experiment.protocol
    description = experiment.description(task)
    header = RunHeader(
        format=FORMAT,
        identity=description.identity,
        group=description.group,
        description=description,
        spec=experiment.spec.recorded(tuple(_files(experiment))),
        recipe=RecipeRecord(name=experiment.recipe, source=experiment.recipe_source),
        settings=_settings(experiment),
        rules=experiment.rules,
        synthetic=experiment.synthetic,
        family=experiment.method.family,
        title=experiment.method.title,
        # of tuned folds each may have its own
        parameter_count=None if experiment.tuned else _parameter_count(experiment, task.classes),
        clips=len(task.clips),
        subjects=len(task.subjects),
        counts=task.counts,
        states=dict(task.states),
        apex_policy=task.apex_policy,
        apexes_not_annotated=task.apexes,
        corrections=experiment.corrections,
        corrected=task.corrected,
        left_out=tuple(LeftOutRecord(**asdict(clip)) for clip in task.left_out),
        notes=task.notes,
        untrained_classes={
            name: tuple(lost) for name, lost in untrained_classes(prepared.folds, task.clips, task.kind.parts).items()
        },
        folds=tuple(fold.name for fold in prepared.folds),
        leaky=protocol.leaky,
        averaged=protocol.averaged,
        untrained_subjects={
            name: tuple(subjects) for name, subjects in untrained_subjects(prepared.folds, task.clips).items()
        },
        every_clip_once=protocol.every_clip_once,
        subsets={name: tuple(keys) for name, keys in keys_by_subset(checked_subsets(protocol, task.clips)).items()},
        subsets_note=protocol.subsets_note,
        frames=dict(prepared.frames_fingerprint),
        numerics=None if experiment.numerics is None else NumericsRecord.of(experiment.numerics),
        environment=EnvironmentRecord(**environment()),
        code=CodeRecord(**code(experiment.plugin_files)),
        origins=_origins(experiment),
    )
    return header.updated(tuned=experiment.tuned) if experiment.tuned else header


def _parameter_count(experiment: Experiment, classes: Sequence[str]) -> int | None:
    method, training = experiment.method, experiment.training
    if training is None or not training.frozen or not isinstance(method, NetworkMethod):
        return method.parameter_count(len(classes))
    from merbench.training.fine_tuning import trained_count

    return trained_count(method, training, nameless(classes))


def _files(experiment: Experiment) -> set[str]:
    return {declared.name for declared in experiment.method.parameters.declared() if declared.is_file}


def _settings(experiment: Experiment) -> dict[str, str]:
    described = experiment.method.parameters.described()
    files = _files(experiment)
    return {k: str(described[k] if k in files else value) for k, value in experiment.changed.items()}


def _origins(experiment: Experiment) -> dict[str, OriginRecord]:
    # names of files, never folders of this machine
    return {
        name: OriginRecord(**{**asdict(origin), "place": Path(origin.place).name})
        for name, origin in experiment.origins().items()
    }
