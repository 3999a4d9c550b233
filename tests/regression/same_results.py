"""Whether the library still gives the results of version 0.1.0, to the bit: python tests/regression/same_results.py.

Trains majority, flow-svm, ststnet and mmnet under leave-one-subject-out on the default synthetic faces, and compares
the probabilities of every held-out clip after the last epoch with those kept in `results_0_1_0.json`. Bits can be equal
only on the same model of processor with the same versions of torch and NumPy; elsewhere the largest difference tells
rounding from a change. Takes about eight minutes on two cores; `--method NAME` restricts it. Results of a method
whose network has changed on purpose since then differ, and the change log says which.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import merbench

FIGURES = Path(__file__).with_name("results_0_1_0.json")


def main() -> int:
    """0 if every run gives the kept probabilities to the bit, else 1."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    names = sorted({figure["method"] for figure in figures["runs"]})
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--method", action="append", choices=names, help="Only this method; repeatable.")
    methods = parser.parse_args().method or names
    equal = [compare(figure) for figure in figures["runs"] if figure["method"] in methods]
    return 0 if all(equal) else 1


def compare(figure: dict[str, Any]) -> bool:
    """Whether a run gives the kept probabilities to the bit; prints the largest difference."""
    with tempfile.TemporaryDirectory() as folder:
        run = merbench.run(
            figure["method"],
            "loso",
            parallel_folds=figure["parallel_folds"],
            precision="float32",
            out=f"{folder}/run",
        )
        folds = zip(run.outer, run.probabilities("last"), strict=True)
        here = {fold.fold: np.asarray(probabilities, dtype=np.float32) for fold, probabilities in folds}
        uf1 = run.scores("last").uf1
    there = {fold: np.array(rows, dtype=np.float32) for fold, rows in figure["probabilities"].items()}
    if here.keys() != there.keys() or any(here[fold].shape != there[fold].shape for fold in there):
        sys.stdout.write(f"{figure['method']}: other folds or clips than before\n")
        return False
    largest = max(float(np.abs(here[fold] - there[fold]).max()) for fold in there)
    verdict = "equal to the bit" if largest == 0 else f"differs by up to {largest:.2g}"
    sys.stdout.write(
        f"{figure['method']}, {figure['parallel_folds']} folds at once: {verdict}; "
        f"UF1 {uf1:.3f}, before {figure['uf1']:.3f}\n"
    )
    return largest == 0


if __name__ == "__main__":
    sys.exit(main())
