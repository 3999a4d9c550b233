"""A task from annotations: each clip with its class, or left out with the reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from merbench.annotations.action_units import parse
from merbench.annotations.cells import cell_text
from merbench.annotations.clips import Clip, clip_of, moment_column, moment_text
from merbench.annotations.schemes import LabelScheme
from merbench.data.labelled_clips import LabelledClips, LeftOut, Spotter, checked, clips_of
from merbench.data.precomputed import PRECOMPUTED
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.errors import AnnotationError, DataError, FrameError, UsageError
from merbench.plural import plural
from merbench.spec import ApexPolicy

if TYPE_CHECKING:
    import pandas as pd


def labelled(
    sources: Sequence[Source], scheme: str | None, apex_policy: ApexPolicy, spotter: Spotter | None = None
) -> LabelledClips:
    """The task that sources give under a scheme of theirs (None: the first dataset's default).

    Under the policy ``spot``, `spotter` finds the apexes; where its frames do not let it, the clip is left out.

    Raises:
        UnknownName: if a dataset has no such scheme.
        UsageError: if none was named, and a dataset lacks the first one's default.
        AnnotationError: for tables that cannot be used.
        DataError: if a class has no clip at all.
    """
    import pandas as pd

    first = sources[0].scheme(scheme)
    if scheme is None:
        _require_default(sources, first.name)
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
        rows, lost, apexes_set = _labelled_rows(source, annotations.table, chosen, apex_policy, spotter)
        tables.append(rows)
        left_out += lost
        apexes += apexes_set
        notes += annotations.notes
        done += annotations.corrected
        states[source.dataset.name] = annotations.state
    clips = pd.concat(tables).sort_index()
    _refuse_repeats(clips)
    task = LabelledClips(
        clips=clips,
        scheme=name,
        classes=classes,
        states=states,
        apex_policy=apex_policy,
        apexes=tuple(apexes),
        left_out=tuple(left_out),
        notes=tuple(notes),
        corrected=tuple(done),
        precomputed=_precomputed(sources, clips),
        kind_name=first.kind,
    )
    return checked(dataclasses.replace(task, notes=(*notes, *_unknown_moments(task))))


def _require_default(sources: Sequence[Source], name: str) -> None:
    """Refuse the first dataset's class set where another lacks it, with those that all of them have."""
    own = {source.dataset.name: [scheme.name for scheme in source.dataset.schemes] for source in sources}
    lacking = [dataset for dataset, names in own.items() if name not in names]
    if not lacking:
        return
    taken = (
        f"No class set was named, so {name} was taken from the first dataset, {sources[0].dataset.name}, "
        f"but {', '.join(lacking)} has no such set. "
    )
    shared = [each for each in next(iter(own.values())) if all(each in names for names in own.values())]
    if shared:
        raise UsageError(f"{taken}All of them have {', '.join(shared)}; name one: --scheme {shared[0]}")
    listed = "; ".join(f"{dataset}: {', '.join(names)}" for dataset, names in own.items())
    raise UsageError(f"{taken}None is of all of them ({listed}); leave datasets out, or run them one by one.")


def _precomputed(sources: Sequence[Source], clips: pd.DataFrame) -> dict[str, frozenset[str]]:
    """By input, the keys of the clips whose data brings it ready-made, or says that it does."""
    bringing = [source for source in sources if type(source.dataset).precomputed is not Dataset.precomputed]
    if not bringing:
        return {}
    by_dataset = {name: source for source in bringing for name in source.dataset.dataset_names(source.root)}
    brought = [clip for clip in clips_of(clips) if clip.dataset in by_dataset]
    return {
        name: frozenset(clip.key for clip in brought if _brings(by_dataset[clip.dataset], clip, name))
        for name in PRECOMPUTED
    }


def _brings(source: Source, clip: Clip, name: str) -> bool:
    try:
        return source.dataset.precomputed(source.root, clip, name) is not None
    except FrameError:  # a named file that is not there: preparing the input says so
        return True


def _unknown_moments(task: LabelledClips) -> list[str]:
    unknown = int(task.clips[["onset", "offset"]].isna().any(axis=1).sum())
    if not unknown:
        return []
    return [
        (
            f"onset or offset is unknown of {unknown} of {plural(len(task.clips), 'clip')}: methods that need "
            "frames are refused"
        )
    ]


def _labelled_rows(
    source: Source, table: pd.DataFrame, scheme: LabelScheme, apex_policy: ApexPolicy, spotter: Spotter | None
) -> tuple[pd.DataFrame, list[LeftOut], list[str]]:
    import pandas as pd

    rows, left_out, apexes_set = [], [], []
    for _, row in table.iterrows():
        clip = clip_of(source.dataset.name, row)
        value = str(row[scheme.column])
        label = scheme.label(clip.subject, clip.name, value)
        if label is None:
            left_out.append(LeftOut(key=clip.key, why="scheme", reason=scheme.left_out(value)))
            continue
        if clip.reversed:
            reason = f"onset {clip.onset} lies after offset {clip.offset}"
            left_out.append(LeftOut(key=clip.key, why="range", reason=reason))
            continue
        fault = _apex_fault(clip)
        if apex_policy == "spot-all" and clip.has_range:
            fault = fault or "every apex is to be spotted"
        if fault is not None and apex_policy == "drop":
            left_out.append(LeftOut(key=clip.key, why="apex", reason=fault))
            continue
        if fault is not None:
            try:
                clip = _with_apex(source, clip, fault, apex_policy, spotter)
            except FrameError as unseen:
                left_out.append(LeftOut(key=clip.key, why="frames", reason=str(unseen)))
                continue
            apexes_set.append(clip.key)
        rows.append(_row(clip, label, row))
    if not rows:
        first = f" ({left_out[0].key}: {left_out[0].reason})" if left_out else ""
        raise DataError(
            f"{source.dataset.name}: scheme {scheme.name!r} leaves none of {plural(len(table), 'clip')}{first}; choose "
            "another --scheme, or leave the dataset out."
        )
    labelled_rows = pd.DataFrame(rows).set_index("key")
    for name in ("onset", "apex", "offset"):
        labelled_rows[name] = moment_column([row[name] for row in rows])
    return labelled_rows, left_out, apexes_set


def _row(clip: Clip, label: str, row: pd.Series) -> dict[str, Any]:
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


def _refuse_repeats(clips: pd.DataFrame) -> None:
    repeated = clips.index[clips.index.duplicated()]
    if len(repeated):
        raise AnnotationError(
            f"{repeated[0]} stands in the table more than once ({len(repeated)} repeated rows); "
            "dataset, subject, clip and onset together must name one clip."
        )
