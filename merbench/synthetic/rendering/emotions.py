"""Which action units an emotion is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """One set of action units that shows an emotion, drawn in proportion to `weight`.

    `one_sided` is the chance that a clip shows it on one half of the face only.
    """

    units: tuple[int, ...]
    weight: float = 1.0
    one_sided: float = 0.1


def _sets(
    *weighted: tuple[tuple[int, ...], float] | tuple[tuple[int, ...], float, float],
) -> tuple[Expression, ...]:
    return tuple(
        Expression(units=row[0], weight=row[1], one_sided=row[2] if len(row) == 3 else 0.1) for row in weighted
    )


_HAPPINESS = _sets(((6, 12), 4), ((12,), 3, 0.25), ((6, 7, 12), 2), ((12, 25), 1))
_SURPRISE = _sets(((1, 2), 4), ((1, 2, 5), 3), ((1, 2, 25), 2), ((1, 2, 26), 1))
_DISGUST = _sets(((4, 9), 3), ((9,), 2, 0.2), ((4, 7, 9), 2), ((4, 10), 2), ((10,), 1, 0.4))
_REPRESSION = _sets(((14,), 3, 0.4), ((15, 17), 3), ((24,), 2), ((14, 17), 2), ((12, 17), 1), ((17, 24), 1))
_OTHERS = _sets(((4,), 4), ((4, 7), 3), ((7,), 2), ((1, 4), 1), ((4, 14), 1), ((2,), 1, 0.8))

EMOTIONS: Mapping[str, tuple[Expression, ...]] = MappingProxyType(
    {
        "happiness": _HAPPINESS,
        "surprise": _SURPRISE,
        "disgust": _DISGUST,
        "repression": _REPRESSION,
        "others": _OTHERS,
        "sadness": _sets(((1, 4), 2), ((1, 15), 2), ((1, 4, 15), 2), ((15, 17), 1), ((1,), 1)),
        "fear": _sets(((1, 2, 4), 2), ((1, 2, 4, 5), 2), ((4, 5, 20), 1), ((20, 25), 1), ((1, 20), 1)),
        "anger": _sets(((4, 7), 2), ((4, 5, 7), 2), ((4, 23), 2), ((4, 7, 24), 1), ((23,), 1)),
        "contempt": _sets(((14,), 3, 0.9), ((12, 14), 2, 0.9), ((10, 14), 1, 0.9)),
        "tense": _sets(((24,), 2), ((4, 24), 1), ((7, 24), 1), ((20,), 1), ((14, 23), 1)),
        "positive": _HAPPINESS,
        "negative": _DISGUST + _sets(((15, 17), 2), ((1, 4, 15), 2), ((4, 7, 23), 2), ((1, 4, 20), 1)),
    }
)


def draw_expression(emotion: str, rng: np.random.Generator) -> Expression:
    """One of the emotion's sets of action units, drawn by weight.

    Raises:
        ValueError: the emotion has no sets.
    """
    if emotion not in EMOTIONS:
        raise ValueError(f"unknown emotion {emotion!r}; the drawn ones are {', '.join(sorted(EMOTIONS))}")
    sets = EMOTIONS[emotion]
    weights = np.array([expression.weight for expression in sets])
    return sets[int(rng.choice(len(sets), p=weights / weights.sum()))]
