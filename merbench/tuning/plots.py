"""The picture of a tuning: history, importances, parallel coordinates, chosen values."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from merbench.tuning.stability import position
from merbench.tuning.tuned_file import TunedParameters

if TYPE_CHECKING:
    from merbench.tuning.problem import Tuning
    from merbench.tuning.space import Dimension
    from merbench.tuning.study import ResumableStudy

#: Parameters that parallel coordinates show; chosen here, since more cannot be read.
_SHOWN = 10


def picture_of(
    tuning: Tuning,
    studies: Mapping[str, ResumableStudy],
    by_fold: Mapping[str, TunedParameters],
    importance: Mapping[str, float],
) -> bytes:
    """The four panels in one PNG, for a wide page."""
    figure, axes = _figure((14, 10), 4)
    for each, draw in zip(axes, _panels(tuning, studies, by_fold, importance).values(), strict=True):
        draw(each)
    return _png(figure, 100)


def panels_of(
    tuning: Tuning,
    studies: Mapping[str, ResumableStudy],
    by_fold: Mapping[str, TunedParameters],
    importance: Mapping[str, float],
) -> dict[str, bytes]:
    """Each panel as a PNG of its own by what it shows, small enough to be read on a phone."""
    pictures = {}
    for name, draw in _panels(tuning, studies, by_fold, importance).items():
        figure, [axes] = _figure((4.8, 4.4), 1)
        draw(axes)
        pictures[name] = _png(figure, 130)
    return pictures


def _panels(
    tuning: Tuning,
    studies: Mapping[str, ResumableStudy],
    by_fold: Mapping[str, TunedParameters],
    importance: Mapping[str, float],
) -> dict[str, Callable[[Any], None]]:
    dimensions, score = tuning.space.dimensions, tuning.prepared.task.kind.headline_shown
    return {
        "history": partial(_history, studies=studies, score=score),
        "importances": partial(_bars, importance=importance),
        "completed trials": partial(
            _coordinates, dimensions=dimensions, studies=studies, importance=importance, score=score
        ),
        "chosen values": partial(_chosen, dimensions=dimensions, by_fold=by_fold),
    }


def _figure(size: tuple[float, float], panels: int) -> tuple[Any, list[Any]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    rows = 1 if panels == 1 else 2
    return figure, list(figure.subplots(rows, panels // rows, squeeze=False).flat)


def _png(figure: Any, dpi: int) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def _history(axes: Any, studies: Mapping[str, ResumableStudy], score: str) -> None:
    for name, study in studies.items():
        done = [trial for trial in study.done() if trial.state.name == "COMPLETE"]
        completed = [(trial.user_attrs["slot"] + 1, trial.value or 0.0) for trial in done]
        if completed:
            slots, scores = zip(*completed, strict=True)
            axes.step(slots, np.maximum.accumulate(scores), where="post", label=name)
            axes.plot(slots, scores, ".", color=axes.lines[-1].get_color(), alpha=0.4)
    axes.set(title=f"Best inner {score} so far, by study", xlabel="trial", ylabel=f"inner {score}")
    if 0 < len(studies) <= 12:
        axes.legend(fontsize="small")


def _bars(axes: Any, importance: Mapping[str, float]) -> None:
    names = list(importance)[::-1]
    axes.barh(names, [importance[name] for name in names])
    axes.set(title="Importance, mean over studies" if importance else "Importance: too few trials")


def _coordinates(
    axes: Any,
    dimensions: Sequence[Dimension],
    studies: Mapping[str, ResumableStudy],
    importance: Mapping[str, float],
    score: str,
) -> None:
    ranked = sorted(dimensions, key=lambda each: -importance.get(each.name, 0.0))[:_SHOWN]
    trials = [trial for study in studies.values() for trial in study.done() if trial.state.name == "COMPLETE"]
    from matplotlib import colormaps

    for trial in sorted(trials, key=lambda trial: trial.value or 0.0):  # the best on top
        points = [
            (place, position(each, trial.params[each.name]))
            for place, each in enumerate(ranked)
            if each.name in trial.params and each.contains(trial.params[each.name])
        ]
        if points:
            axes.plot(
                *zip(*points, strict=True), color=colormaps["viridis"](trial.value or 0.0), alpha=0.5, linewidth=0.8
            )
    _scale(axes, ranked)
    axes.set(title=f"Completed trials; brighter: higher inner {score}")


def _chosen(axes: Any, dimensions: Sequence[Dimension], by_fold: Mapping[str, TunedParameters]) -> None:
    for turn, (name, chosen) in enumerate(by_fold.items()):
        shift = (turn / max(len(by_fold) - 1, 1) - 0.5) * 0.5
        points = [
            (place + shift, position(each, chosen.values[each.name]))
            for place, each in enumerate(dimensions)
            if each.name in chosen.values
        ]
        if points:
            axes.plot(*zip(*points, strict=True), "o", markersize=4, label=name)
    _scale(axes, dimensions)
    axes.set(title="Chosen by each outer fold")
    if len(by_fold) <= 12:
        axes.legend(fontsize="small")


def _scale(axes: Any, dimensions: Sequence[Dimension]) -> None:
    axes.set_xticks(
        range(len(dimensions)), [each.name for each in dimensions], rotation=60, ha="right", fontsize="small"
    )
    axes.set_yticks([0, 1], ["low, first", "high, last"])
