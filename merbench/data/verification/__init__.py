"""The check of a dataset: what lies in a folder, against what literature says should."""

from merbench.data.finding import Finding
from merbench.data.verification.report import Report, check

__all__ = ["Finding", "Report", "check"]
