"""The reference loop and the engine on one mock CASME II tree; see `test_training`."""

import os
from typing import Any

from merbench.cli.bench.released_style_loop import reference
from merbench.cli.bench.report import SCALES
from merbench.training.numerics import choose
from merbench.training.pinning import pinned


def test_reference_loop(benchmark: Any) -> None:
    numerics = choose()
    scale = SCALES[os.environ.get("MERBENCH_BENCH", "tiny")]
    with pinned(numerics):
        [row] = benchmark.pedantic(lambda: list(reference(scale, numerics)), rounds=1, iterations=1)
    benchmark.extra_info[row.name] = row.value
    assert row.value > 0
