"""What trains the folds of a run: this process or an executor's workers, with one set of parameters or tuned ones."""

from __future__ import annotations

from merbench.experiments.execute import Trainer
from merbench.experiments.executors.base import Executor
from merbench.experiments.executors.folds import SpreadTrainer
from merbench.experiments.executors.request import Request
from merbench.experiments.prepare import Prepared
from merbench.tuning.tuned_file import Tuned


def trainer_of(
    asked: Request, prepared: Prepared, tuned: Tuned | None = None, executor: Executor | None = None
) -> tuple[Prepared, Trainer | None]:
    """The experiment with what was chosen for it, and what trains its folds; None for the usual way, here.

    Raises:
        UsageError: if the tuned parameters do not suit the experiment.
    """
    if tuned is None:
        return prepared, None if executor is None else SpreadTrainer(executor, asked)
    from merbench.tuning.params_file import with_tuned
    from merbench.tuning.tuned_training import TunedTrainer

    prepared, assigned = with_tuned(prepared, tuned)
    if executor is None:
        return prepared, TunedTrainer(assigned.by_fold)
    return prepared, SpreadTrainer(executor, asked, assigned.by_fold)
