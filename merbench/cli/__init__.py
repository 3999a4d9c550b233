"""The command line: parse, call the library, print."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from merbench.cli.plain_streams import plain_streams
from merbench.errors import EntryFault, MerbenchError

if TYPE_CHECKING:
    from types import FrameType

#: Set to anything, it has the traceback of a refusal printed before its sentence.
TRACEBACK = "MERBENCH_TRACEBACK"
#: Set by a shell that asks what completes a word.
COMPLETION = "_MERBENCH_COMPLETE"
_BY_SIGNAL = 128  # shells add the signal's number to it: 130 for Ctrl-C, 143 for what `timeout` and `kill` send

#: The signal that asked this process to end, once it came.
_terminating: list[int] = []


def main() -> None:
    """Run the command line: exit code 0 when done, 2 for a mistake, explained in a sentence, 130 or 143 if stopped."""
    # threads that spin while they wait make a step up to 20 times slower as soon as another process computes too
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    signal.signal(signal.SIGTERM, _terminated)
    with plain_streams():
        _run()


def _run() -> None:
    try:
        _complete()
        from merbench.cli.app import build

        build()(prog_name="merbench")
    except MerbenchError as fault:
        _tell(fault)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(_stopped())
    except SystemExit as stop:
        if stop.code == _BY_SIGNAL + signal.SIGINT:
            sys.exit(_stopped())
        raise


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    """End as an interrupt does: worker processes are cleaned up, and the entry whose code it meets has not failed."""
    signal.signal(number, signal.SIG_IGN)
    _terminating.append(number)
    raise KeyboardInterrupt


def _complete() -> None:
    """Tell a shell that asks for it what completes a word, and stop."""
    asked, _, shell = os.environ.get(COMPLETION, "").partition("_")
    if asked != "complete":
        return
    from merbench.cli.completing import SHELLS, tell

    if shell in SHELLS:
        sys.exit(tell(shell))


def _tell(fault: MerbenchError) -> None:
    if os.environ.get(TRACEBACK):
        traceback.print_exception(fault)
    sys.stderr.write(f"merbench: {fault}\n")
    if isinstance(fault, EntryFault) and not os.environ.get(TRACEBACK):
        sys.stderr.write(f"The whole traceback is shown with {TRACEBACK}=1, or by: merbench --traceback ...\n")


def _stopped() -> int:
    hint = (
        " What is finished is kept; run the same command again to go on."
        if sys.argv[1:2] in (["run"], ["reproduce"], ["ablate"], ["tune"], ["sensitivity"])
        else ""
    )
    sys.stderr.write(f"merbench: stopped.{hint}\n")
    return _BY_SIGNAL + (_terminating or [signal.SIGINT])[0]
