"""The three parts of SMIC, one a camera: what is known of each, and how its folders and files are named."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_EIGHT = (11, 12, 13, 14, 15, 18, 19, 20)

#: Where each variant lies under the data folder; a folder a camera is below it.
FOLDERS: Mapping[str, str] = {"cropped": "SMIC_all_cropped", "raw": "SMIC_all_raw"}

#: The class folders, with the syllable that the names of their clips have.
CODES: Mapping[str, str] = {"negative": "ne", "positive": "po", "surprise": "sur"}


_CLIP = re.compile(rf"s0*([1-9][0-9]?)_({'|'.join(CODES.values())})_([0-9]{{1,3}})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipName:
    """What the name of a clip says; as text the name as it is on the disk, ``s1_ne_01``."""

    subject: str
    emotion: str
    number: int

    def __str__(self) -> str:
        return f"{self.subject}_{CODES[self.emotion]}_{self.number:02d}"


def clip_name(text: str) -> ClipName | None:
    """What a clip's name says, also where it is padded otherwise or in other letter case; None if it is none."""
    match = _CLIP.fullmatch(text)
    if match is None:
        return None
    emotion = next(name for name, code in CODES.items() if code == match[2].lower())
    return ClipName(subject=f"s{int(match[1])}", emotion=emotion, number=int(match[3]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """One camera's clips.

    `subjects` and `clips` are those of the whole camera, `classes` its clips by class where that is known. `word`
    stands before a frame number of `digits` digits or more; cropped files have ``reg_`` before both. `extended` has the
    states of the workbook of the extended release, SMIC-E, with clips by class where that is known, the newest first.
    """

    folder: str
    fps: float
    subjects: tuple[int, ...]
    clips: int
    classes: Mapping[str, int] | None
    word: str
    digits: int
    extended: Mapping[str, Mapping[str, int]]

    @property
    def most(self) -> Mapping[str, int]:
        """How many clips a class can have at most."""
        return self.classes or dict.fromkeys(CODES, self.clips)

    def strays(self, subjects: Collection[str]) -> list[str]:
        """Those of `subjects` that the camera does not have."""
        return sorted(set(subjects) - {f"s{number}" for number in self.subjects})

    def file_name(self, variant: str, number: int) -> str:
        """The name of a frame as it is distributed."""
        return f"{'reg_' if variant == 'cropped' else ''}{self.word}{number:0{self.digits}d}.bmp"


HS = Camera(
    folder="HS",
    fps=100.0,
    subjects=(1, 2, 3, 4, 5, 6, 8, 9, *_EIGHT),
    clips=164,
    classes={"negative": 70, "positive": 51, "surprise": 43},
    word="image",
    digits=6,
    extended={
        "hs-e-157": {"negative": 66, "positive": 51, "surprise": 40},
        "hs-e-162": {"negative": 70, "positive": 51, "surprise": 41},
    },
)

#: Unverified: the file names, taken to be those of HS. The number of clips a class is known of SMIC-E-VIS alone, and
#: no copy of the original was available to tell whether its folders agree.
VIS = Camera(
    folder="VIS",
    fps=25.0,
    subjects=_EIGHT,
    clips=71,
    classes=None,
    word="image",
    digits=6,
    extended={"vis-e-71": {"negative": 24, "positive": 28, "surprise": 19}},
)

#: Unverified: the file names, which one repository reads in this form, and which subjects there are, taken to be VIS's.
#: Of its workbook in the extended release only the number of clips is known, 71 by the database's page.
NIR = Camera(
    folder="NIR",
    fps=25.0,
    subjects=_EIGHT,
    clips=71,
    classes=None,
    word="",
    digits=5,
    extended={"nir-e-71": {}},
)
