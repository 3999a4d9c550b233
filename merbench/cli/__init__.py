"""The command line: parse, call the library, print."""

from __future__ import annotations

import os
import sys

from merbench.errors import MerbenchError


def main() -> None:
    """Run the command line: exit code 0 when done, 2 for a mistake that is told in a sentence, 130 when stopped."""
    # threads that spin while they wait make a step up to 20 times slower as soon as another process computes too
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from merbench.cli.app import app

    try:
        app()
    except MerbenchError as fault:
        sys.stderr.write(f"merbench: {fault}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("merbench: stopped. Finished folds are kept; run the same command again to go on.\n")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
