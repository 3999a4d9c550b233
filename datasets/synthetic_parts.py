"""Small synthetic datasets that differ as real ones do: for protocols that take several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from merbench.annotations.schemes import EVALUATED_OBJECTIVE_CLASSES, LabelScheme
from merbench.entries.parameters import parameter

from .synthetic import Synthetic, SyntheticParameters

CLASSES = ("negative", "positive", "surprise")
NEGATIVE = ("repression", "anger", "contempt", "disgust", "fear", "sadness")
MEGC2019 = LabelScheme(
    name="3-class-megc2019",
    classes=CLASSES,
    mapping={
        **{name: name for name in CLASSES},
        **dict.fromkeys(NEGATIVE, "negative"),
        "happiness": "positive",
    },
    source="See et al., MEGC 2019: repression, anger, contempt, disgust, fear and sadness are negative",
    users="the MEGC 2019 challenge, and what is compared with its composite of SMIC, CASME II and SAMM",
)
OBJECTIVE = LabelScheme(
    name="objective",
    classes=EVALUATED_OBJECTIVE_CLASSES,
    mapping={name.lower(): name for name in EVALUATED_OBJECTIVE_CLASSES},
    column="objective_class",
    source="the planted action units, by the rules of Davison et al., 2018 (unverified); VI and VII fall out",
    users="the MEGC 2018 challenge (CDE and HDE on CASME II and SAMM)",
)


@dataclass(frozen=True, kw_only=True)
class PartParameters(SyntheticParameters):
    """As those of the larger synthetic dataset, with fewer clips of fewer people."""

    subjects: int = parameter(3, "a choice: nine folds over three such databases fit two cores", low=1, high=200)
    clips: int = parameter(12, "a choice: each emotion's share once over", low=1, high=500)


class SyntheticA(Synthetic):
    """Synthetic faces in the stead of SMIC: annotated by class, with twice the noise and uneven light."""

    name = "synthetic-a"
    title = "Synthetic faces, noisy and unevenly lit"
    schemes = (MEGC2019, OBJECTIVE)
    Parameters = PartParameters
    shares: ClassVar[Mapping[str, int]] = {"negative": 5, "positive": 4, "surprise": 3}
    salt = (1001,)
    look: ClassVar[Mapping[str, float]] = {"noise": 2.0, "lighting": 2.0, "flicker": 2.0}
    realistic_look: ClassVar[Mapping[str, float]] = {"peak_low": 0.85, "peak_high": 0.85, "label_noise": 1.6}
    database = "smic"


class SyntheticB(Synthetic):
    """Synthetic faces in the stead of CASME II: its emotions, recorded as `synthetic` is."""

    name = "synthetic-b"
    title = "Synthetic faces, evenly lit"
    schemes = (MEGC2019, OBJECTIVE)
    Parameters = PartParameters
    shares: ClassVar[Mapping[str, int]] = {"disgust": 4, "happiness": 3, "repression": 3, "surprise": 2}
    salt = (1002,)
    realistic_look: ClassVar[Mapping[str, float]] = {"peak_low": 1.6, "peak_high": 1.6, "label_noise": 0.26}


class SyntheticC(Synthetic):
    """Synthetic faces in the stead of SAMM: its emotions, weaker motion, and heads that move more."""

    name = "synthetic-c"
    title = "Synthetic faces, weaker motion"
    schemes = (MEGC2019, OBJECTIVE)
    Parameters = PartParameters
    shares: ClassVar[Mapping[str, int]] = {"anger": 4, "happiness": 3, "contempt": 2, "surprise": 2, "fear": 1}
    salt = (1003,)
    look: ClassVar[Mapping[str, float]] = {"peak_low": 0.75, "peak_high": 0.75, "head_motion": 1.5}
    realistic_look: ClassVar[Mapping[str, float]] = {"peak_low": 1.05, "peak_high": 1.05, "label_noise": 1.1}
    database = "samm"


class SyntheticD(Synthetic):
    """Synthetic faces in the stead of CASME II under objective classes: emotions that give clips of each of I to V."""

    name = "synthetic-d"
    title = "Synthetic faces, every objective class"
    schemes = (OBJECTIVE, MEGC2019)
    Parameters = PartParameters
    shares: ClassVar[Mapping[str, int]] = {"anger": 3, "happiness": 3, "disgust": 2, "sadness": 2, "surprise": 2}
    salt = (1004,)


class SyntheticE(SyntheticD):
    """Synthetic faces in the stead of SAMM under objective classes: weaker motion, and heads that move more."""

    name = "synthetic-e"
    title = "Synthetic faces, every objective class, weaker motion"
    salt = (1005,)
    database = "samm"
    look: ClassVar[Mapping[str, float]] = SyntheticC.look
    realistic_look: ClassVar[Mapping[str, float]] = SyntheticC.realistic_look


class SyntheticF(Synthetic):
    """Synthetic faces in the stead of CAS(ME)^3: the emotions of all others, so that every unit of CD6ME occurs."""

    name = "synthetic-f"
    title = "Synthetic faces, many emotions"
    schemes = (MEGC2019, OBJECTIVE)
    Parameters = PartParameters
    shares: ClassVar[Mapping[str, int]] = {
        "repression": 4,
        "disgust": 2,
        "surprise": 2,
        "fear": 2,
        "happiness": 1,
        "contempt": 1,
    }
    salt = (1006,)
