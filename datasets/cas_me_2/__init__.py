"""CAS(ME)^2: 57 micro-expressions of 14 participants, among 300 macro-expressions of 22, at 30 frames a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.clips import Annotations, Clip
from merbench.data.folder_dataset import FolderDataset
from merbench.data.nearest_frames import FrameParameters
from merbench.entries import parameters as typed
from merbench.entries.parameters import parameter
from merbench.synthetic.mock_clips import Extent, MockClip

from . import mock
from .annotation import CODING, read_annotations
from .frames import list_frames
from .naming import Naming, read_naming
from .schemes import KNOWN, SCHEMES


@dataclass(frozen=True, kw_only=True)
class CasMe2Parameters(FrameParameters):
    """Which frames and which annotation workbook are read, and where clips end whose offset is not annotated."""

    frames: str = parameter(
        "cropped",
        "the registered crops, as for CASME II; video: rawvideo, the recordings",
        choices=("cropped", "selected", "raw", "video"),
    )
    offsets: str = parameter(
        "apex",
        "what an offset of 0, which says that none was annotated, becomes; as released code, and no frame is invented",
        choices=("apex", "mirror", "drop"),
    )
    coding: str = parameter("", "the annotation workbook under the data folder; empty: the only one that is there")


class CasMe2(FolderDataset):
    """CAS(ME)^2 as its authors distribute it: a workbook without headers, and crops, selected pictures, recordings.

    Micro-expressions alone are clips; macro-expressions are counted in a note. Subjects are the participants' numbers,
    1 to 22, clips are called ``anger1_3``. An offset of 0 says that none was annotated: the parameter `offsets` decides
    whether such a clip ends at its apex, as long after it as it began before (``mirror``), or is left out (``drop``).

    Unverified: clips by estimated emotion; columns, and names of folders and files, which are those that public code
    reads; how frame numbers in ``rawpic`` are padded (any padding is read); that the first frame of a recording in
    ``rawvideo`` is 1, as in ``rawpic``. Crops lie in folders called by the number
    of the code (``15`` for s15) in some public code, by the participant's in other: which one it is follows from the
    names that are there and the sheet 'naming rule1'.
    """

    name = "cas-me-2"
    title = "CAS(ME)^2"
    reference = "Qu et al., CAS(ME)^2: A database for spontaneous macro-expression and micro-expression, IEEE TAC 2018"
    access = (
        "a signed agreement with the Institute of Psychology, Chinese Academy of Sciences "
        "(casme.psych.ac.cn/casme/e3): for research, not to be passed on"
    )
    schemes = SCHEMES
    known = KNOWN
    Parameters = CasMe2Parameters
    parameters: CasMe2Parameters
    most_subjects = len(mock.CODES)

    def __init__(self, parameters: typed.Parameters | None = None) -> None:
        super().__init__(parameters)
        self._naming: dict[Path, Naming] = {}

    def annotations(self, root: Path) -> Annotations:
        """The micro-expressions; subjects are the participants' numbers, ``self_report`` what they said they felt."""
        return read_annotations(root, self.parameters.coding, self.parameters.offsets)

    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of onset..offset, by annotated frame number."""
        if root not in self._naming:
            sheet, _ = CODING.read(root, self.parameters.coding)
            self._naming[root] = read_naming(sheet.path)
        return list_frames(root, self.parameters.frames, clip, self._naming[root])

    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """Micro-expressions in the shape of the real ones, in the order of the workbook."""
        return mock.plan_clips(extent)

    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the three sheets without headers, macro-expressions among the clips."""
        mock.write_workbook(out, clips)

    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write the clip's crops, selected pictures and frames of the recording."""
        mock.draw(out, clip, numbers)
