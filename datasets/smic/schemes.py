"""The label schemes of SMIC, whose folders are its three classes."""

from __future__ import annotations

from merbench.schemes import LabelScheme

from .parts import CODES, Part

WHOLE = "as distributed"


def schemes_of(part: Part) -> tuple[LabelScheme, ...]:
    """The schemes of one part: two names for the classes of the folders, to go with other datasets' schemes."""
    megc = "every clip is in the official list" if part.folder == "HS" else "the challenge used the part HS alone"
    return (
        _scheme("3-class-megc2019", f"the three classes of See et al., MEGC 2019; {megc}", part),
        _scheme("3-class", "the three classes that SMIC has", part),
    )


def _scheme(name: str, source: str, part: Part) -> LabelScheme:
    return LabelScheme(
        name=name,
        classes=tuple(CODES),
        mapping={emotion: emotion for emotion in CODES},
        source=source,
        counts={} if part.classes is None else {WHOLE: part.classes},
    )
