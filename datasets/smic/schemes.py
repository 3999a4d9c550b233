"""The label schemes of SMIC, whose folders are its three classes, and what each state must give."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.annotations.schemes import LabelScheme
from merbench.dataset import Known

from .cameras import CODES, Camera

WHOLE = "as distributed"


def known_of(camera: Camera) -> dict[str, Known]:
    """What is known of a camera, by state; of the states whose clips a class are not known there is nothing."""
    original = {} if camera.classes is None else {WHOLE: camera.classes}
    source = "counted in tables of the clips and in copies of the workbooks of SMIC-E"
    return {
        state: Known(emotions=counts, subjects=len(camera.subjects), source=source)
        for state, counts in {**original, **camera.extended}.items()
        if counts
    }


def schemes_of(camera: Camera) -> tuple[LabelScheme, ...]:
    """The schemes of one camera: two names for the classes of the folders, to go with other datasets' schemes."""
    megc = "every clip is in the official list" if camera.folder == "HS" else "the challenge used the camera HS alone"
    composite = "the MEGC 2019 challenge, and what is compared with its composite of SMIC, CASME II and SAMM"
    return (
        _scheme("3-class-megc2019", f"the three classes of See et al., MEGC 2019; {megc}", composite, camera),
        _scheme("3-class", "the three classes that SMIC has", "", camera),
    )


def _scheme(name: str, source: str, users: str, camera: Camera) -> LabelScheme:
    known = known_of(camera)
    # by the database's page, where the clips by class are not known
    subjects: Mapping[str, int] = dict.fromkeys((WHOLE, *camera.extended), len(camera.subjects))
    return LabelScheme(
        name=name,
        classes=tuple(CODES),
        mapping={emotion: emotion for emotion in CODES},
        source=source,
        counts={state: facts.emotions for state, facts in known.items()},
        subjects=subjects,
        users=users,
    )
