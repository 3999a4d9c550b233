"""How a method is tuned: budgets, sampler, pruner, inner folds, and where studies are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from merbench.errors import UsageError
from merbench.tuning.samplers import require_names

Kind = Literal["nested", "flat"]
#: Raised whenever the same studies would choose other parameters than before.
TUNING_REVISION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
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
            ("trials", self.trials, 1), ("time", self.seconds, 1), ("epochs", self.epochs, 1), ("inner", self.inner, 2),
            ("heartbeat", self.heartbeat, 1),
        ):  # fmt: skip
            if value is not None and value < least:
                raise UsageError(f"--{name} {value:g} is not possible: it must be at least {least}.")
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
