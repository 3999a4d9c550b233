"""The intervals and p of `merbench sensitivity`, computed a second time as docs/statistics.md says it.

From the stored predictions, with NumPy, scikit-learn's F1 and SciPy's t distribution alone.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from sklearn.metrics import f1_score

import merbench as library

Cli = Callable[..., Any]
SEEDS, SUBJECTS = 3, 6
TINY = """
from torch import nn
from merbench.inputs import Frames, Inputs
from merbench.method import NetworkMethod

class Difference(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.layers = nn.Sequential(nn.AdaptiveAvgPool2d(8), nn.Flatten(), nn.Linear(64, classes))
    def forward(self, onset, apex):
        return self.layers(apex - onset)

class Tiny(NetworkMethod):
    name = "tiny"
    title = "Made for a test"
    family = "image network"
    def inputs(self):
        return Inputs(frames=Frames(at=("onset", "apex"), size=(16, 16), grey=True))
    def network(self, train):
        return Difference(len(train.classes))
"""


@dataclass(frozen=True)
class Change:
    """Scores `(seed)`, and jackknife pseudo-values `(seed subject)`, of the runs of one row."""

    score: npt.NDArray[np.float64]
    pseudo: npt.NDArray[np.float64]

    @property
    def seed_variance(self) -> float:
        return float(self.score.var(ddof=1))

    @property
    def residual(self) -> float:
        """What sampled subjects add to the variance of one seed, beyond what all seeds share."""
        single = self.pseudo.var(axis=1, ddof=1).mean() / SUBJECTS
        mean = self.pseudo.mean(0).var(ddof=1) / SUBJECTS
        return max(0.0, float(single - mean) * SEEDS / (SEEDS - 1))


def uf1(truth: npt.NDArray[np.int64], guess: npt.NDArray[np.int64], classes: int) -> float:
    return float(f1_score(truth, guess, labels=list(range(classes)), average="macro", zero_division=0))


def change(runs: list[library.Run]) -> Change:
    scores, pseudo = [], []
    for run in sorted(runs, key=lambda run: run.seed):
        subject = np.concatenate([[key.split("/")[1] for key in fold.keys] for fold in run.outer])
        truth = np.concatenate([fold.truth for fold in run.outer])
        guess = np.concatenate([fold.probabilities[-1].argmax(1) for fold in run.outer])
        classes = len(run.classes)
        whole = uf1(truth, guess, classes)
        rest = [subject != name for name in sorted(set(subject))]
        without = [uf1(truth[chosen], guess[chosen], classes) for chosen in rest]
        scores.append(whole)
        pseudo.append([SUBJECTS * whole - (SUBJECTS - 1) * each for each in without])
    return Change(np.array(scores), np.array(pseudo))


def over_subjects(own: Change, other: Change) -> tuple[float, float]:
    """The variance over subjects of the difference: with the networks as they are, and the part all seeds share."""
    fixed = float((other.pseudo.mean(0) - own.pseudo.mean(0)).var(ddof=1)) / SUBJECTS
    return fixed, max(0.0, fixed - (own.residual + other.residual) / SEEDS)


def effective_subjects(run: library.Run) -> float:
    subjects = [key.split("/")[1] for fold in run.outer for key in fold.keys]
    clips = np.unique(subjects, return_counts=True)[1]
    return float(clips.sum() ** 2 / (clips**2).sum())


def expected(own: Change, others: list[Change], subjects: float) -> list[tuple[float, float, float, float]]:
    """Difference, ends of its interval and uncorrected p of each changed row."""
    variances = [each.seed_variance for each in (own, *others)]
    mean = sum(variances) / len(variances)
    moderated = [((SEEDS - 1) * each + 4 * mean) / (SEEDS - 1 + 4) for each in variances]
    shared = [over_subjects(own, each)[1] for each in others]
    rows = []
    for place, other in enumerate(others, start=1):
        fixed, _ = over_subjects(own, other)
        trained = (moderated[0] + moderated[place]) / SEEDS
        # how much of each row's variance over seeds is in the moderated ones of these two
        parts = [(2 * (k in (0, place)) + 4 * 2 / len(variances)) / 6 / SEEDS for k in range(len(variances))]
        of_table = sum((part * each) ** 2 for part, each in zip(parts, moderated, strict=True)) / (SEEDS - 1)
        of_pair = sum((moderated[k] / SEEDS) ** 2 for k in (0, place)) / (SEEDS - 1 + 4)
        doubt = max(of_table, of_pair)
        df = min(
            (each + trained) ** 2 / (each**2 / (subjects - 1) + doubt)
            for each in (shared[place - 1], float(np.mean(shared)))
        )
        variance = shared[place - 1] + trained
        if variance <= fixed:  # never less certain of fixed networks than of trained ones
            variance, df = fixed, subjects - 1
        difference = float(other.score.mean() - own.score.mean())
        half = float(stats.t.ppf(1 - 0.025 / len(others), df)) * variance**0.5
        p = max(2 / 2**SUBJECTS, 2 * float(stats.t.sf(abs(difference) / variance**0.5, df)))
        rows.append((difference, difference - half, difference + half, p))
    return rows


def holm(values: list[float]) -> list[float]:
    order = np.argsort(values)
    stepped = np.minimum(1, np.maximum.accumulate([(len(values) - n) * values[at] for n, at in enumerate(order)]))
    return [float(stepped[list(order).index(at)]) for at in range(len(values))]


def test_the_printed_intervals_and_p_are_those_of_the_stored_predictions(merbench: Cli, tmp_path: Path) -> None:
    plugin, table = tmp_path / "tiny.py", tmp_path / "table.csv"
    plugin.write_text(TINY)
    for flips in ("0.1,0.6", "0.6"):  # the second keeps the runs of the first, and corrects for one change alone
        answer = merbench(
            "sensitivity", "-m", "tiny", "--plugin", plugin, "--set", "epochs=5",
            "--set", f"dataset.subjects={SUBJECTS}", "--set", "dataset.clips=6", "--flips", flips, "--shifts", "",
            "--no-spot", "--alignments", "", "--seeds", SEEDS, "--runs-dir", tmp_path / "runs", "--out", table,
        )  # fmt: skip
        assert answer.code == 0, answer.err
        runs: dict[Any, list[library.Run]] = {}
        for run in map(library.Run.load, (tmp_path / "runs").iterdir()):
            runs.setdefault((run.header.description.perturbed or {}).get("label_flips"), []).append(run)
        own, *others = map(change, [runs[None], *(runs[float(share)] for share in flips.split(","))])
        assert all(each.seed_variance > 0 for each in (own, *others))
        rows = list(csv.DictReader(table.read_text().splitlines()))[1:]
        wanted = expected(own, others, effective_subjects(runs[None][0]))
        for row, (*interval, _), p in zip(rows, wanted, holm([each[3] for each in wanted]), strict=True):
            printed = [row[name] for name in ("UF1 difference", "from", "to", "p (Holm)")]
            assert list(map(float, printed)) == pytest.approx([*interval, p], abs=6e-4), row
            assert all(cell in answer.out for cell in printed)
