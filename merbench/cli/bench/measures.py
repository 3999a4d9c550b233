"""The measurements: each takes a scale and a device's numerics, and gives rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from merbench.cli.bench.device_share import compiled, matrix_share
from merbench.cli.bench.engine_vs_loop import bare, packed
from merbench.cli.bench.released_style_loop import reference
from merbench.cli.bench.report import Row, Scale
from merbench.cli.bench.whole_run import whole_runs
from merbench.training.numerics import Numerics
from merbench.training.pinning import pinned


def every(scale: Scale, numerics: Numerics, said: Callable[[str], None] = lambda what: None) -> Iterator[Row]:
    """All rows, one after the other; `said` is called with the name of the next one."""
    for measure in (reference, bare, packed, matrix_share, compiled, whole_runs):
        said(measure.__name__.replace("_", " "))
        with pinned(numerics):
            yield from measure(scale, numerics)
