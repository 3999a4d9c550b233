"""What a run is to be, in lines printed before it starts."""

from __future__ import annotations

from collections.abc import Sequence

from merbench.analysis.tables import LEAKY, tested, untaught
from merbench.data.task import Task
from merbench.entries.recipe import Training
from merbench.experiments.experiment import Experiment
from merbench.inputs.alignment.spec import AS_DISTRIBUTED
from merbench.protocol import Fold, untrained_classes
from merbench.results.run import protocol_of

#: Clips that are named of those that a line is about; the record has all.
_NAMED = 3


def describe(experiment: Experiment, task: Task, folds: Sequence[Fold]) -> list[str]:
    """What a run will use, line by line."""
    data = " + ".join(experiment.by_dataset) + (" (drawn faces)" if experiment.drawn else "")
    counts = ", ".join(f"{label} {count}" for label, count in task.counts.items())
    protocol = experiment.protocol
    split = protocol_of({"protocol": protocol.name, "protocol_parameters": protocol.parameters.values()})
    states = ", ".join(f"{dataset} {state}" for dataset, state in task.states.items())
    size = f"{len(task.clips)} clips, {len(task.subjects)} subjects, {len(folds)} folds"
    return [
        f"{experiment.method.name} under {split} on {data}, scheme {task.scheme}, labels: {states}",
        f"{size} ({counts}){tested((fold.test for fold in folds), len(task.clips))}",
        *([f"{experiment.protocol.name} is {LEAKY}"] if experiment.protocol.leaky else []),
        *_stand_in_lines(experiment),
        *_training_lines(experiment),
        *([] if str(experiment.alignment) == AS_DISTRIBUTED else [f"alignment {experiment.alignment}"]),
        *left_out_lines(task, ("scheme", "range", "apex")),
        *filter(None, [untaught(untrained_classes(folds, task.clips), len(folds))]),
        *_apex_lines(task),
        *_mended_lines(experiment, task),
        *task.notes,
    ]


def _stand_in_lines(experiment: Experiment) -> list[str]:
    names = tuple(experiment.by_dataset)
    if len(names) < 2 or names != experiment.protocol.stand_ins:
        return []
    return [f"no databases given: {', '.join(names)} are drawn stand-ins; give yours with --data NAME=DIR, one each"]


def _training_lines(experiment: Experiment) -> list[str]:
    numerics, training = experiment.numerics, experiment.training
    if training is None or numerics is None:
        return [f"seed {experiment.seed}"]
    changed = ", ".join(f"{key}={value}" for key, value in experiment.changed.items())
    compiled = ", compiled" if numerics.compiled else ""
    return [
        f"recipe {experiment.recipe}{f' with {changed}' if changed else ''} ({experiment.recipe_source})",
        f"{training.epochs} epochs, batch {training.batch}, {training.optimiser}, {_rate(training)}",
        f"{numerics.device} ({numerics.device_name}), {numerics.precision}, {numerics.threads} threads{compiled}",
        f"seed {experiment.seed}, rules {', '.join(experiment.rules)}",
    ]


def _rate(training: Training) -> str:
    decay = f", weight decay {training.weight_decay:g}" if training.weight_decay else ""
    return f"learning rate {training.learning_rate:g} ({training.schedule}){decay}"


def left_out_lines(task: Task, whys: Sequence[str]) -> list[str]:
    """How many clips are left out for each of those reasons, and which, in a line each."""
    lines = []
    for why in whys:
        lost = [left_out for left_out in task.left_out if left_out.why == why]
        if lost:
            reasons = sorted({left_out.reason for left_out in lost})
            lines.append(f"left out for their {why}: {len(lost)} clips ({'; '.join(reasons[:3])})")
    return lines


def _apex_lines(task: Task) -> list[str]:
    if not task.apexes:
        return []
    taken = "spotted by motion" if task.apex_policy == "spot" else "middle frame taken"
    named = ", ".join(task.apexes[:_NAMED]) + (f" and {more} more" if (more := len(task.apexes) - _NAMED) > 0 else "")
    told = f"no usable annotated apex in {len(task.apexes)} of {len(task.clips)} clips, {taken}"
    return [f"{told} (--apex {task.apex_policy}): {named}"]


def _mended_lines(experiment: Experiment, task: Task) -> list[str]:
    if not task.mended:
        return []
    named = "; ".join(task.mended[:_NAMED]) + ("; …" if task.mended[_NAMED:] else "")
    return [f"{len(task.mended)} cells mended (--mends {experiment.mends}): {named}"]
