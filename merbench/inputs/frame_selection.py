"""Frame numbers spread over a clip."""

from __future__ import annotations


def spread(first: int, last: int, count: int) -> tuple[int, ...]:
    """`count` whole numbers evenly from `first` to `last`, both included, each the nearest; halves round up.

    A span with fewer numbers repeats some; a single one is `first`.
    """
    steps = max(count - 1, 1)
    return tuple(first + (2 * place * (last - first) + steps) // (2 * steps) for place in range(count))
