"""Scores by part: the clips of one dataset, say, out of a run over several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from merbench.metrics import Labels, Scores, scores

#: By part, the keys of its clips.
Parts = Mapping[str, Sequence[str]]


def grouped(part_of: Mapping[str, str]) -> dict[str, list[str]]:
    """Parts with the keys of their clips, both sorted, from the part of each key."""
    found: dict[str, list[str]] = {part: [] for part in sorted(set(part_of.values()))}
    for key in sorted(part_of):
        found[part_of[key]].append(key)
    return found


def within(
    part: Sequence[str], keys: Sequence[Sequence[str]], folds: Sequence[tuple[Labels, Labels]]
) -> list[tuple[Labels, Labels]]:
    """True and predicted labels `(clip)` of a part's clips, fold by fold; folds without any fall away."""
    members = set(part)
    masks = [np.array([key in members for key in fold], dtype=bool) for fold in keys]
    return [(truth[m], predicted[m]) for m, (truth, predicted) in zip(masks, folds, strict=True) if m.any()]


def part_scores(
    parts: Parts,
    keys: Sequence[Sequence[str]],
    folds: Sequence[tuple[Labels, Labels]],
    classes: int,
    *,
    averaged: bool = False,
) -> dict[str, Scores]:
    """The scores of each part: its counts pooled over folds (MEGC 2019), or its scores `averaged` over them."""
    return {part: scores(within(members, keys, folds), classes, averaged=averaged) for part, members in parts.items()}
