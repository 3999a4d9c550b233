"""SAMM: 159 micro-expressions of 29 subjects at 200 frames a second, in grey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.clips import Annotations, Clip
from merbench.data.folder_dataset import FolderDataset
from merbench.data.frame_files import numbered, variant_folder
from merbench.data.nearest_frames import FrameParameters
from merbench.entries.parameters import parameter
from merbench.synthetic.mock_clips import Extent, MockClip

from . import mock
from .annotation import TABLE
from .corrections import CORRECTIONS
from .schemes import KNOWN, SCHEMES

FOLDERS: Mapping[str, tuple[str, ...]] = {"raw": ("SAMM",), "cropped": ("SAMM_CROP",)}


@dataclass(frozen=True, kw_only=True)
class SammParameters(FrameParameters):
    """Which frames and which annotation workbook are read."""

    frames: str = parameter(
        "raw", "the frames as distributed; crops are made by users, under the same names", choices=("raw", "cropped")
    )
    coding: str = parameter("", "the annotation workbook under the data folder; empty: the only one that is there")


class Samm(FolderDataset):
    """SAMM as its authors distribute it: an annotation workbook, and the frames in folders ``006/006_1_2``.

    Frame numbers in file names are those of the annotation, of 4 or 5 digits from clip to clip. The two clips whose
    apex the file puts outside them (028_4_1, 032_3_1) stay as annotated, and the apex policy decides, unless they are
    corrected.

    The annotation was counted in copies of the file. Unverified, because no distributed tree was available: the names
    of folders and frames and the frames' size, which are those that public code reads; and what the letters of the
    action units mean.
    """

    name = "samm"
    title = "SAMM"
    reference = "Davison et al., SAMM: A spontaneous micro-facial movement dataset, IEEE TAC 2018"
    access = "a signed agreement with Manchester Metropolitan University: for research, not to be passed on"
    schemes = SCHEMES
    corrections = CORRECTIONS
    known = KNOWN
    Parameters = SammParameters
    parameters: SammParameters
    most_subjects = len(mock.SUBJECTS)

    def annotations(self, root: Path) -> Annotations:
        """The annotation table; subjects are three digits, ``inducement``, ``objective_class`` where given."""
        return TABLE.read(root, self.parameters.coding)

    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip; `root` may be the folder that holds the subjects' folders itself."""
        variant = self.parameters.frames
        inside = variant == "raw" and (root / clip.subject).is_dir()
        folder = root if inside else variant_folder(self.name, root, FOLDERS, variant)
        return numbered(clip, folder / clip.subject / clip.name, rf"{clip.subject}_")

    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """Clips in the shape of the real ones, in the order of the workbook."""
        return mock.plan_clips(extent)

    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the workbook with its preamble, under its name."""
        mock.write_workbook(out, clips)

    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write the clip's raw frames, in grey."""
        mock.draw(out / FOLDERS["raw"][0], clip, numbers)
