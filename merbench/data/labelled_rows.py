"""The clips of one dataset under a class set, one by one: each with its class, or left out with the reason."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from merbench.annotations.action_units import parse
from merbench.annotations.cells import cell_text
from merbench.annotations.clips import Annotations, Clip, clip_of, moment_column, moment_text
from merbench.annotations.schemes import LabelScheme
from merbench.data.labelled_clips import LeftOut, Spotter
from merbench.data.source import Source
from merbench.errors import AnnotationError, DataError, FrameError
from merbench.plural import plural
from merbench.spec import ApexPolicy

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledRows:
    """What one dataset gives: a table of its clips by key, those left out, and whose apex is not the annotated one."""

    annotations: Annotations
    rows: pd.DataFrame
    left_out: tuple[LeftOut, ...]
    apexes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labelled:
    clip: Clip
    label: str
    apex_set: bool


def labelled_rows(
    source: Source, scheme: LabelScheme, apex_policy: ApexPolicy, spotter: Spotter | None
) -> LabelledRows:
    """The clips of a dataset under one of its class sets.

    Raises:
        AnnotationError: for a table that cannot be used, or under the policy ``error`` for an apex that cannot.
        DataError: if no clip is left.
    """
    import pandas as pd

    annotations = source.annotations()
    table = annotations.table
    scheme.require_column(source.dataset.name, table)
    outcomes = [(row, _labelled(source, row, scheme, apex_policy, spotter)) for _, row in table.iterrows()]
    left_out = [outcome for _, outcome in outcomes if isinstance(outcome, LeftOut)]
    kept = [(row, outcome) for row, outcome in outcomes if isinstance(outcome, _Labelled)]
    if not kept:
        first = f" ({left_out[0].key}: {left_out[0].reason})" if left_out else ""
        raise DataError(
            f"{source.dataset.name}: scheme {scheme.name!r} leaves none of {plural(len(table), 'clip')}{first}; choose "
            "another --scheme, or leave the dataset out."
        )
    rows = pd.DataFrame([_row(each, row) for row, each in kept]).set_index("key")
    for name in ("onset", "apex", "offset"):
        rows[name] = moment_column([getattr(each.clip, name) for _, each in kept])
    return LabelledRows(
        annotations=annotations,
        rows=rows,
        left_out=tuple(left_out),
        apexes=tuple(each.clip.key for _, each in kept if each.apex_set),
    )


def _labelled(
    source: Source, row: pd.Series, scheme: LabelScheme, apex_policy: ApexPolicy, spotter: Spotter | None
) -> _Labelled | LeftOut:
    clip = clip_of(source.dataset.name, row)
    value = str(row[scheme.column])
    label = scheme.label(clip.subject, clip.name, value)
    if label is None:
        return LeftOut(key=clip.key, why="scheme", reason=scheme.left_out(value))
    if clip.reversed:
        return LeftOut(key=clip.key, why="range", reason=f"onset {clip.onset} lies after offset {clip.offset}")
    fault = _apex_fault(clip)
    if apex_policy == "spot-all" and clip.has_range:
        fault = fault or "every apex is to be spotted"
    if fault is None:
        return _Labelled(clip=clip, label=label, apex_set=False)
    if apex_policy == "drop":
        return LeftOut(key=clip.key, why="apex", reason=fault)
    try:
        return _Labelled(clip=_with_apex(source, clip, fault, apex_policy, spotter), label=label, apex_set=True)
    except FrameError as unseen:
        return LeftOut(key=clip.key, why="frames", reason=str(unseen))


def _row(labelled: _Labelled, row: pd.Series) -> dict[str, Any]:
    clip = labelled.clip
    return {
        "key": clip.key,
        "dataset": clip.dataset,
        "subject": clip.qualified_subject,
        "clip": clip.name,
        "onset": clip.onset,
        "apex": clip.apex,
        "offset": clip.offset,
        "emotion": str(row["emotion"]),
        "label": labelled.label,
        "action_units": _units(row["action_units"]),
        "split": cell_text(row.get("split")),
    }


def _units(cell: object) -> tuple[int, ...]:
    try:
        return tuple(unit.number for unit in parse(cell))
    except AnnotationError:
        return ()  # not coded, as far as can be read; adapters say so in a note


def _apex_fault(clip: Clip) -> str | None:
    """Why the apex cannot be used as annotated; None if it can, or where no range is known to take another from."""
    if clip.apex is None:
        return "no apex is annotated" if clip.has_range else None
    if not clip.apex_within:
        outside = f"{moment_text(clip.onset)}..{moment_text(clip.offset)}"
        return f"the apex {clip.apex} lies outside {outside}"
    return None


def _with_apex(source: Source, clip: Clip, fault: str, apex_policy: ApexPolicy, spotter: Spotter | None) -> Clip:
    if apex_policy == "error":
        raise AnnotationError(
            f"{clip}: {fault}. Choose --apex middle to take the middle frame, --apex spot to look for the frame that "
            "moved furthest, or --apex drop to leave such clips out."
        )
    if apex_policy in ("spot", "spot-all") and spotter is not None:
        return dataclasses.replace(clip, apex=spotter(source, clip))
    return dataclasses.replace(clip, apex=clip.middle)
