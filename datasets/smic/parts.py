"""The three parts of SMIC, one a camera: what is known of each, and how its folders and files are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_EIGHT = (11, 12, 13, 14, 15, 18, 19, 20)

#: Where each variant lies under the data folder; a folder a part is below it.
FOLDERS: Mapping[str, str] = {"cropped": "SMIC_all_cropped", "raw": "SMIC_all_raw"}

#: The class folders, with the syllable that the names of their clips have.
CODES: Mapping[str, str] = {"negative": "ne", "positive": "po", "surprise": "sur"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One camera's clips.

    `subjects` and `clips` are those of the whole part, `classes` its clips by class where that is known. `word` stands
    before a frame number of `digits` digits or more; cropped files have ``reg_`` before both.
    """

    folder: str
    fps: float
    subjects: tuple[int, ...]
    clips: int
    classes: Mapping[str, int] | None
    word: str
    digits: int

    def file_name(self, variant: str, number: int) -> str:
        """The name of a frame as it is distributed."""
        return f"{'reg_' if variant == 'cropped' else ''}{self.word}{number:0{self.digits}d}.bmp"


HS = Part(
    folder="HS",
    fps=100.0,
    subjects=(1, 2, 3, 4, 5, 6, 8, 9, *_EIGHT),
    clips=164,
    classes={"negative": 70, "positive": 51, "surprise": 43},
    word="image",
    digits=6,
)

#: Unverified: the file names, taken to be those of HS. The number of clips a class is known of SMIC-E-VIS alone, and
#: no copy of the original was at hand to tell whether its folders agree.
VIS = Part(folder="VIS", fps=25.0, subjects=_EIGHT, clips=71, classes=None, word="image", digits=6)

#: Unverified: the file names, which one repository reads in this form, and which subjects there are, taken to be VIS's.
NIR = Part(folder="NIR", fps=25.0, subjects=_EIGHT, clips=71, classes=None, word="", digits=5)
