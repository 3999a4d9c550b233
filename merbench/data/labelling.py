"""A task from annotations: each clip with its class, or left out with the reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from merbench.annotations.action_units import parse
from merbench.annotations.clips import Clip, clip_of
from merbench.annotations.schemes import LabelScheme
from merbench.data.source import Source
from merbench.data.task import ApexPolicy, LeftOut, Spotter, Task, checked
from merbench.errors import AnnotationError, DataError, FrameError

if TYPE_CHECKING:
    import pandas as pd


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
