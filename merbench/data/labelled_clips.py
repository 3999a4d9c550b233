"""The task of a run: labelled clips, what was left out of them and why, and the fingerprint that defines it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from merbench.annotations.clips import Clip, known_moment, moment_text
from merbench.data.source import Source
from merbench.errors import DataError
from merbench.kind_names import SINGLE_NAME, KindName
from merbench.spec import ApexPolicy
from merbench.task_kinds import TaskKind, kind_named

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

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
class LabelledClips:
    """Labelled clips of one or several datasets under one scheme.

    `clips` is indexed by clip key, sorted, with the columns dataset, subject (qualified), clip, onset, apex,
    offset, emotion, label (a class name, or the names of units joined by ``+``), action_units, and split, which is
    empty text where the dataset's table has none; unknown moments are missing there. `precomputed` has, by input, the
    clips whose data brings it ready-made. `apexes` names the clips whose apex was not as annotated; `corrected` says
    what is not as the annotation files have it.
    """

    clips: pd.DataFrame
    scheme: str
    classes: tuple[str, ...]
    states: Mapping[str, str]
    apex_policy: ApexPolicy
    apexes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    precomputed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: By clip key, the class that it is trained on as, where that is not its own, on purpose.
    flipped: Mapping[str, str] = field(default_factory=dict)
    #: By clip key, the frames by which onset and apex are shifted, on purpose, where it is trained on and where tested.
    trained_shifts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tested_shifts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    kind_name: KindName = SINGLE_NAME

    @property
    def kind(self) -> TaskKind:
        """What is predicted of a clip."""
        return kind_named(self.kind_name)

    @property
    def counts(self) -> dict[str, int]:
        """Clips by class, in the scheme's order."""
        clips_by_class = Counter(name for label in self.clips["label"] for name in self.kind.parts(label))
        return {name: clips_by_class[name] for name in self.classes}

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
        rows = self.clips[columns].itertuples(name=None)
        lines = ["\t".join([str(key), *map(_cell, cells), *self._shift_cells(str(key))]) for key, *cells in rows]
        text = "\n".join([self.scheme, *self.classes, *lines])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def precomputed_counts(self) -> dict[str, int]:
        """By input, how many of the clips bring it ready-made; only inputs that some do."""
        present = set(self.clips.index)
        counts = {name: len(keys & present) for name, keys in sorted(self.precomputed.items())}
        return {name: count for name, count in counts.items() if count}

    def labels(self) -> npt.NDArray[np.int64]:
        """The truth of each clip, in the order of `clips`: class indices `(clip)`, or 0 or 1 `(clip unit)`."""
        return self.kind.encoded(list(self.clips["label"]), self.classes)

    def training_labels(self) -> npt.NDArray[np.int64]:
        """What each clip is trained on as: its own truth, but of `flipped` clips."""
        own = zip(self.clips.index, self.clips["label"], strict=True)
        return self.kind.encoded([self.flipped.get(key, label) for key, label in own], self.classes)

    def as_clips(self) -> list[Clip]:
        """The clips as records, in the order of `clips`, as they are trained on."""
        return _with_shifts(clips_of(self.clips), self.trained_shifts)

    def as_tested_clips(self) -> list[Clip]:
        """The clips as records, in the order of `clips`, as they are tested."""
        return _with_shifts(clips_of(self.clips), self.tested_shifts)

    def _shift_cells(self, key: str) -> list[str]:
        """What key frames that are shifted add to the fingerprint; nothing where none are."""
        if not self.trained_shifts and not self.tested_shifts:
            return []
        return [str(shifts.get(key, (0, 0))) for shifts in (self.trained_shifts, self.tested_shifts)]

    def without(self, failed: Mapping[str, str]) -> LabelledClips:
        """The task less the clips whose frames failed, by key and reason."""
        if not failed:
            return self
        lost = tuple(LeftOut(key=key, why="frames", reason=reason) for key, reason in sorted(failed.items()))
        remaining = self.clips[~self.clips.index.isin(list(failed))]
        apexes = tuple(key for key in self.apexes if key not in failed)
        task = dataclasses.replace(self, clips=remaining, apexes=apexes, left_out=self.left_out + lost)
        return checked(task)


def _with_shifts(clips: list[Clip], shifts: Mapping[str, tuple[int, int]]) -> list[Clip]:
    if not shifts:
        return clips
    return [dataclasses.replace(clip, shifts=shifts.get(clip.key, (0, 0))) for clip in clips]


def clips_of(rows: pd.DataFrame) -> list[Clip]:
    """The clips of labelled rows as records, in their order."""
    return [_clip(row) for row in rows.itertuples()]


def _cell(value: object) -> str:
    import pandas as pd

    return moment_text(None) if value is pd.NA else str(value)


def _clip(row: Any) -> Clip:
    return Clip(
        dataset=row.dataset,
        subject=row.subject.removeprefix(f"{row.dataset}/"),
        name=row.clip,
        onset=known_moment(row.onset),
        apex=known_moment(row.apex),
        offset=known_moment(row.offset),
    )


def checked(task: LabelledClips) -> LabelledClips:
    """The task itself, if every class has clips.

    Raises:
        DataError: naming the classes that have none.
    """
    absent = [name for name, count in task.counts.items() if count == 0]
    if absent:
        counts = ", ".join(f"{name} {count}" for name, count in task.counts.items())
        word = task.kind.word
        remedy = "choose another --scheme" if word == "class" else _units_that_occur(task)
        raise DataError(
            f"Scheme {task.scheme!r}: no clip of {word} {', '.join(absent)} in the table ({counts}); "
            f"{remedy}, or give data that has the {word}."
        )
    return task


def _units_that_occur(task: LabelledClips) -> str:
    """How to name the units of a task that its clips have."""
    units = [name.removeprefix("AU") for name, count in task.counts.items() if count]
    return f"name units that occur, --scheme au={','.join(units or '4')}, in place of {task.scheme}"
