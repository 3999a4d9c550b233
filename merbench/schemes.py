"""A label scheme: which raw emotion belongs to which class, what falls out, and the counts that must come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from merbench.errors import EntryError


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScheme:
    """A class set under one name.

    `mapping` takes the raw emotion, compared in lower case, to a class; an emotion that it lacks falls out.
    `excluded` names clips that fall out although their emotion is mapped, as ``subject/clip``. `counts` holds, by
    annotation state, the number of clips that literature or the file itself gives for each class.
    """

    name: str
    classes: tuple[str, ...]
    mapping: Mapping[str, str]
    source: str
    excluded: frozenset[str] = frozenset()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stray = sorted(set(self.mapping.values()) - set(self.classes))
        if stray or len(set(self.classes)) != len(self.classes) or len(self.classes) < 2:
            raise EntryError(
                f"Label scheme {self.name!r}: classes {self.classes} must be at least two, differ, "
                f"and hold every mapped class (stray: {', '.join(stray) or 'none'})."
            )

    def label(self, subject: str, clip: str, emotion: str) -> str | None:
        """The class of a clip, or None where it falls out of the scheme."""
        if f"{subject}/{clip}" in self.excluded:
            return None
        return self.mapping.get(emotion.strip().lower())


def counted(name: str, mapping: Mapping[str, str], states: Mapping[str, Mapping[str, int]], source: str) -> LabelScheme:
    """The scheme of a mapping, in its order of classes; `states` has the clips an emotion by annotation state."""
    classes = tuple(dict.fromkeys(mapping.values()))
    counts = {
        state: {
            label: sum(clips for emotion, clips in found.items() if mapping.get(emotion) == label) for label in classes
        }
        for state, found in states.items()
    }
    return LabelScheme(name=name, classes=classes, mapping=mapping, source=source, counts=counts)
