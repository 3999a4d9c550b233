"""The task of a run: labelled clips, what was left out of them and why, and the fingerprint that defines it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

ApexPolicy = Literal["middle", "spot", "drop", "error"]
APEX_POLICIES: tuple[ApexPolicy, ...] = get_args(ApexPolicy)
#: The apex of a clip that has none annotated, looked for in its frames.
Spotter = Callable[[Source, Clip], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A clip that is not part of the task, and why: `scheme`, `range`, `apex` or `frames`."""

    key: str
    why: Literal["scheme", "range", "apex", "frames"]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Labelled clips of one or several datasets under one scheme.

    `clips` is indexed by clip key, sorted, with the columns dataset, subject (qualified), clip, onset, apex, offset,
    emotion, label (a class name), action_units, and split, which is empty text where the dataset's table has none.
    `apexes` names the clips whose apex was not as annotated; `mended` says what is not as the annotation files have it.
    """

    clips: pd.DataFrame
    scheme: str
    classes: tuple[str, ...]
    states: Mapping[str, str]
    apex_policy: ApexPolicy
    apexes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Clips by class, in the scheme's order."""
        found = Counter(self.clips["label"])
        return {name: found[name] for name in self.classes}

    @property
    def subjects(self) -> tuple[str, ...]:
        """The qualified subjects, sorted."""
        return tuple(sorted(set(self.clips["subject"])))

    @property
    def fingerprint(self) -> str:
        """What defines the task, hashed: scheme, and of every clip its identity, moments and label."""
        return self.fingerprint_with(())

    def fingerprint_with(self, further: Sequence[str]) -> str:
        """The fingerprint where `further` columns define the task too, as those that a protocol needs do."""
        columns = ["onset", "apex", "offset", "label", *further]
        lines = ["\t".join([str(key), *map(str, cells)]) for key, *cells in self.clips[columns].itertuples(name=None)]
        text = "\n".join([self.scheme, *self.classes, *lines])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def labels(self) -> list[int]:
        """The index of each clip's class, in the order of `clips`."""
        place = {name: index for index, name in enumerate(self.classes)}
        return [place[label] for label in self.clips["label"]]

    def as_clips(self) -> list[Clip]:
        """The clips as records, in the order of `clips`."""
        return [_clip(row) for row in self.clips.itertuples()]

    def without(self, failed: Mapping[str, str]) -> Task:
        """The task less the clips whose frames failed, by key and reason."""
        if not failed:
            return self
        lost = tuple(LeftOut(key=key, why="frames", reason=reason) for key, reason in sorted(failed.items()))
        kept = self.clips[~self.clips.index.isin(list(failed))]
        apexes = tuple(key for key in self.apexes if key not in failed)
        task = dataclasses.replace(self, clips=kept, apexes=apexes, left_out=self.left_out + lost)
        return checked(task)


def _clip(row: Any) -> Clip:
    return Clip(
        dataset=row.dataset,
        subject=row.subject.removeprefix(f"{row.dataset}/"),
        name=row.clip,
        onset=row.onset,
        apex=row.apex,
        offset=row.offset,
    )


def checked(task: Task) -> Task:
    """The task itself, if every class has clips.

    Raises:
        DataError: naming the classes that have none.
    """
    absent = [name for name, count in task.counts.items() if count == 0]
    if absent:
        found = ", ".join(f"{name} {count}" for name, count in task.counts.items())
        raise DataError(
            f"Scheme {task.scheme!r}: no clip of class {', '.join(absent)} in the table ({found}); "
            "choose another --scheme, or give data that has the class."
        )
    return task
