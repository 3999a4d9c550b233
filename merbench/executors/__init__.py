"""Who trains: this process, worker processes, or a Ray cluster; all are told names and parameters, never objects."""

from merbench.executors.choice import EXECUTORS, executor_of
from merbench.executors.executor import Executor

__all__ = ["EXECUTORS", "Executor", "executor_of"]
