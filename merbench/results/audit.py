"""The audit of a finished run: what its own files bear out of what it claims."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from merbench.annotations.clips import subject_of
from merbench.errors import StoreError
from merbench.results.record import checked
from merbench.results.refold import NotRebuilt, rebuilt
from merbench.results.run import Run
from merbench.results.store import FORMAT, Store

Verdict = Literal["holds", "differs", "cannot be checked"]
#: What a run folder's record must repeat of its fold files.
_REPEATED = (
    "keys", "truth", "by_rule", "optimism", "curve", "has_epochs", "parts", "leaky", "averaged", "untrained_subjects",
    "untrained_classes",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at, and what came of it."""

    what: str
    verdict: Verdict
    detail: str


def audit(path: Path | str) -> list[Finding]:
    """The findings on a run folder, or on a compact record.

    Raises:
        StoreError: if it is neither, or cannot be read.
    """
    path = Path(path)
    try:
        if path.is_dir():
            fresh, content = Run.load(path).record(), Store(path).read_record()
            return [*findings(path.name, content), *_against_folds(fresh, content)]
        content = _read(path)
        unseen = Finding(
            what="choice of epochs",
            verdict="cannot be checked",
            detail="a compact record keeps the chosen epochs alone; audit the run folder",
        )
        return [*findings(path.stem, content), unseen]
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as fault:
        raise StoreError(f"{path} is no complete record of merbench ({type(fault).__name__}: {fault}).") from fault


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise StoreError(f"{path} cannot be read ({fault}); name a run folder or a record.") from fault
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise StoreError(f"{path} is no record of merbench of format {FORMAT}.")
    return content


def findings(name: str, content: Mapping[str, Any]) -> Iterator[Finding]:
    """What a compact record bears out of itself: its subjects, clips and scores."""
    yield _subjects(content)
    yield _cover(content)
    yield _folds(content)
    yield _classes(content)
    try:
        checked(name, content)
        told = f"recomputed from stored probabilities under {', '.join(content['by_rule'])}"
        yield Finding(what="scores", verdict="holds", detail=told)
    except StoreError as fault:
        yield Finding(what="scores", verdict="differs", detail=str(fault))


def _subjects(content: Mapping[str, Any]) -> Finding:
    what, untrained = "subjects", content["untrained_subjects"]
    if content.get("external"):
        told = "predictions made elsewhere do not show what they were trained on"
        return Finding(what=what, verdict="cannot be checked", detail=told)
    shared = sorted(
        {
            subject_of(key)
            for fold, keys in zip(content["folds"], content["keys"], strict=True)
            for key in keys
            if subject_of(key) not in untrained[fold]
        }
    )
    if not shared:
        return Finding(what=what, verdict="holds", detail="no held-out subject is trained on in its fold")
    told = f"{len(shared)} subjects are trained on and tested ({', '.join(shared[:3])}{', …' if shared[3:] else ''})"
    if content["leaky"]:
        return Finding(what=what, verdict="holds", detail=f"{told}, as its leaky protocol says: never ranked")
    return Finding(what=what, verdict="differs", detail=told)


def _cover(content: Mapping[str, Any]) -> Finding:
    tested = Counter(key for keys in content["keys"] for key in keys)
    twice = [key for key, times in tested.items() if times > 1]
    if not content["every_clip_once"]:
        return Finding(what="clips", verdict="holds", detail=f"{len(tested)} tested; not every clip is promised")
    sound = not twice and len(tested) == content["clips"]
    detail = f"{len(tested)} of {content['clips']} clips tested, {len(twice)} more than once"
    return Finding(what="clips", verdict="holds" if sound else "differs", detail=detail)


def _folds(content: Mapping[str, Any]) -> Finding:
    what = "folds"
    try:
        places = list(rebuilt(content))
    except NotRebuilt as why:
        return Finding(what=what, verdict="cannot be checked", detail=str(why))
    if places:
        return Finding(what=what, verdict="differs", detail=f"{content['description']['protocol']} {places[0]}")
    detail = f"{len(content['folds'])} made anew by the installed {content['description']['protocol']}, and equal"
    return Finding(what=what, verdict="holds", detail=detail)


def _classes(content: Mapping[str, Any]) -> Finding:
    lacking = content["untrained_classes"]
    told = [f"{', '.join(classes)} in {fold}" for fold, classes in lacking.items()]
    if not told:
        return Finding(
            what="classes", verdict="holds", detail="every class that is tested in a fold is trained on there"
        )
    detail = f"tested without a training clip: {'; '.join(told[:3])}{'; …' if told[3:] else ''}, as the record reports"
    return Finding(what="classes", verdict="holds", detail=detail)


def _against_folds(fresh: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[Finding]:
    plain = json.loads(json.dumps(fresh))
    for name in _REPEATED:
        places = list(_differences(plain.get(name), content.get(name), name))
        if places:
            yield Finding(what="record", verdict="differs", detail=f"record.json and fold files part at {places[0]}")
            return
    detail = "chosen anew from every epoch of the fold files; record.json says the same"
    yield Finding(what="choice of epochs", verdict="holds", detail=detail)


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
