"""What an import gives: rows of a manifest, what was recognised, and what could not be known."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from merbench.annotations.cells import NOTHING
from merbench.data.export import write_rows
from merbench.plural import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedClip:
    """One row of the table, every cell as text; empty where nothing is known."""

    dataset: str
    subject: str = ""
    clip: str
    onset: str = ""
    apex: str = ""
    offset: str = ""
    emotion: str = ""
    action_units: str = ""
    split: str = ""
    frames: str = ""
    flow: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The rows, sentences on what was recognised, and sentences on what is to be filled in."""

    clips: tuple[ImportedClip, ...]
    recognised: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    def write(self, out: Path) -> None:
        """Write the CSV file, with the optional columns that any row fills.

        Raises:
            UsageError: if it is there already, or cannot be written.
        """
        required = ("dataset", "subject", "clip", "onset", "apex", "offset", "emotion")
        names = [
            each.name
            for each in fields(ImportedClip)
            if each.name in required or any(getattr(clip, each.name) for clip in self.clips)
        ]
        write_rows(out, [names, *([getattr(clip, name) for name in names] for clip in self.clips)])


def lacking(clips: tuple[ImportedClip, ...]) -> tuple[str, ...]:
    """Sentences on the cells that a run needs and that are empty."""
    said = []
    for name, why in (
        ("subject", "who is seen in each clip; subjects are kept apart by it"),
        ("emotion", "the class of each clip"),
    ):
        empty = sum(getattr(clip, name).lower() in NOTHING for clip in clips)
        if empty:
            said.append(f"{name} is unknown of {empty} of {plural(len(clips), 'clip')}: fill in {why}")
    no_apex = sum(not clip.apex and bool(clip.frames) for clip in clips)
    if no_apex:
        said.append(
            f"apex is unknown of {no_apex} of {plural(len(clips), 'clip')}: fill it in, or choose --apex in the run"
        )
    return tuple(said)
