"""Plots of a run by matplotlib, which the extra `plot` installs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from merbench.errors import UsageError
from merbench.kind_names import SINGLE, require_served

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from merbench.results.run import Run
    from merbench.selection import Rule


def new_axes(axes: Axes | None, width: float = 6.4, height: float = 4.8) -> Axes:
    """The axes themselves, or those of a new figure of that size in inches.

    Raises:
        UsageError: if matplotlib is not installed.
    """
    if axes is not None:
        return axes
    try:
        from matplotlib.figure import Figure
    except ImportError as fault:
        raise UsageError('Plots need matplotlib: pip install "merbench[plot]".') from fault
    fresh: Axes = _figure(Figure, width, height).add_subplot()
    return fresh


def _figure(plain: type[Any], width: float, height: float) -> Any:
    """A figure that a notebook shows: of pyplot where that is in use, else one that leaves no trace."""
    import sys

    pyplot = sys.modules.get("matplotlib.pyplot")
    size = {"figsize": (width, height), "layout": "constrained"}
    return plain(**size) if pyplot is None else pyplot.figure(**size)


def plot_confusion(run: Run, rule: Rule, axes: Axes | None, *, shares: bool) -> Axes:
    """Draw the confusion matrix; see `Run.plot_confusion`."""
    require_served(run.kind.name, SINGLE, "plot_confusion", "plot run.to_pandas(), or print run.confusion()")
    counts = run.confusion(rule)
    values = counts.to_numpy(dtype=float)
    totals = values.sum(axis=1, keepdims=True)
    rates = np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
    axes = new_axes(axes)
    axes.imshow(rates, cmap="Blues", vmin=0, vmax=1)
    for (row, column), rate in np.ndenumerate(rates):
        text = f"{rate:.2f}" if shares else str(int(values[row, column]))
        axes.text(column, row, text, ha="center", va="center", color="white" if rate > 0.5 else "black")
    places = range(len(run.classes))
    axes.set_xticks(places, run.classes, rotation=30, ha="right")
    axes.set_yticks(places, run.classes)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(f"{run.method}, rule {rule}")
    return axes


def plot_subjects(run: Run, rule: Rule, axes: Axes | None) -> Axes:
    """Draw the accuracy of each subject; see `Run.plot_subjects`."""
    by_subject = run.to_pandas(rule).groupby("subject")["correct"].agg(["mean", "size"]).sort_values("mean")
    axes = new_axes(axes, height=max(2.4, 0.28 * len(by_subject) + 1))
    places = np.arange(len(by_subject))
    axes.barh(places, by_subject["mean"].to_numpy(dtype=float))
    axes.set_yticks(places, [f"{subject} ({row['size']:.0f})" for subject, row in by_subject.iterrows()])
    axes.axvline(run.scores(rule).accuracy, color="black", linestyle=":", label="all clips")
    axes.set_xlim(0, 1)
    axes.set_xlabel("accuracy (clips in brackets)")
    axes.set_title(f"{run.method} by subject, rule {rule}")
    axes.legend(loc="lower right")
    return axes


def plot_curve(run: Run, axes: Axes | None) -> Axes:
    """Draw UF1 after each epoch; see `Run.plot_curve`."""
    axes = new_axes(axes)
    epochs = np.arange(1, len(run.curve) + 1)
    axes.plot(epochs, run.curve, marker="." if len(epochs) < 40 else "", label="all folds at that epoch")
    if run.has_epochs and "oracle" in run.rules:
        axes.axhline(run.scores("oracle").headline, color="grey", linestyle="--", label="oracle (sees the test labels)")
    axes.set_xlabel("epoch")
    axes.set_ylabel(f"{run.kind.headline_shown} of held-out clips")
    axes.set_title(run.method)
    axes.legend()
    return axes
