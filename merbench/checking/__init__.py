"""The check of a dataset: what lies in a folder, against what literature says should."""

from merbench.checking.finding import Finding
from merbench.checking.report import Report, check

__all__ = ["Finding", "Report", "check"]
