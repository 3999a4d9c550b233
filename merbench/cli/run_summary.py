"""What a run is to be, in lines printed before it starts."""

from __future__ import annotations

from collections.abc import Sequence

from merbench.analysis.table import LEAKY
from merbench.analysis.tables import tested, untrained_sentence
from merbench.data.labelled_clips import LabelledClips
from merbench.entries.recipe import Training
from merbench.experiments.experiment import Experiment
from merbench.inputs.alignment.spec import AS_DISTRIBUTED
from merbench.plural import plural
from merbench.protocol import Fold, untrained_classes
from merbench.results.description import protocol_label

#: Clips that are named of those that a line is about; the record has all.
_NAMED = 3


def describe(experiment: Experiment, task: LabelledClips, folds: Sequence[Fold]) -> list[str]:
    """What a run will use, line by line."""
    data = " + ".join(experiment.by_dataset) + (" (synthetic faces)" if experiment.synthetic else "")
    counts = ", ".join(f"{label} {count}" for label, count in task.counts.items())
    protocol = experiment.protocol
    split = protocol_label(protocol.name, protocol.parameters.values())
    states = ", ".join(f"{dataset} {state}" for dataset, state in task.states.items())
    size = f"{plural(len(task.clips), 'clip')}, {plural(len(task.subjects), 'subject')}, {plural(len(folds), 'fold')}"
    return [
        f"{experiment.method.name} under {split} on {data}, scheme {task.scheme}, labels: {states}",
        f"{size} ({counts}){tested((fold.test for fold in folds), len(task.clips))}",
        *([f"{experiment.protocol.name} is {LEAKY}"] if experiment.protocol.leaky else []),
        *_synthetic_lines(experiment),
        *_training_lines(experiment),
        *([] if str(experiment.alignment) == AS_DISTRIBUTED else [f"alignment {experiment.alignment}"]),
        *left_out_lines(task, ("scheme", "range", "apex")),
        *filter(
            None,
            [untrained_sentence(untrained_classes(folds, task.clips, task.kind.parts), len(folds), task.kind.lowered)],
        ),
        *_apex_lines(task),
        *_correction_lines(experiment, task),
        *task.notes,
    ]


def _synthetic_lines(experiment: Experiment) -> list[str]:
    names = tuple(experiment.by_dataset)
    if len(names) < 2 or names != experiment.protocol.synthetic_datasets:
        return []
    return [f"no databases given: {', '.join(names)} are synthetic datasets; give yours with --data NAME=DIR, one each"]


def _training_lines(experiment: Experiment) -> list[str]:
    numerics, training = experiment.numerics, experiment.training
    if training is None or numerics is None:
        return [f"seed {experiment.seed}"]
    changed = ", ".join(f"{key}={value}" for key, value in experiment.changed.items())
    compiled = (", compiled" if numerics.compile else "") + (", contiguous" if numerics.channels_last is False else "")
    compiled += "" if numerics.deterministic else ", not deterministic"
    return [
        f"recipe {experiment.recipe}{f' with {changed}' if changed else ''} ({experiment.recipe_source})",
        f"{plural(training.epochs, 'epoch')}, batch {training.batch}, {training.optimiser}, {_rate(training)}",
        training.clip_order,
        (
            f"{numerics.device} ({numerics.device_name}), {numerics.precision}, "
            f"{plural(numerics.threads, 'thread')}{compiled}"
        ),
        f"seed {experiment.seed}, rules {', '.join(experiment.rules)}",
    ]


def _rate(training: Training) -> str:
    decay = f", weight decay {training.weight_decay:g}" if training.weight_decay else ""
    return f"learning rate {training.learning_rate:g} ({training.schedule}){decay}"


def left_out_lines(task: LabelledClips, whys: Sequence[str]) -> list[str]:
    """How many clips are left out for each of those reasons, and which, in a line each."""
    lines = []
    for why in whys:
        lost = [left_out for left_out in task.left_out if left_out.why == why]
        if lost:
            reasons = sorted({left_out.reason for left_out in lost})
            lines.append(f"left out for their {why}: {plural(len(lost), 'clip')} ({'; '.join(reasons[:3])})")
    return lines


def _apex_lines(task: LabelledClips) -> list[str]:
    if not task.apexes:
        return []
    taken = "spotted by motion" if task.apex_policy == "spot" else "middle frame taken"
    named = ", ".join(task.apexes[:_NAMED]) + (f" and {more} more" if (more := len(task.apexes) - _NAMED) > 0 else "")
    summary = f"no usable annotated apex in {len(task.apexes)} of {plural(len(task.clips), 'clip')}, {taken}"
    return [f"{summary} (--apex {task.apex_policy}): {named}"]


def _correction_lines(experiment: Experiment, task: LabelledClips) -> list[str]:
    if not task.corrected:
        return []
    named = "; ".join(task.corrected[:_NAMED]) + ("; …" if task.corrected[_NAMED:] else "")
    return [f"{plural(len(task.corrected), 'cell')} corrected (--corrections {experiment.corrections}): {named}"]
