"""How a method is tuned: budgets, sampler, pruner, inner folds, and where studies are kept."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from merbench.errors import UsageError
from merbench.tuning.samplers import require_names

if TYPE_CHECKING:
    from merbench.training.numerics import Numerics

Kind = Literal["nested", "flat"]
#: Raised whenever the same studies would choose other parameters than before.
TUNING_REVISION = 1
#: They stop a trial between inner folds, which must be trained one after the other for that to spare anything.
BETWEEN_FOLDS = ("wilcoxon", "median")


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningConfig:
    """Trials a study, and at most so many `seconds` or `epochs` of training a study; `all_subjects` adds a last study.

    `heartbeat` is in seconds: of a worker that leaves out four, the trial is done again.
    """

    kind: Kind = "nested"
    trials: int = 40
    seconds: float | None = None
    epochs: int | None = None
    sampler: str = "tpe"
    pruner: str = "none"
    inner: int = 3
    all_subjects: bool = True
    storage: str = "sqlite"
    heartbeat: int = 15

    def __post_init__(self) -> None:
        for name, value, least in (
            ("trials", self.trials, 1), ("epochs", self.epochs, 1), ("inner", self.inner, 2),
            ("heartbeat", self.heartbeat, 1),
        ):  # fmt: skip
            if value is not None and value < least:
                raise UsageError(f"--{name} {value:g} is not possible: it must be at least {least}.")
        if self.seconds is not None and not self.seconds >= 1:
            raise UsageError(
                f"--time {self.seconds / 60:g} is not possible: it is in minutes and must be at least 0.02 (a second)."
            )
        require_names(self.sampler, self.pruner, self.inner)

    def described(self, space: dict[str, Any]) -> dict[str, Any]:
        """What of it defines the chosen parameters, as plain data; storage and heartbeat are not part of it."""
        import optuna

        return {
            "kind": self.kind,
            "trials": self.trials,
            "seconds": self.seconds,
            "epochs": self.epochs,
            "sampler": self.sampler,
            "pruner": self.pruner,
            "inner": self.inner,
            "space": space,
            "optuna": optuna.__version__,
            "revision": TUNING_REVISION,
        }


def with_parallel_folds(numerics: Numerics | None, config: TuningConfig) -> Numerics | None:
    """The numerics with a number of parallel inner folds, where that was left open.

    On a GPU all inner folds, fewer where memory does not suffice. One at a time on a CPU, whose cores trials share with
    `--executor processes`, and where the pruner decides between folds.
    """
    if numerics is None or numerics.parallel_folds:
        return numerics
    parallel = numerics.parallelism == "vmapped" and config.pruner not in BETWEEN_FOLDS
    return dataclasses.replace(numerics, parallel_folds=config.inner if parallel else 1)
