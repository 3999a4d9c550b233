"""What a check says of an annotation table: its counts, its odd rows, and what a revision would correct."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from merbench.annotations.alike_names import alike_datasets, alike_subjects
from merbench.annotations.clips import Annotations, Clip, clip_of, moment_text
from merbench.annotations.corrections import REVISIONS, apply_corrections
from merbench.annotations.schemes import LabelScheme
from merbench.data.finding import Finding, compared
from merbench.data.overlapping import overlapping
from merbench.data.source import Source
from merbench.dataset import Dataset, Known
from merbench.plural import plural

if TYPE_CHECKING:
    import pandas as pd


def of_table(source: Source, read: Annotations) -> Iterator[Finding]:
    """The findings on a table that was read."""
    dataset, table = source.dataset, read.table
    counted = [*_counts(dataset, read), *(_scheme(scheme, read) for scheme in dataset.schemes)]
    if source.synthetic and read.state not in dataset.known:  # a mock of part of the table, which is not to be whole
        counted = [replace(each, verdict="to know") if each.verdict == "differs" else each for each in counted]
    yield from counted
    clips = [clip_of(dataset.name, row) for _, row in table.iterrows()]
    yield from _names(clips)
    yield from _rows(clips)
    yield from _corrections(source, table)


def whole_state(state: str) -> str:
    """The annotation state that a table is, or is part of."""
    return state.removesuffix(" (part)")


def _counts(dataset: Dataset, read: Annotations) -> Iterator[Finding]:
    known = dataset.known.get(whole_state(read.state))
    clips, subjects = read.table["emotion"], _people(read.table)
    if known is None:
        size = (
            f"{plural(len(clips), 'clip')} of {plural(subjects.nunique(), 'subject')}; nothing is known to "
            "compare them with"
        )
        unknown = bool(dataset.known)
        yield Finding(
            what="clips",
            verdict="differs" if unknown else "to know",
            detail=f"{size} in annotation state {read.state!r}, only of {', '.join(dataset.known)}"
            if unknown
            else size,
        )
        return
    yield from _against(known, Counter(clips), Counter(map(str, subjects)))
    if known.by_dataset and "dataset" in read.table.columns:
        by_dataset = Counter(read.table["dataset"].astype(str) + " " + clips.astype(str))
        yield compared("clips by dataset", by_dataset, known.by_dataset, known.source)


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
    counted = {label: sum(one == label for _, one in labels) for label in scheme.classes} or dict(
        Counter(label for _, label in labels)
    )
    people = len({subject for subject, _ in labels})
    if state not in scheme.counts:
        listed = ", ".join(f"{label} {count}" for label, count in counted.items()) or "no clips"
        return Finding(
            what=what, verdict="to know", detail=f"{listed}; {plural(people, 'subject')}; no counts are known"
        )
    known = {**scheme.counts[state]}
    if state in scheme.subjects:
        known["subjects"], counted["subjects"] = scheme.subjects[state], people
    return compared(what, counted, known)


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


def _has_frames(clip: Clip) -> bool:
    return clip.has_range and not clip.reversed


def _is_long(clip: Clip) -> bool:
    return clip.has_range and len(clip.range) > 1


_ODD: Sequence[tuple[str, str, Callable[[Clip], bool]]] = (
    ("onset or offset unknown", "methods that need frames are refused", lambda clip: not clip.has_range),
    ("onset after offset", "a run leaves them out", lambda clip: clip.reversed),
    ("no apex", "--apex decides", lambda clip: clip.apex is None and _has_frames(clip)),
    (
        "apex outside",
        "--apex decides",
        lambda clip: clip.apex is not None and not clip.reversed and not clip.apex_within,
    ),
    (
        "apex on the onset",
        "a difference of both shows nothing",
        lambda clip: _is_long(clip) and clip.apex == clip.onset,
    ),
    ("apex on the offset", "to know", lambda clip: _is_long(clip) and clip.apex == clip.offset),
)


def _rows(clips: Sequence[Clip]) -> Iterator[Finding]:
    for what, consequence, is_odd in _ODD:
        if odd := [f"{clip.key} ({_moments(clip)})" for clip in clips if is_odd(clip)]:
            yield Finding(
                what=f"rows: {what}",
                verdict="to know",
                detail=f"{len(odd)} of {len(clips)}; {consequence}",
                about=(*odd,),
            )
    if repeated := [key for key, times in Counter(clip.key for clip in clips).items() if times > 1]:
        yield Finding(
            what="rows: repeated", verdict="differs", detail=plural(len(repeated), "clip"), about=(*repeated,)
        )
    if pairs := [f"{one.key} and {other.onset}" for one, other in overlapping(clips)]:
        detail = f"frames of one recording in {plural(len(pairs), 'pair')} of expressions"
        yield Finding(what="rows: overlapping", verdict="to know", detail=detail, about=tuple(pairs))


def _names(clips: Sequence[Clip]) -> Iterator[Finding]:
    if alike := alike_subjects(clip.qualified_subject for clip in clips):
        yield Finding(
            what="subjects: names alike",
            verdict="differs",
            detail=f"{len(alike)} may be one person each; write one name, leave out a dataset of the same people, or "
            "run with --distinct-subjects",
            about=tuple(map(" and ".join, alike)),
        )
    if datasets := alike_datasets(clip.dataset for clip in clips):
        yield Finding(
            what="datasets: names alike",
            verdict="differs",
            detail=f"{len(datasets)} may be one dataset each; write one name",
            about=tuple(map(" and ".join, datasets)),
        )


def _moments(clip: Clip) -> str:
    return ", ".join(map(moment_text, (clip.onset, clip.apex, clip.offset)))


def _corrections(source: Source, table: pd.DataFrame) -> Iterator[Finding]:
    if not source.dataset.corrections:
        return
    latest = REVISIONS[-1]
    _, done = apply_corrections(table, source.dataset.corrections, latest)
    detail = (
        f"--corrections {latest} would change {plural(len(done), 'cell')} of the "
        f"{len(source.dataset.corrections)} in its list"
    )
    yield Finding(what="corrections", verdict="to know", detail=detail, about=tuple(map(str, done)))
