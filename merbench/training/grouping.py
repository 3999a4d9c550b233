"""Which folds are trained at once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from merbench.entries.recipe import Training
from merbench.training.sampling import steps_an_epoch


def packs(kinds: Sequence[Hashable], watched: Sequence[int], most: int) -> list[list[int]]:
    """Places of folds, in packs of one kind and of nearly equal size, at most `most` folds each.

    Folds with as many clips to watch come together, since those with fewer wait for those with more.
    """
    groups: dict[Hashable, list[int]] = {}
    for place, kind in enumerate(kinds):
        groups.setdefault(kind, []).append(place)
    found = []
    for group in groups.values():
        ordered = group if most == 1 else sorted(group, key=lambda place: watched[place])
        count = -(-len(group) // most)
        found += [[int(place) for place in part] for part in np.array_split(ordered, count)]
    return found


def kind_of(training: Training, clips: int) -> tuple[int, int]:
    """Clips a step and steps an epoch: only folds that are equal in both go step by step together."""
    return min(training.batch, clips), steps_an_epoch(clips, training.batch)
