"""The contract of an executor."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from merbench.experiments.executors.request import Request

#: How often a payload whose worker died is given to another; chosen here: it may be the payload that kills it.
RETRIES = 3


class Payload(Protocol):
    """What a job is called with: a record that can be pickled, with the request for its experiment."""

    @property
    def request(self) -> Request:
        """The experiment as names, plain values and plugin source."""


class Executor(ABC):
    """Calls a job, a function named ``package.module:function``, with payloads in other processes."""

    workers: int

    @abstractmethod
    def results(self, job: str, payloads: Sequence[Payload]) -> Iterator[Any]:
        """What the job returns for each payload, as soon as it is done, in any order.

        Raises:
            TrainingError: if the workers of one payload died again and again.
        """


def job_named(name: str) -> Callable[[Any], Any]:
    """The function of a dotted name such as ``merbench.experiments.executors.worker:train``."""
    module, _, function = name.partition(":")
    job: Callable[[Any], Any] = getattr(importlib.import_module(module), function)
    return job
