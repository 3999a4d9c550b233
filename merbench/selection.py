"""Which epoch counts. `last` and `inner` never look at held-out labels; `oracle` does, and is never ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from merbench.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.kind_names import KindName
    from merbench.task_kinds.thresholds import Thresholds

Rule = Literal["last", "inner", "oracle"]
#: What units are predicted above: 0.5, or thresholds chosen on the training subjects that `inner` keeps back.
ThresholdsName = Literal["0.5", "inner"]
RULES: tuple[Rule, ...] = ("last", "inner", "oracle")
RANKED: tuple[Rule, ...] = ("last", "inner")
#: Every how-manieth training subject is kept back for the `inner` rule.
INNER_EVERY = 5
Probabilities: TypeAlias = "npt.NDArray[np.float32]"
Labels: TypeAlias = "npt.NDArray[np.int64]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """What the further training of the `inner` rule gave: probabilities `(epoch clip class)` and truth `(clip ...)`."""

    probabilities: Probabilities
    truth: Labels
    kind: KindName = "single-label"


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


def inner_kinds(splits: int) -> tuple[str, ...]:
    """The kinds of the further trainings of `inner`, one a split of the training subjects.

    >>> inner_kinds(3)
    ('inner', 'inner-2', 'inner-3')
    """
    return ("inner", *(f"inner-{split}" for split in range(2, splits + 1)))


def inner_subjects(subjects: Sequence[str], generator: np.random.Generator | None = None) -> tuple[str, ...]:
    """The training subjects that `inner` keeps back: every fifth in sorted order; of fewer, the last one.

    With a generator, as many at random: the further splits.
    """
    ordered = sorted(set(subjects))
    kept = tuple(ordered[INNER_EVERY - 1 :: INNER_EVERY]) or tuple(ordered[-1:])
    if generator is None:
        return kept
    return tuple(sorted(map(str, generator.choice(ordered, len(kept), replace=False))))


def last_epoch(probabilities: Probabilities) -> int:
    """The last epoch of `(epoch clip class)`."""
    return len(probabilities) - 1


def oracle_epoch(
    probabilities: Probabilities, truth: Labels, kind: KindName = "single-label", thresholds: Thresholds | None = None
) -> int:
    """The epoch of the best predictions of the held-out clips themselves, ties to the earliest.

    `thresholds` are those of each epoch, `(epoch unit)`, if they are not 0.5.

    Best is the highest accuracy, or, of multi-label tasks, the highest mean F1 of the fold. This is what most released
    code of the field does; it needs the held-out labels, and so measures optimism only.
    """
    from merbench.task_kinds import kind_named

    judge, above = kind_named(kind), _by_epoch(thresholds, len(probabilities))
    scores = [judge.fold_score(truth, judge.predicted(*epoch)) for epoch in zip(probabilities, above, strict=True)]
    return scores.index(max(scores))


def inner_thresholds(*splits: Inner) -> Thresholds:
    """The thresholds `(epoch unit)` of the highest F1 of each unit, after each epoch, on the kept-back subjects alone.

    Of several splits, on the clips of all.
    """
    import numpy as np

    from merbench.task_kinds.thresholds import best_thresholds

    probabilities = np.concatenate([split.probabilities for split in splits], axis=1)
    return best_thresholds(probabilities, np.concatenate([split.truth for split in splits]))


def inner_epoch(*splits: Inner, thresholds: Thresholds | None = None) -> int:
    """The epoch of the highest pooled score on the kept-back subjects; ties by log loss, then to the earlier.

    The score is UF1, or mean F1 of multi-label tasks.
    Of several splits both are means over them. `thresholds` are those of each epoch, `(epoch unit)`, if not 0.5.
    """
    scores, loss = zip(*(_judged(split, thresholds) for split in splits), strict=True)
    means = [
        (sum(values) / len(splits), sum(losses) / len(splits))
        for values, losses in zip(zip(*scores, strict=True), zip(*loss, strict=True), strict=True)
    ]
    return min(range(len(means)), key=lambda epoch: (-means[epoch][0], means[epoch][1], epoch))


def _by_epoch(thresholds: Thresholds | None, epochs: int) -> Sequence[Thresholds | None]:
    return [None] * epochs if thresholds is None else list(thresholds)


def _judged(inner: Inner, thresholds: Thresholds | None) -> tuple[list[float], list[float]]:
    """The pooled score that ranks, and the log loss, of each epoch."""
    from merbench.task_kinds import kind_named

    judge, classes = kind_named(inner.kind), inner.probabilities.shape[2]
    above = _by_epoch(thresholds, len(inner.probabilities))
    scores = [
        judge.headline_score([(inner.truth, judge.predicted(*epoch))], classes)
        for epoch in zip(inner.probabilities, above, strict=True)
    ]
    return scores, [judge.log_loss(epoch, inner.truth) for epoch in inner.probabilities]


def log_loss(probabilities: Probabilities, truth: Labels) -> float:
    """The mean negative log probability `(clip class)` of the true classes `(clip)`, floored at 1e-7."""
    from merbench.task_kinds import SINGLE_LABEL

    return SINGLE_LABEL.log_loss(probabilities, truth)
