"""The reference loop beside merbench on one mock CASME II tree, as a program: prints the ratio of their epochs.

The loop itself is `merbench.cli.bench.reference_loop`, so that `merbench bench` can run it on a user's machine, too::

    python tests/benchmarks/reference_loop.py [tiny|short|full] [DEVICE]
"""

import sys

from merbench.cli.bench.released_style_loop import reference
from merbench.cli.bench.report import SCALES
from merbench.training.numerics import choose
from merbench.training.pinning import pinned


def main() -> None:
    """Print the ratio."""
    scale, device = [*sys.argv[1:], "short", "auto"][:2] if len(sys.argv) != 2 else (sys.argv[1], "auto")
    numerics = choose(device)
    with pinned(numerics):
        for row in reference(SCALES[scale], numerics):
            sys.stdout.write(f"{row.name}: {row.value:.3g} {row.unit} ({row.note})\n")


if __name__ == "__main__":
    main()
