"""How sure a score or a difference is: intervals, tests and their correction, all over subjects.

Databases of the field have few subjects (CASME II: 26) and many clips of each, and clips of one subject resemble each
other. So the subject is the unit here: the bootstrap draws whole subjects, the permutation test swaps whole subjects,
and every seed of a method goes along. McNemar's test, given because papers give it, takes clips for independent.
"""

from merbench.analysis.statistics.bootstrap import DRAWS, LEVEL, Interval, interval
from merbench.analysis.statistics.holm import holm
from merbench.analysis.statistics.mcnemar import Disagreement, McNemar, disagreements, mcnemar
from merbench.analysis.statistics.paired import ALPHA, Difference, paired_difference
from merbench.analysis.statistics.permutation import swap_test
from merbench.analysis.statistics.pooled import METRICS, Metric

__all__ = [
    "ALPHA",
    "DRAWS",
    "LEVEL",
    "METRICS",
    "Difference",
    "Disagreement",
    "Interval",
    "McNemar",
    "Metric",
    "disagreements",
    "holm",
    "interval",
    "mcnemar",
    "paired_difference",
    "swap_test",
]
