"""Training, timed: MERBENCH_BENCH=tiny (the default), short or full says at which size.

`merbench bench --scale full --out FILE.json` measures the same and keeps the figures; see `results/`.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from merbench.cli.bench import measures
from merbench.cli.bench.report import SCALES, Row, Scale
from merbench.training.numerics import Numerics, choose
from merbench.training.pinning import pinned

SCALE = SCALES[os.environ.get("MERBENCH_BENCH", "tiny")]


MEASURES = (
    measures.bare,
    measures.bare_resnet,
    measures.packed,
    measures.matrix_share,
    measures.whole_mmnet_run,
    measures.whole_flow_run,
)


@pytest.mark.parametrize("measure", MEASURES)
def test_training(benchmark: Any, measure: Callable[[Scale, Numerics], Iterator[Row]]) -> None:
    numerics = choose()
    with pinned(numerics):
        rows = benchmark.pedantic(lambda: list(measure(SCALE, numerics)), rounds=1, iterations=1)
    benchmark.extra_info.update({row.name: row.value for row in rows})
    assert all(row.value is None or row.value > 0 for row in rows)
