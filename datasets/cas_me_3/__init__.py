"""CAS(ME)^3: part A, 860 micro-expressions of 94 subjects, and part C, 165 of 30, at 30 frames a second."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.clips import Annotations, Clip
from merbench.data.folder_dataset import FolderDataset
from merbench.data.nearest_frames import FrameParameters, reach, within_span
from merbench.entries.parameters import parameter
from merbench.synthetic.mock_clips import Extent, MockClip

from . import mock_a, mock_c
from .annotation import TABLE_A, TABLE_C
from .corrections import CORRECTIONS
from .frames import clip_files, clip_video, crime_files, video_files
from .schemes import KNOWN_A, KNOWN_C, SCHEMES_A, SCHEMES_C


@dataclass(frozen=True, kw_only=True)
class CasMe3Parameters(FrameParameters):
    """What is read in place of dropped frames, and which annotation workbook."""

    coding: str = parameter("", "the annotation workbook under the data folder; empty: the only one that is there")


@dataclass(frozen=True, kw_only=True)
class CasMe3AParameters(CasMe3Parameters):
    """Which frames are read, what in place of dropped ones, and which annotation workbook."""

    frames: str = parameter(
        "clips",
        "the clips that the authors cut, Part_A_ME_clip; clip-videos: the same as MP4 files; videos: part_A",
        choices=("clips", "videos", "clip-videos"),
    )


class CasMe3(FolderDataset):
    """What parts A and C share: recordings with dropped frames."""

    parameters: CasMe3Parameters
    reference = (
        "Li et al., CAS(ME)^3: A third generation facial spontaneous micro-expression database with depth information "
        "and high ecological validity, IEEE TPAMI 2022"
    )
    access = (
        "a signed agreement with the Institute of Psychology, Chinese Academy of Sciences "
        "(casme.psych.ac.cn/casme/e4): for research, not to be passed on"
    )

    @abstractmethod
    def files(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files that lie where the clip does, by number, in rising order."""

    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of onset..offset by annotated frame number, and those near that may stand in for missing ones."""
        return within_span(self.files(root, clip), clip, reach(self.parameters))


class CasMe3A(CasMe3):
    """Component A of CAS(ME)^3 as its authors distribute it: labels with every cell as text, clips cut of recordings.

    Subjects are spelled ``spNO.1``; a clip's name is the letter of its recording, which can hold several clips: 463
    recordings for 860. The second version of the labels is what the counts are for; the first, of 921 rows, is read
    too. The letter case of folders does not count. Rows that cannot be (offset before onset) stay as they are, a run
    leaves them out, and the corrections of merbench-1 put them right.

    Dropped frames are common, and about a tenth of the clips lack some, as the maintainers say. A clip that lacks a
    frame that is needed is an error, named, unless --on-error skip leaves such clips out, or missing_frames=nearest
    reads the nearest present one.

    Counted in the file itself: clips, subjects, emotions, objective classes. Unverified: that files in
    ``Part_A_ME_clip`` bear the annotated numbers, and the filters by which papers come to 687, 816 or 854 clips, none
    of which is a scheme here. Depth is not read.
    """

    name = "cas-me-3a"
    title = "CAS(ME)^3 part A"
    schemes = SCHEMES_A
    corrections = CORRECTIONS
    known = KNOWN_A
    Parameters = CasMe3AParameters
    parameters: CasMe3AParameters
    most_subjects = len(mock_a.SUBJECTS)

    def annotations(self, root: Path) -> Annotations:
        """The annotation table; ``objective_class`` is Roman, where given."""
        return TABLE_A.read(root, self.parameters.coding)

    def files(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of a cut clip, or of the whole recording."""
        read = {"clips": clip_files, "videos": video_files, "clip-videos": clip_video}
        return read[self.parameters.frames](root, clip)

    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """Clips in the shape of the real ones, in the order of the workbook."""
        return mock_a.plan_clips(extent)

    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the labels of the second version."""
        mock_a.write_workbook(out, clips)

    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write the frames of the cut clip and of the recording, a quarter of the real size."""
        mock_a.draw(out, clip, numbers)


class CasMe3C(CasMe3):
    """Component C of CAS(ME)^3, the mock crime, as its authors distribute it: labels, and one recording a subject.

    Subjects are numbers from 1 to 31, a clip's name is its number in the column ``count``. No apex is annotated: the
    apex policy decides. What the maintainers say to use is read, ``CAS(ME)3_part_C_ME.xlsx``; the older
    ``CAS(ME)3_part_C.xls`` is not. An action unit marked as doubtful (``13?``) counts. Dropped frames are as in part A.

    Counted in the file itself: clips, subjects, emotions. Unverified: names of folders, which are those that public
    code reads. Depth, sound and physiological signals are not read.
    """

    name = "cas-me-3c"
    title = "CAS(ME)^3 part C"
    schemes = SCHEMES_C
    known = KNOWN_C
    Parameters = CasMe3Parameters
    most_subjects = len(mock_c.SUBJECTS)

    def annotations(self, root: Path) -> Annotations:
        """The annotation table; every apex is missing."""
        return TABLE_C.read(root, self.parameters.coding)

    def files(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of the subject's recording."""
        return crime_files(root, clip)

    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """Clips in the shape of the real ones, in the order of the workbook."""
        return mock_c.plan_clips(extent)

    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the labels."""
        mock_c.write_workbook(out, clips)

    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write the frames of the recording, a quarter of the real size."""
        mock_c.draw(out, clip, numbers)
