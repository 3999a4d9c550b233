"""Samplers and pruners by name."""

from __future__ import annotations

import hashlib
import importlib.util
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import optuna
from optuna.samplers import BaseSampler

from merbench.errors import UnknownName, UsageError
from merbench.spec import PrunerName, SamplerName

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.pruners import BasePruner
    from optuna.study import Study
    from optuna.trial import FrozenTrial, TrialState

Make: TypeAlias = Callable[[int], BaseSampler]

#: The place of a trial among those that were asked for; a trial that is done again keeps it.
SLOT = "slot"
SAMPLERS: tuple[SamplerName, ...] = get_args(SamplerName)
PRUNERS: tuple[PrunerName, ...] = get_args(PrunerName)
#: With fewer inner folds the one-sided test cannot fall below its threshold of 0.1: 1 / 2**3 is more.
WILCOXON_INNER = 5


@contextmanager
def quiet() -> Iterator[None]:
    """A block without Optuna's own lines, and without its notes on what is experimental."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            warnings.filterwarnings("ignore", module="optuna")
            yield
    finally:
        optuna.logging.set_verbosity(level)


def require_names(sampler: str, pruner: str, inner: int) -> None:
    """Nothing, if a sampler and a pruner exist and suit so many inner folds.

    Raises:
        UnknownName: for one that does not exist.
        UsageError: for one that cannot be used.
    """
    if sampler not in SAMPLERS:
        raise UnknownName("sampler", sampler, SAMPLERS)
    if pruner not in PRUNERS:
        raise UnknownName("pruner", pruner, PRUNERS)
    if sampler == "cmaes" and importlib.util.find_spec("cmaes") is None:
        raise UsageError("--sampler cmaes needs a package that is not installed: pip install cmaes.")
    if pruner == "wilcoxon" and inner < WILCOXON_INNER:
        raise UsageError(
            f"--pruner wilcoxon with --inner {inner} could never stop a trial: of so few folds no p is below 0.1; "
            f"take --inner {WILCOXON_INNER} or more."
        )


def make_sampler(name: str, seed: int, startup: int = 10) -> BaseSampler:
    """A sampler of that name; draws come from `seed`. The first `startup` trials of `tpe` and `gp` are random."""
    with quiet():
        if name == "tpe":  # grouped: parameters that are searched only beside certain others have a model of their own
            return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, n_startup_trials=startup)
        if name == "gp":
            return optuna.samplers.GPSampler(seed=seed, deterministic_objective=True, n_startup_trials=startup)
        if name == "cmaes":
            return optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
        return optuna.samplers.RandomSampler(seed=seed)


def make_pruner(name: str, epochs: int) -> BasePruner:
    """A pruner of that name, for trials of so many epochs."""
    with quiet():
        if name == "wilcoxon":
            return optuna.pruners.WilcoxonPruner(p_threshold=0.1)
        if name == "hyperband":
            return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=max(epochs, 1), reduction_factor=3)
        if name == "median":
            return optuna.pruners.MedianPruner(n_startup_trials=5)
        return optuna.pruners.NopPruner()


def slot_seed(seed: int, study: str, slot: int) -> int:
    """The seed of the sampler of one trial: it depends on run, study and slot, not on the process or on a resume."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{study}\0{slot}".encode()).digest()[:4], "little")


class ResumableSampler(BaseSampler):
    """A sampler that is created anew for each trial, seeded by the trial's slot.

    What a trial draws depends on that seed and on the trials that are finished when it begins. `random` looks at no
    other trial: each slot draws the same values however often the study is interrupted, and with any number of workers.
    `tpe`, `gp` and `cmaes` learn from finished trials: a study draws what it would have drawn uninterrupted as long as
    each trial meets the same finished trials in the same order. A trial that was interrupted is carried out again after
    those that were waiting already, with the values that it had drawn if its worker died; those in between are drawn
    without its result. A completed trial is never drawn or trained again.
    """

    def __init__(self, make: Make) -> None:
        self._make = make
        self._inner = make(0)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Make the sampler of the trial."""
        self._inner = self._make(int(trial.user_attrs.get(SLOT, 0)))
        self._inner.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """As the sampler has it."""
        return self._inner.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """As the sampler has it."""
        return self._inner.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """As the sampler has it."""
        return self._inner.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """As the sampler has it."""
        self._inner.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """Nothing: every trial has its seed."""
