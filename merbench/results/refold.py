"""The folds of a kept record, made anew by its protocol from the clips that the record names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from merbench.annotations.clips import subject_of
from merbench.errors import EntryFault, MerbenchError, UnknownName
from merbench.parts import grouped
from merbench.protocol import Fold, Protocol, audited, untrained_classes, untrained_subjects
from merbench.registry import protocols

if TYPE_CHECKING:
    import pandas as pd

#: What a record says of its protocol, to be said by the installed one too.
_TRAITS = ("every_clip_once", "leaky", "averaged")


class NotRebuilt(Exception):
    """Says why the folds of a record cannot be made anew; it is no error."""


def rebuilt(content: Mapping[str, Any]) -> Iterator[str]:
    """The places where a record departs from what its protocol, as installed, makes of its clips.

    Raises:
        NotRebuilt: if the protocol is not at hand, or needs more than a record keeps.
    """
    protocol = _protocol(content)
    traits = {trait: bool(content.get(trait, False)) for trait in _TRAITS}
    other = [trait for trait, told in traits.items() if told is not getattr(protocol, trait)]
    if other:
        yield f"has {other[0]}={getattr(protocol, other[0])}, but the record {traits[other[0]]}"
        return
    _require_kept(protocol)
    clips = _clips(content)
    try:
        folds = audited(protocol, clips)
    except EntryFault as fault:  # a stranger's protocol, on fewer columns than it was given
        raise NotRebuilt(
            f"{protocol.name} fails on the columns that a record keeps, dataset, subject and label "
            f"({type(fault.__cause__).__name__}: {fault.__cause__})"
        ) from fault
    except MerbenchError as fault:
        yield f"refuses the clips of the record: {fault}"
        return
    yield from _departures(content, clips, folds)
    if grouped(protocol.parts(clips)) != content["parts"]:
        yield "has other parts than the record"


def _protocol(content: Mapping[str, Any]) -> Protocol:
    description = content["description"]
    name = description["protocol"]
    try:
        kind = protocols.get(name)
    except UnknownName:
        raise NotRebuilt(f"the protocol {name} is not installed; name its file with --plugin") from None
    except MerbenchError as fault:
        raise NotRebuilt(str(fault)) from fault
    try:
        protocol = kind(kind.Parameters().changed(description["protocol_parameters"]))
    except MerbenchError as fault:
        raise NotRebuilt(f"the protocol {name} cannot be made with the record's parameters: {fault}") from fault
    if description["plugins"].get(f"protocol {name}", "") != protocols.origins[name].digest:
        raise NotRebuilt(f"the protocol {name} that is installed has another source than the record's")
    return protocol


def _require_kept(protocol: Protocol) -> None:
    name = protocol.name
    if not protocol.every_clip_once:
        raise NotRebuilt(f"under {name} some clips are never tested, and a record keeps those that are")
    if protocol.needs:
        raise NotRebuilt(f"{name} needs {', '.join(protocol.needs)} of each clip, which a record does not keep")


def _clips(content: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    classes = content["description"]["classes"]
    rows = [
        {"key": key, "dataset": key.split("/")[0], "subject": subject_of(key), "label": classes[label]}
        for keys, truth in zip(content["keys"], content["truth"], strict=True)
        for key, label in zip(keys, truth, strict=True)
    ]
    return pd.DataFrame(rows).drop_duplicates("key").set_index("key")


def _departures(content: Mapping[str, Any], clips: pd.DataFrame, folds: tuple[Fold, ...]) -> Iterator[str]:
    names = [fold.name for fold in folds]
    if names != content["folds"]:
        other = sorted(set(names) ^ set(content["folds"]))
        yield f"makes {len(names)} folds, the record has {len(content['folds'])} (apart in {', '.join(other[:3])})"
        return
    for fold, keys in zip(folds, content["keys"], strict=True):
        if set(fold.test) != set(keys):
            other = sorted(set(fold.test) ^ set(keys))
            yield f"tests other clips in fold {fold.name} than the record ({', '.join(other[:3])})"
    if untrained_subjects(folds, clips) != content["untrained_subjects"]:
        yield "trains on other subjects than the record says"
    if {name: list(lost) for name, lost in untrained_classes(folds, clips).items()} != content["untrained_classes"]:
        yield "leaves other classes without a training clip than the record says"
