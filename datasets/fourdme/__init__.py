"""4DME, as public code reads it; see `FourDme` for what is unverified: all of it."""

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
from .annotation import read_annotations
from .schemes import SCHEMES

FOLDERS: Mapping[str, tuple[str, ...]] = {"raw": ("gray_micro",), "cropped": ("gray_micro_crop",)}


@dataclass(frozen=True, kw_only=True)
class FourDmeParameters(FrameParameters):
    """Which frames and which annotation workbook are read."""

    frames: str = parameter(
        "raw",
        "the grey frames as distributed; crops are made by users, under the same names",
        choices=("raw", "cropped"),
    )
    coding: str = parameter("", "the annotation workbook under the data folder; empty: the only one that is there")


class FourDme(FolderDataset):
    """4DME: 267 micro-expressions at 60 frames a second, in grey; its meshes, colour and depth are not read.

    Unverified throughout: no annotation was available, and none is known to be public. Columns, folders and file names
    are those that public code reads (tvaranka/meb and two other loaders), the number of clips follows from that code's
    sum over six databases. How many subjects there are (41, 56 and 65 are quoted), how many clips an emotion, and how
    subjects and clips are spelled is unknown, so that no scheme can say what must come out.

    A clip may show several emotions at once, such as ``surprise+positive``; the schemes differ in what becomes of it.
    A last row that names no clip is taken for totals and left out. Action units marked ``(k)`` are held through the
    clip and left out of `action_units`, as in public code; ``action_units_annotated`` has the cells as they are.
    Public code also exchanges the labels of two rows and replaces one apex, by their place in a file that was not at
    hand: the list of corrections has none of it.
    """

    name = "4dme"
    title = "4DME (unverified)"
    reference = "Li et al., 4DME: A Spontaneous 4D Micro-Expression Dataset With Multimodalities, IEEE TAC 2022"
    access = (
        "a signed agreement with the University of Oulu (Center for Machine Vision and Signal Analysis): for "
        "research, not to be passed on"
    )
    schemes = SCHEMES
    Parameters = FourDmeParameters
    parameters: FourDmeParameters
    most_subjects = mock.SUBJECTS

    def annotations(self, root: Path) -> Annotations:
        """The annotation table; subjects as the file spells them, ``emotion_first`` of those of a clip."""
        return read_annotations(root, self.parameters.coding)

    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip, ``Frame_000000012.jpg`` or, as some crops are called, ``12.jpg``."""
        folder = variant_folder(self.name, root, FOLDERS, self.parameters.frames)
        return numbered(clip, folder / clip.subject / clip.name, r"(?:Frame_)?")

    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """Mock clips, subject by subject."""
        return mock.plan_clips(extent)

    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the workbook under its name."""
        mock.write_workbook(out, clips)

    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write the clip's grey frames."""
        mock.draw(out / FOLDERS["raw"][0], clip, numbers)
