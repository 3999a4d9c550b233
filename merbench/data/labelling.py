"""A task from the annotations of one or more datasets."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from merbench.annotations.clips import Clip
from merbench.annotations.schemes import LabelScheme
from merbench.data.labelled_clips import LabelledClips, Spotter, checked, clips_of
from merbench.data.labelled_rows import labelled_rows
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
    schemes = _same_classes(sources, first)
    given = [labelled_rows(source, own, apex_policy, spotter) for source, own in zip(sources, schemes, strict=True)]
    clips = pd.concat([each.rows for each in given]).sort_index()
    _refuse_repeats(clips)
    task = LabelledClips(
        clips=clips,
        scheme=first.name,
        classes=first.classes,
        states={source.dataset.name: each.annotations.state for source, each in zip(sources, given, strict=True)},
        apex_policy=apex_policy,
        apexes=tuple(key for each in given for key in each.apexes),
        left_out=tuple(clip for each in given for clip in each.left_out),
        notes=tuple(note for each in given for note in each.annotations.notes),
        corrected=tuple(key for each in given for key in each.annotations.corrected),
        precomputed=_precomputed(sources, clips),
        kind_name=first.kind,
    )
    return checked(dataclasses.replace(task, notes=(*task.notes, *_unknown_moments(task))))


def _same_classes(sources: Sequence[Source], first: LabelScheme) -> list[LabelScheme]:
    """The class set of each source under the name of the first's; refused where the classes are not the same."""
    schemes = [source.scheme(first.name) for source in sources]
    for source, own in zip(sources, schemes, strict=True):
        if own.classes != first.classes:
            raise DataError(
                f"Scheme {first.name!r} has the classes {', '.join(own.classes)} in {source.dataset.name}, but "
                f"{', '.join(first.classes)} in {sources[0].dataset.name}; datasets of one run must have the same."
            )
    return schemes


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


def _refuse_repeats(clips: pd.DataFrame) -> None:
    repeated = clips.index[clips.index.duplicated()]
    if len(repeated):
        raise AnnotationError(
            f"{repeated[0]} stands in the table more than once ({len(repeated)} repeated rows); "
            "dataset, subject, clip and onset together must name one clip."
        )
