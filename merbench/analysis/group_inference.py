"""Groups of records as the methods of a table, for its inference over subjects and seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from merbench.analysis.statistics import (
    FirstInference,
    MethodRuns,
    TableInference,
    against_first,
    method_runs,
    table_inference,
)
from merbench.results.seed_groups import Group


def runs_of(group: Group, rule: str = "last", unranked: str = "") -> MethodRuns:
    """The runs of a group; deterministic if training took no random number and all its seeds predict the same."""
    runs = method_runs(group.name, group.records, rule, unranked=unranked or group.unranked)
    same = bool(np.equal(runs.counts, runs.counts[0]).all())
    return MethodRuns(
        name=runs.name,
        counts=runs.counts,
        deterministic=same and not any(record.draws for record in group.records),
        unranked=runs.unranked,
        kind=runs.kind,
    )


def inference_of(groups: Sequence[Group], rule: str = "last", metric: str = "", unranked: str = "") -> TableInference:
    """The inference over the groups of one task, in their order; `unranked` says why none of them is ranked."""
    return table_inference([runs_of(group, rule, unranked) for group in groups], metric)


def inference_against_first(groups: Sequence[Group], rule: str = "last", metric: str = "") -> FirstInference:
    """The other groups of one task less the first, corrected over these comparisons alone."""
    return against_first([runs_of(group, rule) for group in groups], metric)
