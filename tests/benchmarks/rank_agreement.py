"""Whether synthetic faces rank methods as real ones do: runs or records against results on the MEGC 2019 composite.

Prints the pairs, Spearman's correlation with its 95 % interval over methods, and the mean absolute gap::

    python tests/benchmarks/rank_agreement.py RUN [RUN ...]

RUN is a run's folder or a record (.json). Of several seeds of a method the mean counts; methods without a real result,
such as the controls, are left out and named.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from merbench.results.loading import load_result

#: UF1 on the 442 clips of the composite, in so far as no epoch is known to have been picked on test clips, with its
#: source: rows of `leaderboard/published.csv`, or what `calibration.py` measures on the public pictures.
REAL: Mapping[str, tuple[float, str]] = {
    "lbp-top": (0.588, "MEGC 2019, its baseline; no epochs"),
    "flow-svm": (0.628, "calibration.py --real, ten folds; no epochs"),
    "bi-woof": (0.630, "table of HTNet's repository; no epochs"),
    "capsulenet": (0.652, "table of HTNet's repository; the released code picks epochs on test clips"),
    "htnet": (0.655, "a user's run of the release, its issue 21; how the epoch was picked is unknown"),
    "off-apexnet": (0.703, "MEB's run of a variant with one stream, last epoch"),
    "rcn-a": (0.705, "as quoted from SLSTT's paper; which variant is unknown"),
    "ststnet": (0.721, "the authors' run, last epoch"),
    "dual-inception": (0.732, "table of HTNet's repository; how the epoch was picked is unknown"),
    "sssnet": (0.739, "MEB's run, last epoch"),
}
_DRAWS = 10_000


def mean_scores(paths: Sequence[Path]) -> dict[str, float]:
    """UF1 under `last` by method, the mean over seeds."""
    by_method: dict[str, list[float]] = {}
    for path in paths:
        record = load_result(path)
        by_method.setdefault(record.method, []).append(record.scores["last"].uf1)
    return {method: float(np.mean(values)) for method, values in by_method.items()}


def agreement(synthetic: Sequence[float], real: Sequence[float]) -> tuple[float, float, float, float]:
    """Spearman's correlation, the ends of its bootstrap interval over methods, and the mean absolute gap."""
    pairs, rng = np.array([synthetic, real]).T, np.random.default_rng(0)
    drawn = (pairs[rng.integers(len(pairs), size=len(pairs))] for _ in range(_DRAWS))
    correlations = [spearmanr(*each.T).statistic for each in drawn if (np.ptp(each, axis=0) > 0).all()]
    low, high = np.percentile(correlations, [2.5, 97.5])
    return (
        float(spearmanr(*pairs.T).statistic),
        float(low),
        float(high),
        float(np.abs(pairs[:, 0] - pairs[:, 1]).mean()),
    )


def main() -> None:
    """Compare, and print a table."""
    scores = mean_scores([Path(name) for name in sys.argv[1:]])
    methods = sorted((name for name in scores if name in REAL), key=lambda name: REAL[name][0])
    if len(methods) < 3:
        raise SystemExit(
            f"Of {', '.join(scores) or 'no method'}, too few have a real result; name runs of three or more."
        )
    sys.stdout.write("| method | synthetic | real | source of the real one |\n| :-- | --: | --: | :-- |\n")
    for name in methods:
        sys.stdout.write(f"| {name} | {scores[name]:.3f} | {REAL[name][0]:.3f} | {REAL[name][1]} |\n")
    rho, low, high, gap = agreement([scores[name] for name in methods], [REAL[name][0] for name in methods])
    left_out = ", ".join(sorted(set(scores) - set(methods))) or "none"
    sys.stdout.write(f"\nSpearman {rho:.2f} (95 % interval {low:.2f} to {high:.2f}) over {len(methods)} methods; ")
    sys.stdout.write(f"mean gap {gap:.3f}. Left out: {left_out}.\n")


if __name__ == "__main__":
    main()
