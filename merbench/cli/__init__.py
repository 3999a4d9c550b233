"""The command line: parse, call the library, print."""

from __future__ import annotations

import os
import sys

from merbench.errors import MerbenchError

_STOPPED = 130  # as shells have it: 128 and the number of the interrupt signal


def main() -> None:
    """Run the command line: exit code 0 when done, 2 for a mistake that is told in a sentence, 130 when stopped."""
    # threads that spin while they wait make a step up to 20 times slower as soon as another process computes too
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        from merbench.cli.app import app

        app()
    except MerbenchError as fault:
        sys.stderr.write(f"merbench: {fault}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(_stopped())
    except SystemExit as stop:
        if stop.code == _STOPPED:
            _stopped()
        raise


def _stopped() -> int:
    kept = (
        " What is finished is kept; run the same command again to go on."
        if sys.argv[1:2] in (["run"], ["ablate"], ["tune"])
        else ""
    )
    sys.stderr.write(f"merbench: stopped.{kept}\n")
    return _STOPPED
