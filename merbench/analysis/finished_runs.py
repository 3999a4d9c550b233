"""Statistics over finished runs: `merbench.compare`, `merbench.plan`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from merbench.analysis.comparison import Comparison
    from merbench.analysis.planning import Plan
    from merbench.results.record import RunRecord
    from merbench.results.run import Run


def compare(
    runs: Sequence[Path | str | Run | RunRecord],
    *,
    metric: str = "",
    rule: str = "last",
    draws: int = 2000,
    seed: int = 0,
    common: bool = False,
) -> Comparison:
    """Methods compared on the same clips: differences with intervals, and tests over subjects.

    `runs` are what `merbench.run` returns, folders of runs, files of records, or records that are loaded. An empty
    `metric` is the one that ranks: ``uf1``, or ``mean_f1`` of multi-label tasks. With `common`, methods that saw
    different clips are compared on those that all of them tested.

    >>> import merbench, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     few = {"dataset.subjects": 3, "dataset.clips": 5}
    ...     runs = [merbench.run(name, settings=few, runs=folder) for name in ("majority", "random")]
    ...     comparison = merbench.compare(runs)
    >>> comparison.clips, len(comparison.pairs)
    (15, 1)

    Raises:
        MerbenchError: for runs that cannot be read, are not complete, or are of different tasks.
    """
    from merbench.analysis.comparison import compare as compare_records

    records = [_record(run) for run in runs]
    if common:
        from merbench.analysis.common_clips import on_common_clips

        records = on_common_clips(records)
    return compare_records(records, rule, metric, draws, seed)


def plan(
    runs: Sequence[Path | str | Run | RunRecord],
    *,
    gap: float = 0.05,
    power: float = 0.8,
    methods: int | None = None,
    metric: str = "",
    rule: str = "last",
) -> Plan:
    """How many subjects or seeds a difference of `gap` takes, from the variances of runs or records.

    It is found with probability `power`, at p ≤ 0.05 corrected for the pairs of a table of so many `methods` (those
    named if None). Of one method alone, the other is taken to vary as much and independently of it.

    >>> import merbench, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     few = {"dataset.subjects": 8, "dataset.clips": 5}
    ...     runs = [merbench.run("random", settings=few, seed=seed, runs=folder) for seed in range(3)]
    ...     planned = merbench.plan(runs, gap=0.3)
    >>> planned.comparisons, len(planned.pairs)
    (1, 1)

    Raises:
        MerbenchError: for values that cannot be, and runs that cannot be read or are of different tasks.
    """
    from merbench.analysis.planning import plan as plan_records

    records = [_record(run) for run in runs]
    return plan_records(records, gap, power, methods=methods, rule=rule, metric=metric)


def _record(run: Path | str | Run | RunRecord) -> RunRecord:
    from merbench.results.loading import load_result
    from merbench.results.record import RunRecord
    from merbench.results.validation import validated

    if isinstance(run, str | Path):
        return load_result(Path(run))
    if isinstance(run, RunRecord):
        return run
    return load_result(run.path) if run.path else validated(run.record())
