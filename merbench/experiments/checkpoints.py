"""Keeps the weights of a run's networks, fold by fold, each beside the outcome that it gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from merbench.errors import StoreError, UsageError
from merbench.experiments.evaluate import Trial
from merbench.method import Method, NetworkMethod
from merbench.results import weights
from merbench.results.fold_result import Outcome
from merbench.results.store import Store

if TYPE_CHECKING:
    from torch import nn


def require_weights(method: Method) -> NetworkMethod:
    """The method itself, if it is a network.

    Raises:
        UsageError: for any other, which has no weights.
    """
    if not isinstance(method, NetworkMethod):
        raise UsageError(f"{method.name} has no weights: it is no network. `merbench list` shows the families.")
    return method


class WeightKeeper:
    """Takes the networks of outer trainings, and writes their weights when the outcome is known."""

    def __init__(self, method: Method, store: Store) -> None:
        self.method, self.store = require_weights(method), store
        self._networks: dict[str, nn.Module] = {}

    def has(self, trial: Trial) -> bool:
        """Whether nothing is lacking: inner trainings leave no weights."""
        return trial.kind != "outer" or self.store.weights(trial.fold).is_file()

    def take(self, trial: Trial, network: nn.Module) -> None:
        """Hold the network of a training until its outcome comes."""
        if trial.kind == "outer":
            self._networks[trial.fold] = network

    def keep(self, outcome: Outcome) -> None:
        """Write the weights of the outcome's fold.

        Raises:
            StoreError: if the fold was done before and gives other probabilities now.
        """
        if outcome.kind != "outer":
            return
        fold, network = outcome.fold, self._networks.pop(outcome.fold)
        if self.store.has("outer", fold) and not same_outcome(self.store.read("outer", fold), outcome):
            raise StoreError(
                f"{self.store.path}: fold {fold}, trained again for its weights, gives other probabilities than it "
                "gave before; its weights would not be those of the run. Start anew with --out."
            )
        told = weights.about(self.store.read_manifest(), fold)
        self.store.write_weights(fold, weights.packed(self.method, network, told))


def same_outcome(one: Outcome, other: Outcome) -> bool:
    """Whether two trainings of a fold gave the same: every bit, as is promised for equal numerics."""
    return one.keys == other.keys and np.array_equal(one.probabilities, other.probabilities)
