"""The audit of a finished run against its data: labels and the bytes of every file that it was made from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from merbench.annotations.clips import Clip
from merbench.data.finding import Finding
from merbench.data.shared_pictures import shared_pictures
from merbench.errors import MerbenchError
from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.experiments.leaks import split_recordings
from merbench.experiments.prepare import checked_task
from merbench.experiments.resolve import resolve
from merbench.method import declared_inputs
from merbench.plural import plural
from merbench.protocol import Fold
from merbench.results.header import RunHeader
from merbench.results.provenance import frames_fingerprint
from merbench.results.store import Store
from merbench.spec import ComputeOptions, RunSpec

#: What an audit without data says of files.
UNSEEN = Finding(
    what="files",
    verdict="cannot be checked",
    detail="no file of the data was looked at; give its folder with --data NAME=DIR",
)


def file_findings(run: Path, data: Mapping[str, str]) -> list[Finding]:
    """The findings on a run folder's data as it is now, each dataset's folder by name; nothing is trained or written.

    Raises:
        StoreError: if there is no run.
    """
    header = Store(run).read_header()
    try:
        experiment = resolve(_spec(header, data))
        task, folds = checked_task(experiment, Observer())
    except MerbenchError as fault:
        return [Finding(what="files", verdict="differs", detail=f"the run cannot be prepared from them: {fault}")]
    task = task.without({lost.key: lost.reason for lost in header.left_out if lost.key in set(task.clips.index)})
    labels = task.fingerprint_with(experiment.protocol.needs)
    same = labels == header.description.labels
    detail = (
        f"{plural(len(task.clips), 'clip')} with the moments and classes of the run"
        if same
        else _difference(header, labels)
    )
    clips = task.as_clips()
    names = [name for each in declared_inputs(experiment.method).arrays if (name := each.precomputed())]
    return [
        Finding(what="labels", verdict="holds" if same else "differs", detail=detail),
        *_frames(header, frames_fingerprint(clips, experiment.by_part, names)),
        *_shared(header, experiment, shared_pictures(clips, experiment.by_part)),
        *_split(experiment, clips, folds),
    ]


def _spec(header: RunHeader, data: Mapping[str, str]) -> RunSpec:
    """The specification of the run, on these folders and this machine; names that are alike are another finding."""
    spec = RunSpec.from_record(header)
    names = spec.datasets or tuple(header.description.datasets)
    return dataclasses.replace(
        spec,
        datasets=names,
        data=dict(data),
        tuned=None,
        weights=None,
        allow_overlap=False,
        compute=ComputeOptions(),
        distinct_subjects=True,
    )


def _difference(header: RunHeader, labels: str) -> str:
    return f"their fingerprint is {labels}, that of the run {header.description.labels}: the table changed since"


def _frames(header: RunHeader, now: Mapping[str, str]) -> Iterator[Finding]:
    for name, then in header.frames.items():
        same = now.get(name) == then
        detail = (
            f"every byte of {name}'s files is as it was read"
            if same
            else f"files of {name} differ from those that were read (fingerprint {now.get(name, 'none')}, then {then})"
        )
        yield Finding(what="files", verdict="holds" if same else "differs", detail=detail)


def _shared(header: RunHeader, experiment: Experiment, shared: tuple[object, ...]) -> Iterator[Finding]:
    frames = [each for each in map(str, shared) if each.startswith("frame ")]
    stated = header.spec is not None and header.spec.distinct_subjects
    if frames:
        allowed = stated or experiment.protocol.leaky
        detail = f"one and the same in {plural(len(frames), 'pair')} of clips of different subjects: {frames[0]}"
        yield Finding(what="pictures", verdict="holds" if allowed else "differs", detail=detail)
    else:
        yield Finding(what="pictures", verdict="holds", detail="no two subjects share a frame")


def _split(experiment: Experiment, clips: Sequence[Clip], folds: Sequence[Fold]) -> Iterator[Finding]:
    """What a leaky protocol leaks besides faces; nothing where no clips share frames."""
    pairs = split_recordings(clips, experiment.by_part, folds) if experiment.protocol.leaky else ()
    if pairs:
        detail = (
            f"frames in common: {plural(len(pairs), 'pair')} of clips, one trained on where the other is tested "
            f"({pairs[0][0]} and {pairs[0][1]}), and its protocol is leaky: never ranked"
        )
        yield Finding(what="recordings", verdict="holds", detail=detail)
