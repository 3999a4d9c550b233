"""Uncertainty of scores and differences: intervals, tests, corrections for several comparisons, and power.

Databases of the field have few subjects (CASME II: 26) and many clips of each, and clips of one subject resemble each
other. The subject is therefore the unit: the bootstrap samples whole subjects and the permutation test swaps whole
subjects, with all seeds of a method. `table_inference` also takes the seeds as random, and corrects
over all pairs. McNemar's test, given because papers report it, treats clips as independent.
"""

from merbench.analysis.statistics.against_first import CORRECTED, SIMULTANEOUS, FirstInference, against_first
from merbench.analysis.statistics.bootstrap import DRAWS, LEVEL, Interval, interval
from merbench.analysis.statistics.by_action_unit import Coded, UnitRecall, recall_by_combination, recall_by_unit
from merbench.analysis.statistics.by_class import ClassScores, class_scores
from merbench.analysis.statistics.calibration import Calibration, ReliabilityBin, calibration
from merbench.analysis.statistics.holm import holm
from merbench.analysis.statistics.mcnemar import Disagreement, McNemar, disagreements, mcnemar
from merbench.analysis.statistics.paired import Difference, paired_difference
from merbench.analysis.statistics.pairs import ALPHA, PairInference
from merbench.analysis.statistics.permutation import swap_test
from merbench.analysis.statistics.pooled import METRICS, Metric
from merbench.analysis.statistics.power import PairVariance, pair_variances, seeds_needed, subjects_needed
from merbench.analysis.statistics.table_inference import (
    INTERVAL,
    LETTERS,
    RANK,
    MethodInference,
    MethodRuns,
    TableInference,
    method_runs,
    table_inference,
)

__all__ = [
    "ALPHA",
    "CORRECTED",
    "DRAWS",
    "INTERVAL",
    "LETTERS",
    "LEVEL",
    "METRICS",
    "RANK",
    "SIMULTANEOUS",
    "Calibration",
    "ClassScores",
    "Coded",
    "Difference",
    "Disagreement",
    "FirstInference",
    "Interval",
    "McNemar",
    "MethodInference",
    "MethodRuns",
    "Metric",
    "PairInference",
    "PairVariance",
    "ReliabilityBin",
    "TableInference",
    "UnitRecall",
    "against_first",
    "calibration",
    "class_scores",
    "disagreements",
    "holm",
    "interval",
    "mcnemar",
    "method_runs",
    "pair_variances",
    "paired_difference",
    "recall_by_combination",
    "recall_by_unit",
    "seeds_needed",
    "subjects_needed",
    "swap_test",
    "table_inference",
]
