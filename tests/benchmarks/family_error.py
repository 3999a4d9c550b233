"""Family-wise error and power of whole tables, over thousands of simulated ones.

    nice python tests/benchmarks/family_error.py              # simulates the cells that are missing, prints the table
    python tests/benchmarks/family_error.py --subjects 16     # one size
    python tests/benchmarks/family_error.py --print           # the table of what has been simulated

The population is that of `table_inference.py`, whose columns come from a few hundred replications, as it also runs
permutation tests and bootstraps. Here all tables of a cell are computed at once; the first of them are compared with
what the library computes.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr
from table_inference import DEVIATIONS, GAP, METHODS, RESULTS, SEEDS, SIZES, UF1, population_of

from merbench.analysis.statistics.components import components, pseudo_values
from merbench.analysis.statistics.pooled import uf1
from merbench.analysis.statistics.student import PRIOR_DF, differences

REPLICATIONS = {9: 4000, 16: 4000, 26: 4000, 68: 2000}
EQUAL = max(METHODS)
FILE = RESULTS / "families.json"
COMPARED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Scores `(replication method seed)`, pseudo-values `(… seed subject)`, and effective subjects `(replication)`.

    The last method is better than all others by `GAP`.
    """

    scores: np.ndarray
    pseudo: np.ndarray
    effective: np.ndarray


def sampled(subjects: int, deviation: float, replications: int) -> Cell:
    """So many replications of a cell; the first are checked against the library."""
    population = population_of(subjects)
    generator = np.random.default_rng([subjects, int(deviation * 1000), 777])
    means = [UF1] * EQUAL + [UF1 + GAP]
    skills, spreads = np.array([population.skill(mean, deviation) for mean in means]).T
    shape = (replications, len(means), max(SEEDS))
    cell = Cell(
        scores=np.empty(shape, np.float32),
        pseudo=np.empty((*shape, subjects), np.float32),
        effective=np.empty(shape[0]),
    )
    for number in range(replications):
        counts = population.counts(generator, skills, spreads, max(SEEDS))
        cell.scores[number] = uf1(counts.sum(2))[..., 0]
        cell.pseudo[number] = [pseudo_values(each, uf1) for each in counts]
        clips = counts[0, 0].reshape(subjects, -1).sum(1)
        cell.effective[number] = clips.sum() ** 2 / (clips**2).sum()
        if number < COMPARED:
            _require_equal(cell, number, counts)
    return cell


def p_values(cell: Cell, seeds: int, methods: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Differences and p `(replication pair)` of these methods' tables, as `student.differences` has them."""
    used = max(seeds, 1)
    scores = cell.scores[:, methods, :used].astype(float)
    pseudo = cell.pseudo[:, methods, :used].astype(float)
    subjects, number = pseudo.shape[-1], len(methods)
    first, second = np.triu_indices(number, 1)
    mean = pseudo.mean(2)
    influence = mean - mean.mean(-1, keepdims=True)
    covariance = influence @ influence.transpose(0, 2, 1) / (subjects * (subjects - 1))
    own = np.einsum("rmm->rm", covariance)
    fixed = own[:, first] + own[:, second] - 2 * covariance[:, first, second]
    df = np.broadcast_to(np.maximum(1, cell.effective - 1)[:, None], fixed.shape)
    difference = scores.mean(2)[:, first] - scores.mean(2)[:, second]
    if seeds < 2:
        return difference, _p(difference, np.sqrt(fixed), df, subjects)
    single = pseudo.var(-1, ddof=1).mean(2) / subjects
    residual = np.maximum(0, (single - mean.var(-1, ddof=1) / subjects) / (seeds - 1))
    shared = np.maximum(fixed - residual[:, first] - residual[:, second], 0)
    variance = scores.var(2, ddof=1)
    weight = (seeds - 1) / (seeds - 1 + PRIOR_DF)
    weights = weight * np.eye(number) + (1 - weight) / number
    moderated, pairs = variance @ weights.T, (weights[first] + weights[second]) / seeds
    seed = variance @ pairs.T
    alone = (moderated / seeds) ** 2 / (seeds - 1 + PRIOR_DF)
    doubt = np.maximum((moderated**2 @ (pairs**2).T) / (seeds - 1), alone[:, first] + alone[:, second])
    possible = (shared, np.broadcast_to(shared.mean(1, keepdims=True), shared.shape))
    freedom = np.minimum(*((each + seed) ** 2 / (each**2 / df + doubt) for each in possible))
    below = shared + seed <= fixed
    error = np.sqrt(np.where(below, fixed, shared + seed))
    return difference, _p(difference, error, np.where(below, df, freedom), subjects)


def family(cell: Cell, seeds: int, methods: int) -> dict[str, float]:
    """The error of tables of equal methods and its standard error, and the power where the first is better."""
    false, power = [], []
    for start in range(0, EQUAL, methods):
        places = list(range(start, start + methods))
        false.append(_rejected(p_values(cell, seeds, places)[1]).any(1))
        difference, p = p_values(cell, seeds, [EQUAL, *places[1:]])
        power.append((_rejected(p) & (difference > 0))[:, : methods - 1].mean())
    error = np.mean(false, axis=0)
    return {
        "error": round(float(error.mean()), 5),
        "standard error": round(float(error.std() / len(error) ** 0.5), 5),
        "power": round(float(np.mean(power)), 5),
    }


def _p(difference: np.ndarray, error: np.ndarray, df: np.ndarray, subjects: int) -> np.ndarray:
    ratio = np.divide(abs(difference), error, out=np.zeros_like(error), where=error > 0)
    return np.maximum(2 * stdtr(df, -ratio), 2 / 2.0**subjects)


def _rejected(p: np.ndarray) -> np.ndarray:
    """By Holm, within each row."""
    order = np.argsort(p, axis=1)
    steps = np.take_along_axis(p, order, 1) * (p.shape[1] - np.arange(p.shape[1])) <= 0.05
    rejected = np.zeros_like(steps)
    np.put_along_axis(rejected, order, np.logical_and.accumulate(steps, axis=1), 1)
    return rejected


def _require_equal(cell: Cell, number: int, counts: np.ndarray) -> None:
    one = Cell(scores=cell.scores[[number]], pseudo=cell.pseudo[[number]], effective=cell.effective[[number]])
    first, second = np.triu_indices(EQUAL, 1)
    for seeds in SEEDS:
        used = counts[:EQUAL, :, :][:, : max(seeds, 1)]
        estimates = differences(components(list(used), [seeds == 0] * EQUAL, uf1), first, second)
        expected = np.maximum(estimates.p(), 2 / 2.0 ** counts.shape[2])
        np.testing.assert_allclose(p_values(one, seeds, list(range(EQUAL)))[1][0], expected, rtol=2e-3, atol=1e-6)


def table(cells: dict[str, dict[str, dict[str, float]]]) -> str:
    """The table in markdown."""
    sizes = " / ".join(map(str, METHODS))
    names = ("subjects", "± seeds", "seeds", "replications", f"error {sizes}", "± (standard error)", f"power {sizes}")
    lines = [f"| {' | '.join(names)} |", "|" + " --: |" * len(names)]
    for subjects in SIZES:
        for deviation in DEVIATIONS:
            for seeds in SEEDS:
                families = [cells.get(f"{subjects} {deviation} {seeds} {methods}") for methods in METHODS]
                known = [each for each in families if each]
                if len(known) == len(METHODS):
                    shares = [
                        " / ".join(f"{each[name]:.3f}" for each in known)
                        for name in ("error", "standard error", "power")
                    ]
                    row = (subjects, f"{deviation:g}", seeds or "none", REPLICATIONS[subjects], *shares)
                    lines.append(f"| {' | '.join(map(str, row))} |")
    return "\n".join(lines)


def simulate(subjects: int, deviation: float) -> dict[str, dict[str, float]]:
    """All families of a cell, by subjects, deviation, seeds and methods."""
    cell = sampled(subjects, deviation, REPLICATIONS[subjects])
    return {
        f"{subjects} {deviation} {seeds} {methods}": family(cell, seeds, methods)
        for seeds in SEEDS
        if seeds or not deviation
        for methods in METHODS
    }


def main() -> None:
    """Simulate what is missing, then print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--print", action="store_true", help="print the table of what has been simulated")
    options.add_argument("--subjects", type=int, choices=list(SIZES), help="one size only")
    chosen = options.parse_args()
    cells = json.loads(FILE.read_text()) if FILE.is_file() else {}
    for subjects in [] if chosen.print else [chosen.subjects] if chosen.subjects else SIZES:
        for deviation in DEVIATIONS:
            if f"{subjects} {deviation} 3 2" not in cells:
                cells |= simulate(subjects, deviation)
                FILE.write_text(json.dumps(cells, indent=1) + "\n")
    print(table(cells))  # noqa: T201


if __name__ == "__main__":
    main()
