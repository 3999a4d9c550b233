"""How long a tuning will take: the trainings of all trials, and those of the folds afterwards."""

from __future__ import annotations

import dataclasses

from merbench.experiments.dry_run import Checked
from merbench.experiments.duration import ExpectedDuration
from merbench.tuning.config import TuningConfig
from merbench.tuning.inner_folds import inner_folds, restricted_task
from merbench.tuning.problem import studies_over


def expected_tuning(checked: Checked, config: TuningConfig) -> ExpectedDuration | None:
    """The duration of all trials and of the final trainings; None for a method that is no network.

    Steps take what those of a run were measured to take. Epochs and batches are the recipe's, whatever is searched,
    and no trial is stopped early.
    """
    duration, prepared = checked.duration, checked.prepared
    training = prepared.experiment.training
    if duration is None or training is None:
        return None
    from merbench.training.sampling import epoch_shape
    from merbench.training.step_time import full_steps

    trainings, steps = 0, 0.0
    for keys in studies_over(config, prepared.task, prepared.folds).values():
        task = restricted_task(prepared.task, keys)
        labels = task.labels()
        splits = inner_folds(task, config.inner, prepared.experiment.seed)
        trainings += config.trials * len(splits)
        steps += config.trials * sum(full_steps(epoch_shape(training, labels[train])) for train, _ in splits)
    return dataclasses.replace(
        duration,
        trainings=duration.trainings + trainings,
        steps=duration.steps + training.epochs * steps,
    )
