"""Keeps the weights of a run's networks, fold by fold, each beside the outcome that it gave."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from merbench.errors import StoreError, UsageError
from merbench.experiments.fold_runs import FoldRun
from merbench.method import Method, NetworkMethod
from merbench.results import weights
from merbench.results.fold_result import FoldResult
from merbench.results.seen import Seen
from merbench.results.store import Store

if TYPE_CHECKING:
    from torch import nn


def require_weights(method: Method) -> NetworkMethod:
    """The method itself, if it is a network.

    Raises:
        UsageError: for any other, which has no weights.
    """
    if not isinstance(method, NetworkMethod):
        raise UsageError(
            f"{method.name} has no weights: it is no network. Choose a network, or a run of one; merbench list methods "
            "shows the families."
        )
    return method


class WeightKeeper:
    """Takes the networks of outer trainings, and writes their weights when the outcome is known.

    `seen` says of a training which subjects its network saw.
    """

    def __init__(self, method: Method, store: Store, seen: Callable[[FoldRun], tuple[Seen, ...]]) -> None:
        self.method, self.store, self.seen = require_weights(method), store, seen
        self._networks: dict[str, tuple[nn.Module, tuple[Seen, ...]]] = {}

    def has(self, fold_run: FoldRun) -> bool:
        """Whether nothing is lacking: inner trainings leave no weights."""
        return fold_run.kind != "outer" or self.store.weights(fold_run.fold).is_file()

    def take(self, fold_run: FoldRun, network: nn.Module) -> None:
        """Hold the network of a training until its outcome comes."""
        if fold_run.kind == "outer":
            self._networks[fold_run.fold] = network, self.seen(fold_run)

    def keep(self, outcome: FoldResult) -> None:
        """Write the weights of the outcome's fold.

        Raises:
            StoreError: if the fold was done before and gives other probabilities now.
        """
        if outcome.kind != "outer":
            return
        fold = outcome.fold
        network, seen = self._networks.pop(fold)
        if self.store.has("outer", fold) and not same_outcome(self.store.read("outer", fold), outcome):
            raise StoreError(
                f"{self.store.path}: fold {fold}, trained again for its weights, gives other probabilities than it "
                "gave before; its weights would not be those of the run. Start anew with --out."
            )
        facts = weights.facts_of(self.store.read_header(), fold, seen)
        self.store.write_weights(fold, weights.packed(self.method, network, facts))


def same_outcome(one: FoldResult, other: FoldResult) -> bool:
    """Whether two trainings of a fold gave the same: every bit, as is promised for equal numerics."""
    return one.keys == other.keys and np.array_equal(one.probabilities, other.probabilities)
