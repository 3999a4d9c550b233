"""A run as pandas tables and matplotlib plots, held against what the run itself says."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

import merbench
from merbench.analysis.interval_plot import plot_intervals
from merbench.errors import UsageError
from merbench.results.run import Run

plots = pytest.importorskip("matplotlib.figure", reason="matplotlib is not installed: pip install merbench[plot]")
FEW = {"dataset.subjects": 3, "dataset.clips": 10}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    home = tmp_path_factory.mktemp("runs")
    names: Any = ("random", "majority")
    return [merbench.run(name, settings=FEW, runs=home, rules=("last", "oracle")) for name in names]


def test_a_table_has_a_row_for_each_held_out_clip(runs: list[Run]) -> None:
    frame = runs[0].to_pandas("oracle")
    assert list(frame["clip"]) == [key for fold in runs[0].keys for key in fold]
    assert frame["correct"].mean() == pytest.approx(runs[0].scores("oracle").accuracy)
    shares = frame[[f"p({name})" for name in runs[0].classes]].to_numpy()
    assert shares.shape == (30, 5)
    assert [runs[0].classes[place] for place in shares.argmax(axis=1)] == list(frame["predicted"])
    assert frame["subject"].nunique() == 3


def test_the_confusion_is_that_of_scikit_learn(runs: list[Run]) -> None:
    frame, counts = runs[0].to_pandas(), runs[0].confusion()
    expected = confusion_matrix(frame["true"], frame["predicted"], labels=list(runs[0].classes))
    assert np.array_equal(counts.to_numpy(), expected)
    assert list(counts.index) == list(counts.columns) == list(runs[0].classes)
    assert (counts.index.name, counts.columns.name) == ("true", "predicted")


def test_plots_show_what_the_run_says(runs: list[Run], tmp_path: Path) -> None:
    run = runs[0]
    axes = run.plot_confusion(shares=False)
    assert [int(text.get_text()) for text in axes.texts] == run.confusion().to_numpy().ravel().tolist()
    axes.figure.savefig(tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").stat().st_size > 1000
    curve = run.plot_curve()
    assert curve.lines[0].get_ydata().tolist() == list(run.curve)
    bars = run.plot_subjects()
    widths = sorted(bar.get_width() for bar in bars.patches)
    assert widths == pytest.approx(sorted(run.to_pandas().groupby("subject")["correct"].mean()))
    same = run.plot_curve(bars)
    assert same is bars


def test_intervals_are_those_of_the_comparison(runs: list[Run]) -> None:
    assert runs[0].path is not None
    assert runs[1].path is not None
    comparison = merbench.compare([runs[0].path, runs[1].path])
    axes = plot_intervals(comparison)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [group.name for group in comparison.groups]
    points = sorted(float(value) for line in axes.lines for value in line.get_xdata() if line.get_marker() == "o")
    assert points == pytest.approx(sorted(row.value for row in comparison.inference.methods))


def test_without_matplotlib_a_sentence_names_the_extra(runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return usual(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UsageError, match=r"merbench\[plot\]"):
        runs[0].plot_curve()
