"""Whether packing and bfloat16 leave scores where they are: UF1 on synthetic faces over seeds, trained in three ways.

Prints a table, and keeps it as JSON. METHOD is `streams`, the flow network of `merbench bench`, or a method's name::

    python tests/benchmarks/same_scores.py FILE METHOD SEEDS [NAME=VALUE ...]
"""

import dataclasses
import shlex
import statistics
import sys
import tempfile
from pathlib import Path

from merbench.cli.bench.report import Row, write
from merbench.cli.bench.workloads import Streams
from merbench.experiments.events import Observer
from merbench.experiments.execute import carry_out
from merbench.experiments.experiment import Experiment
from merbench.experiments.prepare import prepare
from merbench.experiments.resolve import resolve
from merbench.experiments.specify import specification

SMALL = {"dataset.subjects": "6", "dataset.clips": "20"}
#: Name: precision, folds at once, and how.
WAYS = {
    "float32, one fold at a time": ("float32", 1, "threaded"),
    "float32, 2 folds stacked": ("float32", 2, "vmapped"),
    "bfloat16, one fold at a time": ("bfloat16", 1, "threaded"),
}


def experiment(method: str, seed: int, way: str, settings: dict[str, str]) -> Experiment:
    precision, packing, together = WAYS[way]
    named = Streams() if method == "streams" else method
    made = resolve(specification(named, settings=settings, seed=seed, rules="last", device="cpu", precision=precision))
    assert made.numerics is not None
    return dataclasses.replace(
        made, numerics=dataclasses.replace(made.numerics, parallel_folds=packing, parallelism=together, threads=1)
    )


def main() -> None:
    """Train, print and keep."""
    out, method, seeds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    settings = {**SMALL, **dict(pair.split("=", 1) for pair in sys.argv[4:])}
    scores: dict[str, list[float]] = {way: [] for way in WAYS}
    device = ""
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(seeds):
            for way, found in scores.items():
                ready = prepare(experiment(method, seed, way, settings), Observer())
                run = carry_out(ready, out=Path(folder) / f"{seed} {way}", runs=folder, observer=Observer())
                found.append(run.scores("last").uf1)
                device = run.header.numerics.device_name
                sys.stdout.write(f"seed {seed}, {way}: UF1 {found[-1]:.4f}\n")
                sys.stdout.flush()
    [plain, *_] = scores.values()
    spread = statistics.stdev(plain)
    rows = [Row(name="float32, one fold at a time: spread of UF1 over seeds", value=spread, unit="")]
    for way, found in scores.items():
        rows.append(Row(name=f"{way}: UF1, mean over seeds", value=statistics.mean(found), unit=""))
        if found is not plain:
            largest = max(abs(one - other) for one, other in zip(plain, found, strict=True))
            rows.append(
                Row(
                    name=f"{way}: largest difference to float32 one at a time at equal seed",
                    value=largest,
                    unit="",
                    target=f"≤ {spread:.4f}, the spread",
                )
            )
    command = ["python", "tests/benchmarks/same_scores.py", "FILE", *sys.argv[2:]]
    write(out, shlex.join(command), device, rows)
    for row in rows:
        sys.stdout.write(f"{row.name}: {row.value:.4f} {row.target}\n")


if __name__ == "__main__":
    main()
