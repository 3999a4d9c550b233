"""The options that say what `merbench sensitivity` changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

import typer

from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.analysis.sensitivity import Changes
    from merbench.spec import AlignmentName


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOptions:
    """What is changed, one at a time; with `vary`, nothing but what is named."""

    vary: Annotated[
        str | None,
        typer.Option(
            metavar="keyframe_noise=MOST,…",
            help="Shift onset and apex by up to so many frames, or below 1 a share of the rise; nothing else is "
            "changed unless it is named.",
        ),
    ] = None
    flips: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE,…",
            help="Shares of training labels to flip, such as 0.1,0.2; empty for none.  [default: 0.1]",
        ),
    ] = None
    shifts: Annotated[
        str | None,
        typer.Option(
            metavar="FRAMES,…",
            help="Frames to move apexes by, earlier and later, such as 1,3; empty for none.  [default: 2]",
        ),
    ] = None
    spot: Annotated[
        bool | None,
        typer.Option("--spot/--no-spot", help="Also take as apex the frame that moved furthest.  [default: spot]"),
    ] = None
    alignments: Annotated[
        str | None,
        typer.Option(
            metavar="auto|NAME,…",
            help="Alignments to try; auto: those available; empty for none.  [default: auto]",
        ),
    ] = None

    def changes(self) -> Changes:
        """The changes that the options name.

        Raises:
            UsageError: for a value that cannot be read, or one that cannot be.
        """
        from merbench.analysis.sensitivity import Changes

        usual = self.vary is None  # what is changed where nothing is named
        alignments = _or(self.alignments, "auto", usual)
        named = None if alignments == "auto" else cast("tuple[AlignmentName, ...]", tuple(_words(alignments)))
        return Changes(
            flips=_shares(_or(self.flips, "0.1", usual)),
            shifts=_frames(_or(self.shifts, "2", usual)),
            spot=usual if self.spot is None else self.spot,
            alignments=named,
            keyframes=() if self.vary is None else _keyframes(self.vary),
        )


def _or(given: str | None, usual: str, apply: bool) -> str:
    return given if given is not None else usual if apply else ""


def _keyframes(text: str) -> tuple[float, ...]:
    """The values of ``keyframe_noise=1,2,0.25``; the specification of each run says which are possible."""
    name, _, values = text.partition("=")
    try:
        if name.strip() != "keyframe_noise" or not _words(values):
            raise ValueError
        return tuple(map(float, _words(values)))
    except ValueError:
        raise UsageError(
            f"--vary {text} is not possible: name the most that key frames are shifted by, in frames or as shares of "
            "the rise, such as --vary keyframe_noise=0,1,2,4."
        ) from None


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(map(float, _words(text)))
    except ValueError:
        raise UsageError(f"--flips {text} is not possible: name shares of the clips, such as 0.1,0.2.") from None


def _frames(text: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, _words(text)))
    except ValueError:
        raise UsageError(f"--shifts {text} is not possible: name whole numbers of frames, such as 1,2.") from None
