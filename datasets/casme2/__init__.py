"""CASME II: 255 micro-expressions of 26 subjects at 200 frames a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.clips import Annotations, Clip
from merbench.data.folder_dataset import FolderDataset
from merbench.data.frame_files import numbered, variant_folder, video_frames
from merbench.data.nearest_frames import FrameParameters
from merbench.entries.parameters import parameter
from merbench.synthetic.mock_clips import Extent, MockClip

from . import mock
from .annotation import read_annotations
from .corrections import CORRECTIONS
from .schemes import KNOWN, SCHEMES

#: Where each variant lies under the data folder, the first that is there.
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "cropped": ("Cropped", "Cropped-updated/Cropped"),
    "raw": ("CASME2_RAW_selected", "CASME2-RAW"),
    "video": ("CASME2_Compressed video", "CASME2_compressed"),
}
PREFIXES: Mapping[str, str] = {"cropped": "reg_img", "raw": "img"}


@dataclass(frozen=True, kw_only=True)
class Casme2Parameters(FrameParameters):
    """Which frames and which annotation workbook are read."""

    frames: str = parameter(
        "cropped",
        "the registered crops, which most released code reads; video: compressed AVI files",
        choices=("cropped", "raw", "video"),
    )
    coding: str = parameter("", "the annotation workbook under the data folder; empty: the only one that is there")
    mock_state: str = parameter(
        "2014", "the annotation state of a mock tree; nothing else reads it", choices=("2014", "2019", "256-row")
    )


class Casme2(FolderDataset):
    """CASME II as its authors distribute it: an annotation workbook, and raw or cropped frames in folders.

    Frame numbers in file names are those of the annotation. The three annotation states that circulate are told apart
    by content (see `states`). The class file of MEGC 2018 is read where it lies beside the annotation workbook.

    A video, ``sub01/EP02_01f.avi``, that has as many frames as the clip begins at its onset; any other is taken for a
    whole recording, whose first frame is 1 as in ``CASME2-RAW``.

    The files of 2014 and 2019 and the class file were counted. Unverified: all of the 256-row state but one clip, and
    the names of folders and files, which are those that public code reads, and how videos are called and numbered.

    The list of corrections holds two offsets on which two sources agree, unverified against the frames. Contested, and
    left as annotated: 07/EP06_01, 12/EP09_02 and the offset of 20/EP16_01, for which single sources give other frames;
    the apexes that are missing (04/EP12_01f), on the onset (05/EP09_05f) or on the offset (05/EP16_04f, 12/EP09_06,
    20/EP16_01, 25/EP18_04f), for which no two sources give the same frame.
    """

    name = "casme2"
    title = "CASME II"
    reference = "Yan et al., CASME II: An improved spontaneous micro-expression database, PLOS ONE 2014"
    access = (
        "a signed agreement with the Institute of Psychology, Chinese Academy of Sciences "
        "(casme.psych.ac.cn/casme/e2): for research, not to be passed on"
    )
    schemes = SCHEMES
    corrections = CORRECTIONS
    known = KNOWN
    Parameters = Casme2Parameters
    parameters: Casme2Parameters
    most_subjects = 26

    def annotations(self, root: Path) -> Annotations:
        """The annotation table; subjects are two digits.

        The objective classes are in ``objective_class``, as the workbook of 2019 has them, and in
        ``objective_class_2018``, of the class file, each only where it is there.
        """
        return read_annotations(root, self.parameters.coding)

    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip."""
        variant = self.parameters.frames
        folder = variant_folder(self.name, root, FOLDERS, variant) / f"sub{clip.subject}" / clip.name
        if variant == "video":
            return video_frames(clip, folder.with_name(f"{clip.name}.avi"), first=1)
        return numbered(clip, folder, PREFIXES[variant])

    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """Clips in the shape of the real ones, in the order of the workbook."""
        return mock.plan_clips(extent, self.parameters.mock_state)

    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the workbook of an annotation state under its name, and the class file beside it."""
        mock.write_workbook(out, clips, self.parameters.mock_state)
        mock.write_class_file(out, clips)

    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write the clip's raw and cropped frames."""
        for variant, prefix in PREFIXES.items():
            mock.draw(out / FOLDERS[variant][0], prefix, clip, numbers)
