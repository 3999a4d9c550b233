"""What a record says of its run beside the outcomes: what it is, what of, by what code, on what machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from merbench.experiments.experiment import Experiment, group_of, origins_as_dict
from merbench.experiments.prepare import Prepared
from merbench.parts import grouped
from merbench.protocol import untrained_classes, untrained_subjects
from merbench.results.provenance import code, environment
from merbench.results.store import FORMAT

if TYPE_CHECKING:
    from merbench.training.numerics import Numerics


def manifest_of(prepared: Prepared, description: dict[str, Any], identity: str) -> dict[str, Any]:
    """The manifest of a prepared experiment, as plain data."""
    experiment, task = prepared.experiment, prepared.task
    numerics: Numerics | None = experiment.numerics
    return {
        "format": FORMAT,
        "identity": identity,
        "group": group_of(description),
        "description": description,
        "recipe": {"name": experiment.recipe, "source": experiment.recipe_source},
        "settings": _settings(experiment),
        "rules": list(experiment.rules),
        "drawn": experiment.drawn,
        "family": experiment.method.family,
        "title": experiment.method.title,
        # of tuned folds each may have its own
        "parameter_count": None if experiment.tuned else experiment.method.parameter_count(len(task.classes)),
        "clips": len(task.clips),
        "subjects": len(task.subjects),
        "counts": task.counts,
        "states": dict(task.states),
        "apex_policy": task.apex_policy,
        "apexes_not_annotated": list(task.apexes),
        "mends": experiment.mends,
        "mended": list(task.mended),
        "left_out": [asdict(lost) for lost in task.left_out],
        "notes": list(task.notes),
        "untrained_classes": {name: list(lost) for name, lost in untrained_classes(prepared.folds, task.clips).items()},
        "folds": [fold.name for fold in prepared.folds],
        "leaky": experiment.protocol.leaky,
        "averaged": experiment.protocol.averaged,
        "untrained_subjects": untrained_subjects(prepared.folds, task.clips),
        "every_clip_once": experiment.protocol.every_clip_once,
        "parts": grouped(experiment.protocol.parts(task.clips)),
        "parts_note": experiment.protocol.parts_note,
        "frames": dict(prepared.frames_fingerprint),
        "numerics": None if numerics is None else asdict(numerics),
        "environment": environment(),
        "code": code(),
        "origins": origins_as_dict(experiment.origins()),
        **({"tuned": experiment.tuned} if experiment.tuned else {}),
    }


def _settings(experiment: Experiment) -> dict[str, str]:
    described = experiment.method.parameters.described()
    files = {declared.name for declared in experiment.method.parameters.declared() if declared.is_file}
    return {k: str(described[k] if k in files else value) for k, value in experiment.changed.items()}
