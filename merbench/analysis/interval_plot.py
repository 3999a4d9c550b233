"""The scores of compared methods with their intervals, as a plot by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from merbench.analysis.comparison_tables import SHOWN
from merbench.results.run_plots import new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from merbench.analysis.comparison import Comparison


def plot_intervals(comparison: Comparison, axes: Axes | None = None) -> Axes:
    """The axes with a point and a 95 % interval for each method of `merbench.compare`, the best at the top.

    Methods of which an interval is unknown have the point alone. matplotlib is in the extra `plot`.

    Raises:
        UsageError: if matplotlib is not installed.
    """
    rows = comparison.inference.methods
    axes = new_axes(axes, height=max(2.0, 0.4 * len(rows) + 1.2))
    places = np.arange(len(rows))[::-1]
    values = np.array([row.value for row in rows])
    low, high = np.array([row.low for row in rows]), np.array([row.high for row in rows])
    known = ~np.isnan(low) & ~np.isnan(high)
    spans = np.stack([values[known] - low[known], high[known] - values[known]]).clip(min=0)
    axes.errorbar(values[known], places[known], xerr=spans, fmt="o", capsize=3)
    axes.plot(values[~known], places[~known], "o")
    axes.set_yticks(places, [group.name for group in comparison.groups])
    axes.set_xlabel(f"{SHOWN[comparison.metric]}, rule {comparison.rule}, with 95 % intervals")
    axes.set_title(f"{comparison.task.protocol} on {comparison.task.data}")
    return axes
