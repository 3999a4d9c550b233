"""Who trains: this process, worker processes, or a Ray cluster; all are sent names and parameters, never objects."""

from merbench.experiments.executors.base import Executor
from merbench.experiments.executors.select import EXECUTORS, executor_of

__all__ = ["EXECUTORS", "Executor", "executor_of"]
