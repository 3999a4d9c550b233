"""Which folds are trained at once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np


def group_folds(kinds: Sequence[Hashable], held_out: Sequence[int], most: int) -> list[list[int]]:
    """Positions of folds in groups of one kind and of nearly equal size, at most `most` folds each.

    Folds with similar numbers of `held_out` clips share a group, since those with fewer wait for those with more.
    """
    by_kind: dict[Hashable, list[int]] = {}
    for position, kind in enumerate(kinds):
        by_kind.setdefault(kind, []).append(position)
    groups = []
    for positions in by_kind.values():
        ordered = positions if most == 1 else sorted(positions, key=lambda position: held_out[position])
        count = -(-len(positions) // most)
        groups += [[int(position) for position in part] for part in np.array_split(ordered, count)]
    return groups
