"""MMEW: 300 micro-expressions of 30 subjects at 90 frames a second, in face crops of 231 by 231 pixels."""

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
from .schemes import KNOWN, SCHEMES, SUBJECTS

FOLDERS: Mapping[str, tuple[str, ...]] = {"micro-expression": ("MMEW_Final/Micro_Expression", "Micro_Expression")}


@dataclass(frozen=True, kw_only=True)
class MmewParameters(FrameParameters):
    """Which annotation workbook is read."""

    coding: str = parameter("", "the annotation file under the data folder; empty: the only workbook that is there")


class Mmew(FolderDataset):
    """MMEW as its authors distribute it: an annotation workbook, and the frames in folders by emotion and clip.

    A clip's frames are numbered from 1, as in the annotation.

    The annotation was counted in a copy of it. Unverified, because no distributed tree was available: the names of
    folders and files, frame size and rate, which are those of public code. Nor is it known whether the annotation is
    right for most clips of S04 and S13, of which public code (tvaranka/meb) reads apexes and offsets about twice as
    large; no revision corrects them, and a note of every run that has them says so.
    """

    name = "mmew"
    title = "MMEW"
    reference = "Ben et al., Video-based facial micro-expression analysis, IEEE TPAMI 2022"
    access = "a signed agreement with its authors (dpailab.com): for research, not to be passed on"
    schemes = SCHEMES
    known = KNOWN
    Parameters = MmewParameters
    parameters: MmewParameters
    most_subjects = SUBJECTS

    def annotations(self, root: Path) -> Annotations:
        """The annotation table; subjects are two digits, ``remarks`` where the column is there."""
        return TABLE.read(root, self.parameters.coding)

    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip, whose folder lies in that of its emotion; the name says which clip it is."""
        home = variant_folder(self.name, root, FOLDERS, "micro-expression")
        folders = sorted(folder / clip.name for folder in home.iterdir() if (folder / clip.name).is_dir())
        return numbered(clip, folders[0], "") if folders else {}

    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """Clips in the shape of the real ones, in the order of the workbook."""
        return mock.plan_clips(extent)

    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the workbook under its name."""
        mock.write_workbook(out / "MMEW_Final", clips)

    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write the clip's crops."""
        mock.draw(out / FOLDERS["micro-expression"][0], clip, numbers)
