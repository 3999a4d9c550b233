"""What is checked of a protocol."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import TYPE_CHECKING

from merbench.errors import EntryFault, MerbenchError, ProtocolError
from merbench.metrics import keys_by_subset
from merbench.protocol import Protocol, checked_folds
from merbench.testing.conformance import Check, Failed, NotApplicable, Result, results

if TYPE_CHECKING:
    import pandas as pd

_SPLITS = ("train", "testA", "testB")


def mock_clips(protocol: Protocol, subjects: int = 6, clips: int = 4) -> pd.DataFrame:
    """A table of clips, without frames, of as many datasets as the protocol needs; `split` differs by subject."""
    import pandas as pd

    names = list(dict.fromkeys([*protocol.synthetic_datasets, "synthetic-a", "synthetic-b"]))[
        : max(protocol.least_datasets, 2)
    ]
    names = names if protocol.least_datasets > 1 else names[:1]
    rows = [
        {
            "key": f"{dataset}/{subject:02d}/{clip:02d}/1",
            "dataset": dataset,
            "subject": f"{dataset}/{subject:02d}",
            "label": "abc"[(subject + clip) % 3],
            "split": _SPLITS[subject % 3],
        }
        for dataset in names
        for subject in range(subjects)
        for clip in range(clips)
    ]
    return pd.DataFrame(rows).set_index("key")


def passes_the_audit(protocol: Protocol) -> None:
    """Subjects are kept apart, clips known and held out as promised, no side empty, no name twice."""
    try:
        checked_folds(protocol, mock_clips(protocol))
    except ProtocolError as fault:
        raise Failed(str(fault)) from fault


def keeps_subjects_apart(protocol: Protocol) -> None:
    """No subject is trained on and held out in one fold, unless the protocol is marked as leaky."""
    if protocol.leaky:
        raise NotApplicable("leaky, and says so: never ranked")
    clips = mock_clips(protocol)
    for fold in protocol.folds(clips):
        shared = set(clips.loc[list(fold.train), "subject"]) & set(clips.loc[list(fold.test), "subject"])
        if shared:
            raise Failed(
                f"fold {fold.name}: {min(shared)} is trained on and held out; set leaky = True if that is meant."
            )


def same_in_any_order(protocol: Protocol) -> None:
    """Folds and subsets are the same for any order of rows, and each time."""
    clips = mock_clips(protocol)
    for again in (clips, clips.iloc[::-1], clips.sample(frac=1.0, random_state=0)):
        if tuple(protocol.folds(again)) != tuple(protocol.folds(clips)):
            raise Failed("the folds depend on the order of rows, or differ each time; sort by key or subject first.")
        if keys_by_subset(protocol.subsets(again)) != keys_by_subset(protocol.subsets(clips)):
            raise Failed("the subsets depend on the order of rows.")


def leaves_clips_alone(protocol: Protocol) -> None:
    """The table that it is handed is as before."""
    clips = mock_clips(protocol)
    before = clips.copy()
    list(protocol.folds(clips))
    protocol.subsets(clips)
    if not clips.equals(before):
        raise Failed("it changes the table of clips that it is handed; work on a copy.")


def subsets_known(protocol: Protocol) -> None:
    """Parts, where it reports any, hold clips of the table, and `subsets_note` says what they are."""
    clips = mock_clips(protocol)
    subsets = protocol.subsets(clips)
    stray = set(subsets) - set(clips.index)
    if stray:
        raise Failed(f"subsets() names {min(stray)}, which is no clip.")
    if bool(subsets) != bool(protocol.subsets_note):
        raise Failed("subsets() and subsets_note belong together: the note says in a sentence what a subset is.")


def one_subject_reported(protocol: Protocol) -> None:
    """Clips of a single subject are split, or refused in a sentence."""
    try:
        checked_folds(protocol, mock_clips(protocol, subjects=1))
    except EntryFault as fault:
        raise Failed(f"clips of one subject end in an error, not a sentence: {fault}") from fault
    except MerbenchError:
        return
    except Exception as fault:
        raise Failed(f"clips of one subject end in {type(fault).__name__}: {fault}") from fault


def pickles(protocol: Protocol) -> None:
    """It comes out of a pickle with the same parameters and folds."""
    try:
        again: Protocol = pickle.loads(pickle.dumps(protocol))
    except Exception as fault:
        raise Failed(f"it cannot be pickled ({type(fault).__name__}: {fault}).") from fault
    clips = mock_clips(protocol)
    if again.parameters != protocol.parameters or tuple(again.folds(clips)) != tuple(protocol.folds(clips)):
        raise Failed("out of a pickle, it makes other folds.")


def declared_whole(protocol: Protocol) -> None:
    """Title and docstring are there."""
    if not str(protocol.title).strip() or not (type(protocol).__doc__ or "").strip():
        raise Failed(f"{type(protocol).__qualname__} lacks a title or a docstring; both are shown by `merbench info`.")


PROTOCOL_CHECKS: tuple[Check[Protocol], ...] = (
    Check(name="declaration", says="title and docstring are whole", run=declared_whole),
    Check(name="audit", says="the folds pass the audit of every run", run=passes_the_audit),
    Check(name="subjects", says="no subject is trained on and held out", run=keeps_subjects_apart),
    Check(name="order", says="the order of rows does not matter", run=same_in_any_order),
    Check(name="table", says="the table of clips is left as it is", run=leaves_clips_alone),
    Check(name="subsets", says="subsets contain known clips, and are explained", run=subsets_known),
    Check(name="one-subject", says="a single subject is reported clearly", run=one_subject_reported),
    Check(name="pickle", says="it can be pickled", run=pickles),
)


def check_protocol(protocol: Protocol) -> Iterator[Result]:
    """What comes of every check of a protocol, on mock clips."""
    return results(PROTOCOL_CHECKS, lambda: protocol, {})
