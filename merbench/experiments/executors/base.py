"""The contract of an executor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: How often work whose worker died is given to another: a choice; it may be the work that kills it.
RETRIES = 3


class Executor(ABC):
    """Carries out pieces of work that are named by a function of `merbench.experiments.executors.worker` and told in plain data."""

    workers: int

    @abstractmethod
    def results(self, work: str, payloads: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
        """What each piece of work gave, as soon as it is done, in any order.

        Raises:
            TrainingError: if the workers of one piece died again and again.
        """
