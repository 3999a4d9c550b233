"""The task of a run: labelled clips, what was left out of them and why, and the fingerprint that defines it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from merbench.action_units import parse
from merbench.clips import Clip, clip_of
from merbench.dataset import Source
from merbench.errors import AnnotationError, DataError, FrameError
from merbench.schemes import LabelScheme

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


def labelled(
    sources: Sequence[Source], scheme: str | None, apex_policy: ApexPolicy, spotter: Spotter | None = None
) -> Task:
    """The task that sources give under a scheme of theirs (None: the first dataset's default).

    Under the policy ``spot``, `spotter` finds the apexes; where its frames do not let it, the clip is left out.

    Raises:
        UnknownName: if a dataset has no such scheme.
        AnnotationError: for tables that cannot be used.
        DataError: if a class has no clip at all.
    """
    import pandas as pd

    first = sources[0].scheme(scheme)
    name, classes = first.name, first.classes
    tables: list[pd.DataFrame] = []
    left_out: list[LeftOut] = []
    states: dict[str, str] = {}
    apexes: list[str] = []
    notes: list[str] = []
    done: list[str] = []
    for source in sources:
        chosen = source.scheme(name)
        if chosen.classes != classes:
            raise DataError(
                f"Scheme {name!r} has the classes {', '.join(chosen.classes)} in {source.dataset.name}, but "
                f"{', '.join(classes)} in {sources[0].dataset.name}; datasets of one run must have the same."
            )
        annotations = source.annotations()
        chosen.require_column(source.dataset.name, annotations.table)
        rows, lost, mended = _labelled_rows(source, annotations.table, chosen, apex_policy, spotter)
        tables.append(rows)
        left_out += lost
        apexes += mended
        notes += annotations.notes
        done += annotations.mended
        states[source.dataset.name] = annotations.state
    clips = pd.concat(tables).sort_index()
    _refuse_repeats(clips)
    task = Task(
        clips=clips,
        scheme=name,
        classes=classes,
        states=states,
        apex_policy=apex_policy,
        apexes=tuple(apexes),
        left_out=tuple(left_out),
        notes=tuple(notes),
        mended=tuple(done),
    )
    return checked(task)


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


def _labelled_rows(
    source: Source, table: pd.DataFrame, scheme: LabelScheme, apex_policy: ApexPolicy, spotter: Spotter | None
) -> tuple[pd.DataFrame, list[LeftOut], list[str]]:
    import pandas as pd

    rows, left_out, mended = [], [], []
    for _, row in table.iterrows():
        clip = clip_of(source.dataset.name, row)
        value = str(row[scheme.column])
        label = scheme.label(clip.subject, clip.name, value)
        if label is None:
            left_out.append(LeftOut(key=clip.key, why="scheme", reason=value or f"no {scheme.column}"))
            continue
        if clip.onset > clip.offset:
            reason = f"onset {clip.onset} lies after offset {clip.offset}"
            left_out.append(LeftOut(key=clip.key, why="range", reason=reason))
            continue
        fault = _apex_fault(clip)
        if fault is not None and apex_policy == "drop":
            left_out.append(LeftOut(key=clip.key, why="apex", reason=fault))
            continue
        if fault is not None:
            try:
                clip = _with_apex(source, clip, fault, apex_policy, spotter)
            except FrameError as unseen:
                left_out.append(LeftOut(key=clip.key, why="frames", reason=str(unseen)))
                continue
            mended.append(clip.key)
        rows.append(_row(clip, label, row))
    if not rows:
        raise DataError(f"{source.dataset.name}: scheme {scheme.name!r} leaves none of {len(table)} clips.")
    return pd.DataFrame(rows).set_index("key"), left_out, mended


def _row(clip: Clip, label: str, row: pd.Series) -> dict[str, object]:
    return {
        "key": clip.key,
        "dataset": clip.dataset,
        "subject": clip.qualified_subject,
        "clip": clip.name,
        "onset": clip.onset,
        "apex": clip.apex,
        "offset": clip.offset,
        "emotion": str(row["emotion"]),
        "label": label,
        "action_units": _units(row["action_units"]),
        "split": _text(row.get("split")),
    }


def _text(cell: object) -> str:
    return "" if cell is None or str(cell) in ("<NA>", "nan", "None") else str(cell).strip()


def _units(cell: object) -> tuple[int, ...]:
    try:
        return tuple(unit.number for unit in parse(cell))
    except AnnotationError:
        return ()  # not coded, as far as can be read; adapters say so in a note


def _apex_fault(clip: Clip) -> str | None:
    if clip.apex is None:
        return "no apex is annotated"
    if not clip.onset <= clip.apex <= clip.offset:
        return f"the apex {clip.apex} lies outside {clip.onset}..{clip.offset}"
    return None


def _with_apex(source: Source, clip: Clip, fault: str, apex_policy: ApexPolicy, spotter: Spotter | None) -> Clip:
    if apex_policy == "error":
        raise AnnotationError(
            f"{clip}: {fault}. Choose --apex middle to take the middle frame, --apex spot to look for the frame that "
            "moved furthest, or --apex drop to leave such clips out."
        )
    if apex_policy == "spot" and spotter is not None:
        return dataclasses.replace(clip, apex=spotter(source, clip))
    return dataclasses.replace(clip, apex=(clip.onset + clip.offset) // 2)


def _refuse_repeats(clips: pd.DataFrame) -> None:
    repeated = clips.index[clips.index.duplicated()]
    if len(repeated):
        raise AnnotationError(
            f"{repeated[0]} stands in the table more than once ({len(repeated)} repeated rows); "
            "dataset, subject, clip and onset together must name one clip."
        )
