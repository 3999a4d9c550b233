"""Coverage of the intervals of tables, and the permutation test beside them, by simulation.

    nice python tests/benchmarks/table_inference.py            # simulates what is missing, then prints the table
    python tests/benchmarks/table_inference.py --print         # prints the table of what has been simulated

Each cell is a number of subjects and a deviation of UF1 from seed to seed. Sums are kept in results/inference/ after
every batch of replications, so a run that was stopped goes on; `--subjects 26` simulates one size, beside others.

Subjects are sampled anew in each replication: clips a subject from a negative binomial, classes a subject from a
Dirichlet around the class shares of the databases. A method predicts the class of the highest utility: skill for the
true class, plus noise shared by all methods (subject, clip), by the seeds of a method (subject, clip), and of a seed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from scipy import stats

from merbench.analysis.statistics import swap_test
from merbench.analysis.statistics.bootstrap import percentile_ends, resampled, resamples
from merbench.analysis.statistics.components import Components, components
from merbench.analysis.statistics.pooled import uf1
from merbench.analysis.statistics.student import differences, scores

RESULTS = Path(__file__).parent / "results" / "inference"
#: Class shares and clips of SMIC, CASME II (5 classes), the composite of MEGC 2019, and of a toy size.
SIZES = {9: ((57, 30, 21), 108), 16: ((70, 51, 43), 164), 26: ((99, 63, 32, 25, 27), 246), 68: ((250, 109, 83), 442)}
DEVIATIONS = (0.0, 0.03, 0.06)
#: 0 stands for a deterministic method.
SEEDS = (0, 3, 5, 10)
METHODS = (2, 5, 20)
UF1, GAP = 0.55, 0.13
NOISE = {"subject": 0.12, "method_subject": 0.08, "clip": 0.3, "method_clip": 0.25, "seed": 0.25}
BATCH = 50
COLUMNS = (
    "subjects", "± seeds", "seeds", "replications", "coverage", "bootstrap", "two-level", "difference",
    "swap: error", "swap: power",
)  # fmt: skip


class Population:
    """Subjects, clips and methods to sample from."""

    def __init__(self, subjects: int) -> None:
        shares, clips = SIZES[subjects]
        self.subjects = subjects
        self.shares = np.array(shares) / sum(shares)
        self.classes = len(shares)
        self.clips = clips / subjects
        self.bias = 0.5 * np.log(self.shares * self.classes)
        self.skills = np.linspace(-1.5, 6, 76)
        self.curve = self._curve(np.random.default_rng(99))

    def _curve(self, generator: np.random.Generator, clips: int = 200_000) -> np.ndarray:
        """UF1 of an endless number of clips, by skill."""
        truth = generator.choice(self.classes, clips, p=self.shares)
        noise = np.sqrt(sum(NOISE.values())) * generator.standard_normal((clips, self.classes)) + self.bias
        found = []
        for skill in self.skills:
            utility = noise.copy()
            utility[np.arange(clips), truth] += skill
            cells = np.bincount(truth * self.classes + utility.argmax(1), minlength=self.classes**2)
            found.append(float(uf1(cells.reshape(1, self.classes, self.classes).astype(float))[0]))
        return np.array(found)

    def skill(self, mean: float, deviation: float) -> tuple[float, float]:
        """Skill and its deviation over seeds, so that UF1 over seeds has this mean and deviation."""
        z = np.linspace(-4, 4, 201)
        weight = stats.norm.pdf(z) / stats.norm.pdf(z).sum()
        skill = float(np.interp(mean, self.curve, self.skills))
        spread = 0.0
        for _ in range(20):
            low, high = np.interp([skill - 0.3, skill + 0.3], self.skills, self.curve)
            slope = (high - low) / 0.6
            spread = deviation / slope
            skill += float(mean - (np.interp(skill + spread * z, self.skills, self.curve) * weight).sum()) / slope
        return skill, spread

    def counts(self, generator: np.random.Generator, skills: np.ndarray, spreads: np.ndarray, seeds: int) -> np.ndarray:
        """Counts `(method seed subject unit true predicted)` of new subjects and newly trained methods."""
        clips = 1 + generator.negative_binomial(1.5, 1.5 / (0.5 + self.clips), self.subjects)
        tilt = generator.dirichlet(6 * self.shares, self.subjects)
        truth = np.concatenate([generator.choice(self.classes, n, p=p) for n, p in zip(clips, tilt, strict=True)])
        subject = np.repeat(np.arange(self.subjects), clips)

        def noise(kind: str, *shape: int) -> np.ndarray:
            return np.float32(NOISE[kind] ** 0.5) * generator.standard_normal(shape, dtype=np.float32)

        total, methods = len(truth), len(skills)
        shared = self.bias.astype(np.float32) + noise("subject", self.subjects, self.classes)[subject]
        shared = shared + noise("clip", total, self.classes)
        own = shared + noise("method_subject", methods, self.subjects, self.classes)[:, subject]
        own = own + noise("method_clip", methods, total, self.classes)
        utility = own[:, None] + noise("seed", methods, seeds, total, self.classes)
        skill = skills[:, None] + spreads[:, None] * generator.standard_normal((methods, seeds))
        utility[:, :, np.arange(total), truth] += skill[:, :, None].astype(np.float32)
        first = np.arange(methods * seeds).reshape(methods, seeds, 1) * self.subjects + subject
        cells = (first * self.classes + truth) * self.classes + utility.argmax(-1)
        shape = (methods, seeds, self.subjects, 1, self.classes, self.classes)
        return np.bincount(cells.ravel(), minlength=np.prod(shape)).reshape(shape).astype(float)


@cache
def population_of(subjects: int) -> Population:
    """The population of so many subjects, made once."""
    return Population(subjects)


def batch(subjects: int, deviation: float, number: int) -> dict[str, float]:
    """Sums over the replications of a batch, by what is counted."""
    population = population_of(subjects)
    generator = np.random.default_rng([subjects, int(deviation * 1000), number])
    most = max(METHODS)
    means = np.array([UF1] * most + [UF1 + GAP])
    skills, spreads = np.array([population.skill(mean, deviation) for mean in means]).T
    sums: dict[str, float] = {"replications": 0}
    for _ in range(BATCH):
        counts = population.counts(generator, skills, spreads, max(SEEDS))
        sums["replications"] += 1
        for name, value in _replication(counts, means, deviation, generator):
            sums[name] = sums.get(name, 0.0) + value
    return sums


def _replication(
    counts: np.ndarray, means: np.ndarray, deviation: float, generator: np.random.Generator
) -> Iterator[tuple[str, float]]:
    for seeds in SEEDS:
        if seeds == 0 and deviation:
            continue
        used = counts[:, : max(seeds, 1)]
        parts = components(list(used), [seeds == 0] * len(used), uf1)
        single = scores(parts.subset(range(len(used) - 1)))
        inside = abs(single.value - means[:-1]) <= single.half_width(0.95)
        yield f"{seeds} coverage", inside.mean()
        yield f"{seeds} width", 2 * single.half_width(0.95).mean()
        yield from _bootstraps(used[0], means[0], seeds, generator)
        for methods in METHODS:
            yield f"{seeds} {methods} difference coverage", _difference_coverage(parts, methods)
        seed = int(generator.integers(2**31))
        yield f"{seeds} swap false", swap_test(used[0], used[1], uf1, 999, seed) <= 0.05
        yield f"{seeds} swap power", swap_test(used[-1], used[1], uf1, 999, seed) <= 0.05


def _difference_coverage(parts: Components, methods: int) -> float:
    """The share of differences of equal methods, in tables of so many, whose interval holds 0."""
    first, second = np.triu_indices(methods, 1)
    starts = range(0, len(parts.values) - 1, methods)
    tables = [differences(parts.subset(range(start, start + methods)), first, second) for start in starts]
    return float(np.mean([(abs(table.value) <= table.half_width(0.95)).mean() for table in tables]))


def _bootstraps(
    counts: np.ndarray, mean: float, seeds: int, generator: np.random.Generator
) -> Iterator[tuple[str, float]]:
    """Coverage of the percentile bootstrap over subjects, and over subjects and seeds."""
    times = resamples(counts.shape[1], 500, int(generator.integers(2**31)))
    sampled = uf1(resampled(counts, times)).mean(-1)
    low, high = percentile_ends(sampled.mean(1))
    yield f"{seeds} bootstrap", low <= mean <= high
    if seeds:
        chosen = generator.integers(0, seeds, sampled.shape)
        low, high = percentile_ends(np.take_along_axis(sampled, chosen, 1).mean(1))
        yield f"{seeds} two-level", low <= mean <= high


def table(cells: dict[str, dict[str, float]]) -> str:
    """The table in markdown: shares of the replications."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|" + " --: |" * len(COLUMNS)]
    for subjects in SIZES:
        for deviation in DEVIATIONS:
            sums = cells.get(f"{subjects} {deviation}")
            lines += [_row(subjects, deviation, seeds, sums) for seeds in SEEDS if sums and f"{seeds} coverage" in sums]
    return "\n".join(lines)


def _row(subjects: int, deviation: float, seeds: int, sums: dict[str, float]) -> str:
    def share(name: str) -> str:
        value = sums.get(f"{seeds} {name}")
        return "–" if value is None else f"{value / sums['replications']:.3f}"

    cells = [
        str(subjects), f"{deviation:g}", str(seeds or "none"), f"{sums['replications']:.0f}",
        share("coverage"), share("bootstrap"), share("two-level"), share("2 difference coverage"),
        share("swap false"), share("swap power"),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def simulate(subjects: int, replications: int) -> None:
    """Add batches to the results of a size until there are as many replications of each deviation."""
    path = results_of(subjects)
    cells = json.loads(path.read_text()) if path.is_file() else {}
    for number in range(-(-replications // BATCH)):
        for deviation in DEVIATIONS:
            sums = cells.setdefault(f"{subjects} {deviation}", {"replications": 0})
            if sums["replications"] > number * BATCH:
                continue
            for name, value in batch(subjects, deviation, number).items():
                sums[name] = round(float(sums.get(name, 0.0) + value), 6)
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(cells, indent=1) + "\n")


def results_of(subjects: int) -> Path:
    """Where the sums of a size are kept."""
    return RESULTS / f"{subjects}.json"


def main() -> None:
    """Simulate what is missing, then print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--print", action="store_true", help="print the table of what has been simulated")
    options.add_argument("--replications", type=int, default=500, help="of each cell")
    options.add_argument("--subjects", type=int, choices=list(SIZES), help="one size only")
    chosen = options.parse_args()
    sizes = [chosen.subjects] if chosen.subjects else list(SIZES)
    for subjects in [] if chosen.print else sizes:
        simulate(subjects, chosen.replications)
    cells: dict[str, dict[str, float]] = {}
    for subjects in sizes:
        if results_of(subjects).is_file():
            cells |= json.loads(results_of(subjects).read_text())
    print(table(cells))  # noqa: T201


if __name__ == "__main__":
    main()
