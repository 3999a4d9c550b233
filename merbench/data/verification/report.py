"""The report of a check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from merbench.annotations.clips import clip_of
from merbench.data.finding import Finding
from merbench.data.source import Source
from merbench.data.verification.frames import of_frames
from merbench.data.verification.other_datasets import other_dataset_hint
from merbench.data.verification.table import of_table
from merbench.dataset import Dataset
from merbench.errors import DataError

#: The keys of a written report that are not called as their fields.
_KEYS = {"synthetic": "drawn", "corrected": "mended"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found; `state` is the annotation state, `notes` what the adapter says of the file itself."""

    dataset: str
    state: str
    synthetic: bool
    clips: int
    subjects: int
    notes: tuple[str, ...]
    corrected: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def differs(self) -> bool:
        """Whether anything is not as it should be."""
        return any(finding.verdict == "differs" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return {**{_KEYS.get(name, name): value for name, value in asdict(self).items()}, "differs": self.differs}


def check(
    source: Source,
    *,
    read_frames: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
    others: Iterable[Dataset] = (),
) -> Report:
    """What a source holds, against what is known of its dataset; nothing under its root is changed.

    `read_frames` has every frame from onset to offset decoded, else only their names are looked at. Where the folder
    has the published annotation of one of the datasets `others` instead, a note or the refusal names it.

    Raises:
        DataError: if there is no table, or it cannot be read as one.
    """
    try:
        read = source.annotations()
    except DataError as fault:
        if hint := other_dataset_hint(source, others):
            raise type(fault)(f"{fault} {hint}") from fault
        raise
    known = source.dataset.known
    hint = other_dataset_hint(source, others) if known and read.state not in known else ""
    clips = [clip_of(source.dataset.name, row) for _, row in read.table.iterrows()]
    findings = [*of_table(source, read), *of_frames(source, clips, read=read_frames, progress=progress)]
    return Report(
        dataset=source.dataset.name,
        state=read.state,
        synthetic=source.synthetic,
        clips=len(clips),
        subjects=len({clip.qualified_subject for clip in clips}),
        notes=(*read.notes, hint) if hint else read.notes,
        corrected=read.corrected,
        findings=tuple(findings),
    )
