"""Holm's correction for several comparisons."""

from __future__ import annotations

from collections.abc import Sequence


def holm(values: Sequence[float]) -> list[float]:
    """The p values corrected by Holm (1979), in the order of `values`; at most 1.

    The smallest of m is multiplied by m, the next by m - 1 and so on, and none may fall below one before it. Comparing
    them with a level keeps the probability of any false positive among the m comparisons below that level.

    >>> [round(value, 3) for value in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]
    """
    corrected = [0.0] * len(values)
    largest = 0.0
    for step, index in enumerate(sorted(range(len(values)), key=lambda index: values[index])):
        largest = max(largest, min(1.0, (len(values) - step) * values[index]))
        corrected[index] = largest
    return corrected
