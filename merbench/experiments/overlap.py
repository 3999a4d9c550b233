"""Which of the subjects that a run tests a network has seen, by their names or by the files of their clips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from merbench.data.labelled_clips import LabelledClips
from merbench.data.shared_pictures import clip_digests
from merbench.data.source import Source
from merbench.experiments.fold_runs import FoldRun
from merbench.results.seen import Salt
from merbench.results.weights import WeightsFacts


@dataclass(frozen=True)
class Tested:
    """By fold, the subjects by whose clips it is judged, including those that the rule inner keeps back."""

    subjects: Mapping[str, set[str]]
    salt: Salt
    task: LabelledClips
    sources: Mapping[str, Source]

    @classmethod
    def of(cls, runs: Iterable[FoldRun], salt: Salt, task: LabelledClips, sources: Mapping[str, Source]) -> Tested:
        """What the trainings of a run are judged by; `sources` are by dataset."""
        subjects = task.clips["subject"].to_numpy()
        watched: dict[str, set[str]] = {}
        for each in runs:
            watched.setdefault(each.fold, set()).update(subjects[each.watch])
        return cls(subjects=watched, salt=salt, task=task, sources=sources)

    def known_to(self, facts: WeightsFacts, fold: str) -> set[str]:
        """The subjects of a fold that a network saw; all of them if its file does not say, as in earlier releases."""
        subjects = self.subjects[fold]
        if not facts.seen:
            return subjects
        by_name = {subject for each in facts.seen for subject in each.among(subjects, self.salt)}
        clips = {digest for each in facts.seen for digest in each.clips}
        by_file = {subject for digest in clips for subject in self._by_digest.get(digest, ())}
        return by_name | (by_file & subjects)

    @cached_property
    def _by_digest(self) -> dict[str, set[str]]:
        """By digest of a clip's files, the subjects that have such a clip."""
        clips = self.task.as_clips()
        digests = clip_digests(clips, self.sources)
        subjects: dict[str, set[str]] = {}
        for clip in clips:
            if clip.key in digests:
                subjects.setdefault(digests[clip.key], set()).add(clip.qualified_subject)
        return subjects
