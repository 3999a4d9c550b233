"""Records made of nothing but predictions, by subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from merbench.results.record import Record

Make = Callable[..., Record]


@pytest.fixture
def make() -> Make:
    """A function that makes a record of each subject's truth and predictions."""

    def made(
        truth: Mapping[str, Sequence[int]],
        predicted: Mapping[str, Sequence[int]],
        classes: int = 2,
        seed: int = 0,
        name: str = "record",
    ) -> Record:
        rows = [[[float(label == c) for c in range(classes)] for label in predicted[s]] for s in truth]
        content = {
            "description": {"classes": [f"class {number}" for number in range(classes)], "seed": seed},
            "keys": [[f"data/{s}/{clip:02}/0" for clip in range(len(labels))] for s, labels in truth.items()],
            "truth": [list(labels) for labels in truth.values()],
            "by_rule": {"last": {"probabilities": rows}},
        }
        return Record(name=name, content=content, scores={}, parts={})

    return made
