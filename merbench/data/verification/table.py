"""What a check says of an annotation table: its counts, its odd rows, and what a revision would mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from merbench.annotations.clips import Annotations, Clip, clip_of
from merbench.annotations.corrections import REVISIONS, mended
from merbench.annotations.schemes import LabelScheme
from merbench.data.source import Source
from merbench.data.verification.finding import Finding, compared
from merbench.dataset import Dataset, Known

if TYPE_CHECKING:
    import pandas as pd


def of_table(source: Source, read: Annotations) -> Iterator[Finding]:
    """The findings on a table that was read."""
    dataset, table = source.dataset, read.table
    yield from _counts(dataset, read)
    for scheme in dataset.schemes:
        yield _scheme(scheme, read)
    yield from _rows([clip_of(dataset.name, row) for _, row in table.iterrows()])
    yield from _mends(source, table)


def whole_state(state: str) -> str:
    """The annotation state that a table is, or is part of."""
    return state.removesuffix(" (part)")


def _counts(dataset: Dataset, read: Annotations) -> Iterator[Finding]:
    known = dataset.known.get(whole_state(read.state))
    clips, subjects = read.table["emotion"], _people(read.table)
    if known is None:
        told = f"{len(clips)} clips of {subjects.nunique()} subjects; nothing is known to compare them with"
        unknown = bool(dataset.known)
        yield Finding(
            what="clips",
            verdict="differs" if unknown else "to know",
            detail=f"{told} in annotation state {read.state!r}, only of {', '.join(dataset.known)}"
            if unknown
            else told,
        )
        return
    yield from _against(known, Counter(clips), Counter(map(str, subjects)))


def _against(known: Known, emotions: Counter[str], subjects: Counter[str]) -> Iterator[Finding]:
    yield compared("clips by emotion", emotions, known.emotions, known.source)
    yield compared("subjects", {"subjects": len(subjects)}, {"subjects": known.subjects}, known.source)
    if known.by_subject:
        yield compared("clips by subject", subjects, known.by_subject, known.source)


def _scheme(scheme: LabelScheme, read: Annotations) -> Finding:
    what, state = f"scheme {scheme.name}", whole_state(read.state)
    if scheme.column not in read.table.columns:
        return Finding(what=what, verdict="to know", detail=f"the table has no column {scheme.column!r}")
    labels = _labels(scheme, read.table)
    found = {label: sum(one == label for _, one in labels) for label in scheme.classes} or dict(
        Counter(label for _, label in labels)
    )
    people = len({subject for subject, _ in labels})
    if state not in scheme.counts:
        told = ", ".join(f"{label} {count}" for label, count in found.items()) or "no clips"
        return Finding(what=what, verdict="to know", detail=f"{told}; {people} subjects; no counts are known")
    known = {**scheme.counts[state]}
    if state in scheme.subjects:
        known["subjects"], found["subjects"] = scheme.subjects[state], people
    return compared(what, found, known)


def _labels(scheme: LabelScheme, table: pd.DataFrame) -> list[tuple[str, str]]:
    scheme = scheme if scheme.classes else _closed(scheme, table)
    rows = zip(_people(table), table["subject"], table["clip"], table[scheme.column], strict=True)
    labels = ((person, scheme.label(str(subject), str(clip), str(value))) for person, subject, clip, value in rows)
    return [(person, label) for person, label in labels if label is not None]


def _people(table: pd.DataFrame) -> pd.Series:
    """The subject of each clip, with the dataset before it where the table names it: ids repeat between datasets."""
    subjects = table["subject"].astype(str)
    return table["dataset"].astype(str) + "/" + subjects if "dataset" in table.columns else subjects


def _closed(scheme: LabelScheme, table: pd.DataFrame) -> LabelScheme:
    from merbench.errors import AnnotationError

    try:
        return scheme.closed(table)
    except AnnotationError:
        return scheme


_ODD: Sequence[tuple[str, str, Callable[[Clip], bool]]] = (
    ("onset after offset", "a run leaves them out", lambda clip: clip.onset > clip.offset),
    ("no apex", "--apex decides", lambda clip: clip.apex is None and clip.onset <= clip.offset),
    (
        "apex outside",
        "--apex decides",
        lambda clip: clip.apex is not None and clip.onset <= clip.offset and not clip.onset <= clip.apex <= clip.offset,
    ),
    ("apex on the onset", "a difference of both shows nothing", lambda clip: clip.apex == clip.onset < clip.offset),
    ("apex on the offset", "to know", lambda clip: clip.apex == clip.offset > clip.onset),
)


def _rows(clips: Sequence[Clip]) -> Iterator[Finding]:
    for what, told, is_odd in _ODD:
        if odd := [f"{clip.key} ({clip.onset}, {clip.apex or '-'}, {clip.offset})" for clip in clips if is_odd(clip)]:
            yield Finding(
                what=f"rows: {what}", verdict="to know", detail=f"{len(odd)} of {len(clips)}; {told}", about=(*odd,)
            )
    if repeated := [key for key, times in Counter(clip.key for clip in clips).items() if times > 1]:
        yield Finding(what="rows: repeated", verdict="differs", detail=f"{len(repeated)} clips", about=(*repeated,))
    if overlapping := list(_overlapping(clips)):
        detail = f"{len(overlapping)} pairs of expressions share frames of one recording"
        yield Finding(what="rows: overlapping", verdict="to know", detail=detail, about=tuple(overlapping))


def _overlapping(clips: Sequence[Clip]) -> Iterator[str]:
    by_recording: dict[tuple[str, str], list[Clip]] = {}
    for clip in clips:
        if clip.onset <= clip.offset:
            by_recording.setdefault((clip.qualified_subject, clip.name), []).append(clip)
    for several in by_recording.values():
        several.sort(key=lambda clip: clip.onset)
        for first, second in pairwise(several):
            if second.onset <= first.offset:
                yield f"{first.key} and {second.onset}"


def _mends(source: Source, table: pd.DataFrame) -> Iterator[Finding]:
    if not source.dataset.mends:
        return
    latest = REVISIONS[-1]
    _, done = mended(table, source.dataset.mends, latest)
    detail = f"--mends {latest} would change {len(done)} cells of the {len(source.dataset.mends)} in its ledger"
    yield Finding(what="mends", verdict="to know", detail=detail, about=tuple(map(str, done)))
