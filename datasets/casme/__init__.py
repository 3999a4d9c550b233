"""CASME: 189 micro-expressions of 18 subjects at 60 frames a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from re import escape

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

FOLDERS: Mapping[str, tuple[str, ...]] = {"cropped": ("Cropped",), "raw": ("CASME_raw_selected",)}
PREFIXES: Mapping[str, str] = {"cropped": "reg_", "raw": ""}


@dataclass(frozen=True, kw_only=True)
class CasmeParameters(FrameParameters):
    """Which frames and which annotation workbook are read."""

    frames: str = parameter("cropped", "the registered crops, as for CASME II", choices=("cropped", "raw"))
    coding: str = parameter("", "the annotation workbook under the data folder; empty: the only one that is there")


class Casme(FolderDataset):
    """CASME as its authors distribute it: an annotation workbook, and raw or cropped frames in folders.

    A file is called ``EP01_5-12.jpg``, after clip and frame number, which the second camera's files pad to three
    digits. One recording may hold several micro-expressions: a clip is identified by its onset as well.

    Subjects, clips, onsets, apexes and emotions were counted in a reduced copy of the annotation. Unverified: its other
    columns, the names of folders and files, that those from the 93rd row on are padded, and the corrections, which all
    are those of public code. Of five rows that this code corrects, 06/EP02_5 is not in the list of corrections: the
    onset that would tell the one meant from the other five events of the recording was not available.
    """

    name = "casme"
    title = "CASME"
    reference = "Yan et al., CASME database: A dataset of spontaneous micro-expressions, FG 2013"
    access = (
        "a signed agreement with the Institute of Psychology, Chinese Academy of Sciences "
        "(casme.psych.ac.cn/casme/e1): for research, not to be passed on"
    )
    schemes = SCHEMES
    corrections = CORRECTIONS
    known = KNOWN
    Parameters = CasmeParameters
    parameters: CasmeParameters
    most_subjects = 18

    def annotations(self, root: Path) -> Annotations:
        """The annotation table; subjects are two digits, `apex` is the first one, ``apex_2`` the second as text."""
        return TABLE.read(root, self.parameters.coding)

    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of the clip's recording."""
        variant = self.parameters.frames
        folder = variant_folder(self.name, root, FOLDERS, variant) / f"sub{clip.subject}" / clip.name
        return numbered(clip, folder, f"{PREFIXES[variant]}{escape(clip.name)}-")

    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """Clips in the shape of the real ones, in the order of the workbook."""
        return mock.plan_clips(extent)

    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the workbook with its two unnamed columns."""
        mock.write_workbook(out, clips)

    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write the clip's raw and cropped frames."""
        for variant, prefix in PREFIXES.items():
            mock.draw(out / FOLDERS[variant][0], prefix, clip, numbers)
