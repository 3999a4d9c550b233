"""Full-size stand-in tables: as many clips of each emotion as the real table has, dealt out to its subjects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def dealt(
    emotions: Mapping[str, int], subjects: Sequence[str], *, only: Mapping[str, Collection[str]] | None = None
) -> list[tuple[str, str]]:
    """Subject and emotion of every clip, sorted by subject: each emotion goes round the subjects, who end up alike.

    `only` has the emotions that a subject shows, where that is not all of them.

    >>> dealt({"fear": 3, "anger": 1}, ["01", "02"], only={"02": ["fear"]})
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


def dealt_by_subject(emotions: Mapping[str, int], by_subject: Mapping[str, int]) -> list[tuple[str, str]]:
    """Subject and emotion of every clip, sorted by subject, where the number of clips of each subject is known too.

    >>> dealt_by_subject({"fear": 2, "anger": 1}, {"01": 1, "02": 2})
    [('01', 'fear'), ('02', 'fear'), ('02', 'anger')]
    """
    left = dict(emotions)
    if sum(left.values()) != sum(by_subject.values()):
        raise ValueError(f"{sum(left.values())} clips by emotion, but {sum(by_subject.values())} by subject")
    found = []
    for subject, count in by_subject.items():
        for _ in range(count):
            emotion = max(left, key=lambda name: left[name])  # the most frequent of those left: rare ones come late
            left[emotion] -= 1
            found.append((subject, emotion))
    return found
