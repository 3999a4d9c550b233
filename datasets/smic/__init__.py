"""SMIC: spontaneous micro-expressions before a fast, a normal and a near-infrared camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from merbench.annotations.clips import Annotations, Clip
from merbench.data.folder_dataset import FolderDataset
from merbench.data.nearest_frames import FrameParameters
from merbench.entries.parameters import parameter
from merbench.synthetic.mock_clips import Extent, MockClip

from . import extended, long_clips, mock, mock_workbook
from .annotation import annotations_of
from .cameras import HS, NIR, VIS, Camera
from .schemes import known_of, schemes_of
from .tree import Tree, read_tree


@dataclass(frozen=True, kw_only=True)
class SmicParameters(FrameParameters):
    """Which release and which frames are read, and with them onset and offset."""

    frames: str = parameter(
        "cropped",
        "the registered crops, which most released code reads; the extended release has raw frames alone",
        choices=("cropped", "raw"),
    )
    release: str = parameter(
        "original", "the release that challenges and most papers use", choices=("original", "extended")
    )
    coding: str = parameter(
        "", "the annotation workbook of the extended release under the data folder; empty: the only one of its name"
    )
    events: str = parameter(
        "first", "one row a recording of the extended release, as it counts its clips", choices=("first", "all")
    )
    mock_state: str = parameter(
        "157",
        "the rows of the workbook in a mock for the extended release of HS; nothing else reads it",
        choices=("157", "162"),
    )


class Smic(FolderDataset):
    """One part of SMIC; subjects are spelled ``s1``, clips ``s1_ne_01``, as on the disk."""

    reference = "Li et al., A spontaneous micro-expression database: inducement, collection and baseline, FG 2013"
    access = (
        "a signed agreement with the University of Oulu (Center for Machine Vision and Signal Analysis): for "
        "research, not to be passed on"
    )
    Parameters = SmicParameters
    parameters: SmicParameters
    camera: ClassVar[Camera]

    def __init__(self, parameters: SmicParameters | None = None) -> None:
        super().__init__(parameters)
        self._trees: dict[Path, Tree] = {}

    def annotations(self, root: Path) -> Annotations:
        """One row a clip folder under `root`, or a row of the workbook of the extended release."""
        settings = self.parameters
        if self._extended:
            every = settings.events == "all"
            return extended.read_annotations(self.name, root, self.camera, chosen=settings.coding, every=every)
        return annotations_of(self.name, root, self.camera, settings.frames, self._tree(root))

    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip by the number in their names; of a long one also those around it."""
        if self._extended:
            return long_clips.list_frames(self.name, root, self.camera, clip)
        folder = self._tree(root).clips.get((clip.subject, clip.name))
        return {} if folder is None else folder.files

    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """Clips in the shape of the real ones, by subject."""
        clips = mock.plan_clips(self.camera, extent)
        return mock.lengthened(clips, self.camera, self._mock_state) if self._extended else clips

    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the workbook, which the extended release alone has."""
        if self._extended:
            planned = [clip for clip in clips if isinstance(clip, mock.SmicClip)]
            mock_workbook.write_workbook(out, self.camera, self._mock_state, planned)

    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write a clip's frames; where there are to be none, an empty first and last one, which are its row."""
        assert isinstance(clip, mock.SmicClip)
        write = mock.write_long if self._extended else mock.write_short
        write(out, self.camera, clip, numbers)

    def _tree(self, root: Path) -> Tree:
        if root not in self._trees:
            self._trees[root] = read_tree(self.name, root, self.camera, self.parameters.frames)
        return self._trees[root]

    @property
    def _extended(self) -> bool:
        return self.parameters.release == "extended"

    @property
    def _mock_state(self) -> str:
        newest, *_ = self.camera.extended
        return f"hs-e-{self.parameters.mock_state}" if self.camera is HS else newest


class SmicHs(Smic):
    """The part of SMIC before the fast camera, 100 frames a second: 164 micro-expressions of 16 subjects.

    As distributed, without an annotation file: the folders give subject and class, the first and the last frame that
    lie there onset and offset. No apex is annotated; `--apex` says what becomes of that.

    `--set dataset.release=extended` reads SMIC-E instead, whose clips are longer: its workbook, of 157 rows or 162 in
    an earlier state, and raw frames. Some of its clips show several events; the first is the clip, and
    `--set dataset.events=all` takes each. Seven clips of the original are no rows there, four end earlier, and by
    its counts the newer state has an emotion that is not the one in its clip's name.

    The clips of both were counted in tables of them. Unverified, because no distributed tree was at hand: the names of
    folders and frames, which are those that public code reads, and the frames' size.
    """

    name = "smic-hs"
    title = "SMIC-HS"
    camera = HS
    schemes = schemes_of(HS)
    known = known_of(HS)
    most_subjects = len(HS.subjects)


class SmicVis(Smic):
    """The part of SMIC before the normal camera, 25 frames a second: 71 micro-expressions of 8 subjects.

    As distributed, without an annotation file: the folders give subject and class, the first and the last frame that
    lie there onset and offset. No apex is annotated; `--apex` says what becomes of that.

    `--set dataset.release=extended` reads SMIC-E-VIS instead, whose clips are longer: a workbook of 71 rows, and raw
    frames. Some of its clips show two events; the first is the clip, and `--set dataset.events=all` takes each.

    The clips were counted in a copy of that workbook. Unverified: how many clips of each class the original has, and
    the names of folders and frames, which are taken to be those of HS.
    """

    name = "smic-vis"
    title = "SMIC-VIS"
    camera = VIS
    schemes = schemes_of(VIS)
    known = known_of(VIS)
    most_subjects = len(VIS.subjects)


class SmicNir(Smic):
    """The part of SMIC before the near-infrared camera, 25 frames a second: 71 micro-expressions of 8 subjects.

    As distributed, without an annotation file: the folders give subject and class, the first and the last frame that
    lie there onset and offset. No apex is annotated; `--apex` says what becomes of that.

    `--set dataset.release=extended` reads SMIC-E-NIR instead, whose clips are longer: a workbook, and raw frames.

    No copy of either was at hand. Unverified: which subjects there are and how many clips of each class, the names of
    folders and frames, and the columns of the workbook (`OnsetF NIR`, `ApexF NIR`, as public code reads them, and
    `OffsetF NIR`); that there are 71 clips of 8 subjects is what the database's page says.
    """

    name = "smic-nir"
    title = "SMIC-NIR"
    camera = NIR
    schemes = schemes_of(NIR)
    known = known_of(NIR)
    most_subjects = len(NIR.subjects)
