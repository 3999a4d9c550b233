"""The folds of a record, computed again by its protocol from the clips that the record names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from merbench.annotations.clips import subject_of
from merbench.errors import EntryFault, MerbenchError, UnknownName
from merbench.metrics import keys_by_subset
from merbench.plural import plural
from merbench.protocol import Fold, Protocol, checked_folds, checked_subsets, untrained_classes, untrained_subjects
from merbench.registry import protocols
from merbench.results.model import Count
from merbench.results.record import RunRecord

if TYPE_CHECKING:
    import pandas as pd

#: What record and installed protocol must agree in.
_TRAITS = ("every_clip_once", "leaky", "averaged")


class NotRefolded(Exception):
    """Says why the folds of a record cannot be computed again; it is no error."""


def fold_differences(record: RunRecord) -> Iterator[str]:
    """The places where a record departs from what its protocol, as installed, makes of its clips.

    Raises:
        NotRefolded: if the protocol is not available, or needs more than a record keeps.
    """
    protocol = _protocol(record)
    traits: dict[str, bool] = {trait: getattr(record, trait) for trait in _TRAITS}
    differing = [trait for trait, value in traits.items() if value is not getattr(protocol, trait)]
    if differing:
        yield f"has {differing[0]}={getattr(protocol, differing[0])}, but the record {traits[differing[0]]}"
        return
    _require_refoldable(protocol)
    clips = _clips(record)
    try:
        folds = checked_folds(protocol, clips)
    except EntryFault as error:  # a stranger's protocol, on fewer columns than in its run
        raise NotRefolded(
            f"{protocol.name} fails on the columns that a record keeps, dataset, subject and label "
            f"({type(error.__cause__).__name__}: {error.__cause__})"
        ) from error
    except MerbenchError as error:
        yield f"refuses the clips of the record: {error}"
        return
    yield from _departures(record, clips, folds)
    if {name: tuple(keys) for name, keys in keys_by_subset(checked_subsets(protocol, clips)).items()} != record.subsets:
        yield "has other parts than the record"


def _protocol(record: RunRecord) -> Protocol:
    name = record.description.protocol
    try:
        kind = protocols.get(name)
    except UnknownName:
        raise NotRefolded(f"the protocol {name} is not installed; name its file with --plugin") from None
    except MerbenchError as error:
        raise NotRefolded(str(error)) from error
    try:
        protocol = kind(kind.Parameters().changed(record.description.protocol_parameters))
    except MerbenchError as error:
        raise NotRefolded(f"the protocol {name} cannot be made with the record's parameters: {error}") from error
    if record.description.plugins.get(f"protocol {name}", "") != protocols.origins[name].digest:
        raise NotRefolded(f"the protocol {name} that is installed has another source than the record's")
    return protocol


def _require_refoldable(protocol: Protocol) -> None:
    name = protocol.name
    if not protocol.every_clip_once:
        raise NotRefolded(f"under {name} some clips are never tested, and a record keeps those that are")
    if protocol.needs:
        raise NotRefolded(f"{name} needs {', '.join(protocol.needs)} of each clip, which a record does not keep")


def _clips(record: RunRecord) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {"key": key, "dataset": key.split("/")[0], "subject": subject_of(key), "label": _label(record, label)}
        for keys, truth in zip(record.keys, record.truth, strict=True)
        for key, label in zip(keys, truth, strict=True)
    ]
    return pd.DataFrame(rows).drop_duplicates("key").set_index("key")


def _label(record: RunRecord, truth: Count | tuple[Count, ...]) -> str:
    return record.kind.text(truth, record.classes)


def _departures(record: RunRecord, clips: pd.DataFrame, folds: tuple[Fold, ...]) -> Iterator[str]:
    names = tuple(fold.name for fold in folds)
    if names != record.folds:
        differing = sorted(set(names) ^ set(record.folds))
        yield (
            f"makes {plural(len(names), 'fold')}, the record has {len(record.folds)} (apart in "
            f"{', '.join(differing[:3])})"
        )
        return
    for fold, keys in zip(folds, record.keys, strict=True):
        if set(fold.test) != set(keys):
            differing = sorted(set(fold.test) ^ set(keys))
            yield f"tests other clips in fold {fold.name} than the record ({', '.join(differing[:3])})"
    subjects = {name: tuple(left_out) for name, left_out in untrained_subjects(folds, clips).items()}
    if subjects != record.untrained_subjects:
        yield "trains on other subjects than the record says"
    classes = {name: tuple(lost) for name, lost in untrained_classes(folds, clips, record.kind.parts).items()}
    if classes != record.untrained_classes:
        yield "leaves other classes without a training clip than the record says"
