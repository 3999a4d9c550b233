"""Predictions in the form of a challenge: the log of the recognition task of MEGC 2019."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from merbench.annotations.clips import Clip
from merbench.dataset import Dataset
from merbench.errors import DataError, UsageError

#: The class set of the challenge; a class is written as its number here.
SCHEME = "3-class-megc2019"
CLASSES = ("negative", "positive", "surprise")
#: What stands for a truth that the table does not have: no number, so that nobody counts it as a class.
UNKNOWN = "?"
_BLANK = re.compile(r"\s")


def require_classes(classes: Sequence[str]) -> None:
    """Nothing, if a run's classes are those of the challenge.

    Raises:
        UsageError: if they are not.
    """
    if set(classes) != set(CLASSES):
        raise UsageError(
            f"--format megc writes the log of MEGC 2019, whose classes are {', '.join(CLASSES)}, but those of the run "
            f"are {', '.join(classes)}. Train it with --scheme {SCHEME}, or choose --format csv."
        )


def truths(adapter: Dataset, root: Path) -> list[str]:
    """The class of each row of a table in the challenge, from its column class or its emotion; empty if unknown."""
    table, scheme = adapter.unlabelled(root).table, adapter.scheme(SCHEME)
    given = table["class"] if "class" in table.columns else [""] * len(table)
    rows = zip(table["subject"], table["clip"], table["emotion"], given, strict=True)
    return [
        str(own) if own in CLASSES else scheme.label(str(subject), str(clip), str(emotion)) or ""
        for subject, clip, emotion, own in rows
    ]


def megc_log(clips: Sequence[Clip], predicted: Sequence[str], truth: Sequence[str]) -> str:
    r"""The log of clips: a line ``database subject``, and below it a line ``clip truth prediction`` for each clip.

    Databases, subjects and clips are spelled as in the challenge's list.

    >>> clip = Clip(dataset="smic-hs", subject="s1", name="s1_ne_01", onset=1, apex=None, offset=9)
    >>> megc_log([clip], ["surprise"], ["negative"])
    'smic s01\ns01_ne_01 0 2\n'

    Raises:
        DataError: for names that such a log cannot tell apart.
    """
    lines: dict[str, list[str]] = {}
    for clip, label, known in zip(clips, predicted, truth, strict=True):
        database, subject, name = _spelled(clip)
        of_truth = CLASSES.index(known) if known else UNKNOWN
        lines.setdefault(f"{database} {subject}", []).append(f"{name} {of_truth} {CLASSES.index(label)}")
    _require_distinct(clips)
    return "".join(f"{head}\n" + "".join(f"{line}\n" for line in rows) for head, rows in lines.items())


def _spelled(clip: Clip) -> tuple[str, str, str]:
    names = clip.dataset, clip.subject, clip.name
    if any(map(_BLANK.search, names)):
        raise DataError(
            f"{clip}: the log of MEGC 2019 separates its columns by blanks, so that no name can have one; "
            "rename it in the table, or choose --format csv."
        )
    if clip.dataset == "casme2" and clip.subject.isdecimal():
        return "casme2", f"sub{int(clip.subject):02d}", clip.name
    if clip.dataset == "samm" and clip.subject.isdecimal():
        return "samm", f"{int(clip.subject):03d}", clip.name
    if clip.dataset in ("smic", "smic-hs"):
        return "smic", _two_digits(clip.subject), _two_digits(clip.name)
    return names


def _two_digits(name: str) -> str:
    return re.sub(r"^s(\d)(?=_|$)", r"s0\1", name)


def _require_distinct(clips: Sequence[Clip]) -> None:
    times = Counter(_spelled(clip) for clip in clips)
    twice = [clip.key for clip in clips if times[_spelled(clip)] > 1]
    if twice:
        raise DataError(
            f"{twice[0]} and {twice[1]}: a log of MEGC 2019 has no onsets, and would have both under one name; "
            "give them names of their own in the table, or choose --format csv."
        )
