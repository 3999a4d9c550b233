"""The emotions that the subjects of a mock show: in rounds, or as many of each as a whole table has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from merbench.plural import plural

if TYPE_CHECKING:
    import numpy as np

    from merbench.synthetic.mock_clips import Extent


def rounds(rng: np.random.Generator, emotions: Sequence[str], clips: int, rare: Sequence[str] = ()) -> list[str]:
    """The emotion of each of a subject's clips: rounds of `emotions`, each in a new order.

    A subject of more clips than there are emotions ends with one of `rare`.
    """
    shown = [str(emotion) for _ in range(0, clips, len(emotions)) for emotion in rng.permutation(list(emotions))]
    if rare and clips > len(emotions):
        shown[clips - 1] = str(rng.choice(list(rare)))
    return shown[:clips]


def subject_rounds(extent: Extent, number: int, emotions: Sequence[str], rare: Sequence[str] = ()) -> list[str]:
    """The `rounds` of the subject of that number, by the seed of the mock."""
    import numpy as np

    return rounds(np.random.default_rng([extent.seed, number, 1]), emotions, extent.clips, rare)


def distribute(
    emotions: Mapping[str, int], subjects: Sequence[str], *, only: Mapping[str, Collection[str]] | None = None
) -> list[tuple[str, str]]:
    """Subject and emotion of every clip, sorted by subject: each emotion goes round the subjects, who end up alike.

    `only` has the emotions that a subject shows, where that is not all of them.

    >>> distribute({"fear": 3, "anger": 1}, ["01", "02"], only={"02": ["fear"]})
    [('01', 'fear'), ('01', 'fear'), ('01', 'anger'), ('02', 'fear')]
    """
    only = only or {}
    shown: dict[str, list[str]] = {subject: [] for subject in subjects}
    for emotion, count in emotions.items():
        able = [subject for subject in subjects if emotion in only.get(subject, (emotion,))]
        start = min(range(len(able)), key=lambda place: len(shown[able[place]]))
        for turn in range(count):
            shown[able[(start + turn) % len(able)]].append(emotion)
    return [(subject, emotion) for subject in subjects for emotion in shown[subject]]


def distribute_by_subject(emotions: Mapping[str, int], by_subject: Mapping[str, int]) -> list[tuple[str, str]]:
    """Subject and emotion of every clip, sorted by subject, where the number of clips of each subject is known too.

    >>> distribute_by_subject({"fear": 2, "anger": 1}, {"01": 1, "02": 2})
    [('01', 'fear'), ('02', 'fear'), ('02', 'anger')]
    """
    left = dict(emotions)
    if sum(left.values()) != sum(by_subject.values()):
        raise ValueError(f"{plural(sum(left.values()), 'clip')} by emotion, but {sum(by_subject.values())} by subject")
    pairs = []
    for subject, count in by_subject.items():
        for _ in range(count):
            emotion = max(left, key=lambda name: left[name])  # the most frequent of those left: rare ones come late
            left[emotion] -= 1
            pairs.append((subject, emotion))
    return pairs


def emotions_by_subject(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Each subject with its emotions, of pairs sorted by subject as `distribute` gives them.

    >>> emotions_by_subject([("01", "fear"), ("01", "anger"), ("02", "fear")])
    [('01', ['fear', 'anger']), ('02', ['fear'])]
    """
    return [(subject, [emotion for _, emotion in shown]) for subject, shown in groupby(pairs, key=itemgetter(0))]
