"""Records made of nothing but predictions, by subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from merbench.results.description import Description
from merbench.results.record import RuleResult, RunRecord

Make = Callable[..., RunRecord]


@pytest.fixture
def make() -> Make:
    """A function that makes a record of each subject's truth and predictions."""

    def make_record(
        truth: Mapping[str, Sequence[int]],
        predicted: Mapping[str, Sequence[int]],
        classes: int = 2,
        seed: int = 0,
        name: str = "record",
    ) -> RunRecord:
        rows = [[[float(label == c) for c in range(classes)] for label in predicted[s]] for s in truth]
        names = tuple(f"class {number}" for number in range(classes))
        record = RunRecord.model_construct(
            description=Description.model_construct(classes=names, seed=seed),
            keys=tuple(tuple(f"data/{s}/{clip:02}/0" for clip in range(len(labels))) for s, labels in truth.items()),
            truth=tuple(map(tuple, truth.values())),
            by_rule={"last": RuleResult.model_construct(probabilities=rows)},
        )
        return record.named(name)

    return make_record
