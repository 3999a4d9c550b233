"""Which epoch counts. `last` and `inner` never look at held-out labels; `oracle` does, and is never ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from merbench.errors import UsageError
from merbench.metrics import pooled_uf1

Rule = Literal["last", "inner", "oracle"]
RULES: tuple[Rule, ...] = ("last", "inner", "oracle")
RANKED: tuple[Rule, ...] = ("last", "inner")
#: Every how-manieth training subject is kept back for the `inner` rule.
INNER_EVERY = 5
Probabilities = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """What the further training of the `inner` rule gave: probabilities `(epoch clip class)` and truth `(clip)`."""

    probabilities: Probabilities
    truth: Labels


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules that a comma-separated list names.

    Raises:
        UsageError: for a rule that does not exist.
    """
    named = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [name for name in named if name not in RULES]
    if unknown or not named:
        raise UsageError(f"rules={text} is not possible: name some of {', '.join(RULES)}, separated by commas.")
    return tuple(rule for rule in RULES if rule in named)


def inner_subjects(subjects: Sequence[str]) -> tuple[str, ...]:
    """The training subjects that `inner` keeps back: every fifth in sorted order; of fewer, the last one."""
    ordered = sorted(set(subjects))
    return tuple(ordered[INNER_EVERY - 1 :: INNER_EVERY]) or tuple(ordered[-1:])


def last_epoch(probabilities: Probabilities) -> int:
    """The last epoch of `(epoch clip class)`."""
    return len(probabilities) - 1


def oracle_epoch(probabilities: Probabilities, truth: Labels) -> int:
    """The epoch of the highest accuracy on the held-out clips themselves, ties to the earliest.

    This is what most released code of the field does; it needs the held-out labels, and so measures optimism only.
    """
    hits = (probabilities.argmax(axis=2) == truth).sum(axis=1)
    return int(hits.argmax())


def inner_epoch(inner: Inner) -> int:
    """The epoch of the highest pooled UF1 on the kept-back subjects; ties by log loss, then to the earlier."""
    classes = inner.probabilities.shape[2]
    uf1 = [pooled_uf1(inner.truth, epoch.argmax(axis=1), classes) for epoch in inner.probabilities]
    loss = [log_loss(epoch, inner.truth) for epoch in inner.probabilities]
    return min(range(len(uf1)), key=lambda epoch: (-uf1[epoch], loss[epoch], epoch))


def log_loss(probabilities: npt.NDArray[np.float32], truth: Labels) -> float:
    """The mean negative log probability `(clip class)` of the true classes `(clip)`, floored at 1e-7."""
    chosen = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return float(-np.log(np.maximum(chosen, 1e-7)).mean())
