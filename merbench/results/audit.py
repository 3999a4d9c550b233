"""The audit of a finished run: what its own files support of what it claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from merbench.annotations.alike_names import alike_subjects, described
from merbench.annotations.clips import subject_of
from merbench.data.finding import Finding
from merbench.errors import StoreError
from merbench.plural import plural
from merbench.results.reading import read_record
from merbench.results.record import RunRecord
from merbench.results.refold import NotRefolded, fold_differences
from merbench.results.run import Run
from merbench.results.store import Store
from merbench.results.validation import require_structure, validated

#: What a run folder's record must repeat of its fold files.
_REPEATED = (
    "keys", "truth", "by_rule", "optimism", "curve", "has_epochs", "parts", "leaky", "averaged", "untrained_subjects",
    "untrained_classes", "inner_splits", "draws_without_epochs",
)  # fmt: skip


def audit(path: Path | str) -> list[Finding]:
    """The findings on a run folder, or on a compact record.

    Raises:
        StoreError: if it is neither, or cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        computed, stored = Run.load(path).record(), Store(path).read_record().named(path.name)
        return [*findings(stored), _against_folds(computed, stored)]
    unseen = Finding(
        what="choice of epochs",
        verdict="cannot be checked",
        detail="a compact record keeps the chosen epochs and thresholds alone; audit the run folder",
    )
    return [*findings(read_record(path).named(path.stem)), unseen]


def findings(record: RunRecord) -> list[Finding]:
    """What a compact record shows of itself: its subjects, clips, folds, classes and scores.

    Raises:
        StoreError: if it has not one key, label and fold for each of its clips.
    """
    require_structure(record)
    return [_subjects(record), *_names(record), _cover(record), _folds(record), _classes(record), _scores(record)]


def _scores(record: RunRecord) -> Finding:
    try:
        validated(record)
    except StoreError as error:
        return Finding(what="scores", verdict="differs", detail=str(error))
    detail = f"recomputed from stored probabilities under {', '.join(record.by_rule)}"
    return Finding(what="scores", verdict="holds", detail=detail)


def _subjects(record: RunRecord) -> Finding:
    what = "subjects"
    if record.external:
        detail = "predictions made elsewhere do not show what they were trained on"
        return Finding(what=what, verdict="cannot be checked", detail=detail)
    shared = sorted(
        {
            subject_of(key)
            for fold, keys in zip(record.folds, record.keys, strict=True)
            for key in keys
            if subject_of(key) not in record.untrained_subjects[fold]
        }
    )
    if not shared:
        return Finding(what=what, verdict="holds", detail="no held-out subject is trained on in its fold")
    detail = (
        f"trained on and tested: {plural(len(shared), 'subject')} "
        f"({', '.join(shared[:3])}{', …' if shared[3:] else ''})"
    )
    if record.leaky:
        return Finding(what=what, verdict="holds", detail=f"{detail}, as its leaky protocol says: never ranked")
    return Finding(what=what, verdict="differs", detail=detail)


def _names(record: RunRecord) -> Iterator[Finding]:
    """What the names of subjects say of who may be one person; nothing where no two are alike."""
    what = "names of subjects"
    if record.opaque:
        detail = "the record has digests in place of names; audit the run folder"
        yield Finding(what=what, verdict="cannot be checked", detail=detail)
        return
    groups = alike_subjects(subject_of(key) for keys in record.keys for key in keys)
    if not groups:
        return
    names = described(groups)
    if record.external:
        yield Finding(what=what, verdict="cannot be checked", detail=f"may be one person each ({names})")
    elif record.spec is not None and record.spec.distinct_subjects:
        yield Finding(what=what, verdict="holds", detail=f"stated to be different people: {names}")
    elif record.leaky:
        detail = f"may be one person each ({names}), and its protocol is leaky: never ranked"
        yield Finding(what=what, verdict="holds", detail=detail)
    else:
        detail = f"may be one person each, who is trained on and tested ({names})"
        yield Finding(what=what, verdict="differs", detail=detail)


def _cover(record: RunRecord) -> Finding:
    tested = Counter(key for keys in record.keys for key in keys)
    repeated = [key for key, times in tested.items() if times > 1]
    if not record.every_clip_once:
        return Finding(what="clips", verdict="holds", detail=f"{len(tested)} tested; not every clip is promised")
    sound = not repeated and len(tested) == record.clips
    detail = f"{len(tested)} of {plural(record.clips, 'clip')} tested, {len(repeated)} more than once"
    return Finding(what="clips", verdict="holds" if sound else "differs", detail=detail)


def _folds(record: RunRecord) -> Finding:
    what, protocol = "folds", record.description.protocol
    try:
        differences = list(fold_differences(record))
    except NotRefolded as reason:
        return Finding(what=what, verdict="cannot be checked", detail=str(reason))
    if differences and record.opaque and not _folds_are_names(record):
        detail = "folds depend on the names of subjects, in place of which the record has digests; audit the run folder"
        return Finding(what=what, verdict="cannot be checked", detail=detail)
    if differences:
        return Finding(what=what, verdict="differs", detail=f"{protocol} {differences[0]}")
    detail = f"{len(record.folds)} made anew by the installed {protocol}, and equal"
    return Finding(what=what, verdict="holds", detail=detail)


def _folds_are_names(record: RunRecord) -> bool:
    """Whether every fold is called by what an opaque record keeps: a subject, a clip, or a dataset."""
    keys = [key for fold in record.keys for key in fold]
    known = {*keys, *map(subject_of, keys), *(key.partition("/")[0] for key in keys)}
    return set(record.folds) <= known


def _classes(record: RunRecord) -> Finding:
    parts = [f"{', '.join(classes)} in {fold}" for fold, classes in record.untrained_classes.items()]
    if not parts:
        return Finding(
            what="classes", verdict="holds", detail="every class that is tested in a fold is trained on there"
        )
    detail = (
        f"tested without a training clip: {'; '.join(parts[:3])}{'; …' if parts[3:] else ''}, as the record reports"
    )
    return Finding(what="classes", verdict="holds", detail=detail)


def _against_folds(computed: RunRecord, stored: RunRecord) -> Finding:
    one, two = computed.as_dict(), stored.as_dict()
    for name in _REPEATED:
        places = list(_differences(one.get(name), two.get(name), name))
        if places:
            detail = f"record.json and fold files part at {places[0]}"
            return Finding(what="record", verdict="differs", detail=detail)
    detail = "chosen anew from every epoch of the fold files; record.json says the same"
    return Finding(what="choice of epochs", verdict="holds", detail=detail)


def _differences(one: Any, two: Any, place: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        for name in one:
            yield from _differences(one[name], two[name], f"{place}.{name}")
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for number, (left, right) in enumerate(zip(one, two, strict=True)):
            yield from _differences(left, right, f"{place}.{number}")
    elif isinstance(one, float) and isinstance(two, float):
        if not abs(one - two) <= 1e-9:
            yield place
    elif one != two:
        yield place
