"""DFME, whose annotation was counted and whose frames were not available; see `Dfme`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from merbench.annotations.clips import Annotations, Clip
from merbench.data.folder_dataset import FolderDataset
from merbench.data.frame_files import entries, numbered, present
from merbench.data.nearest_frames import FrameParameters
from merbench.dataset import Known
from merbench.entries import parameters as typed
from merbench.entries.parameters import parameter
from merbench.errors import MissingData
from merbench.synthetic.mock_clips import Extent, MockClip

from . import mock
from .annotation import read_annotations, split_named
from .schemes import SCHEMES, STATES, SUBJECTS, SUBJECTS_BY_STATE


@dataclass(frozen=True, kw_only=True)
class DfmeParameters(FrameParameters):
    """Which annotation workbooks are read."""

    coding: str = parameter(
        "", "the annotation workbooks under the data folder, joined by commas; empty: all, one a split"
    )


class Dfme(FolderDataset):
    """DFME: 2629 micro-expressions of 259 subjects at 500, 300 or 200 frames a second, in fixed splits.

    The annotation was counted in a copy of the three workbooks of the challenge release, of which any may be lacking;
    the full database of 7526 clips is not what they list. The table's column `split` is what the protocol fixed reads;
    `fps` differs from clip to clip. A clip's frames are numbered from 0, as in the annotation.

    Unverified: folder and file names are those of public code, which names the splits' folders in several ways; no
    distributed tree was available to verify them, nor the size of the frames and how the workbooks spell a subject.
    """

    name = "dfme"
    title = "DFME"
    reference = "Zhao et al., DFME: A New Benchmark for Dynamic Facial Micro-expression Recognition, IEEE TAC 2023"
    access = "a signed agreement with its authors (mea-lab-421.github.io): for research, not to be passed on"
    schemes = SCHEMES
    known = MappingProxyType(
        {
            state: Known(emotions=emotions, subjects=SUBJECTS_BY_STATE[state], source="a count of the files themselves")
            for state, emotions in STATES.items()
        }
    )
    Parameters = DfmeParameters
    parameters: DfmeParameters
    most_subjects = sum(SUBJECTS.values())

    def __init__(self, parameters: typed.Parameters | None = None) -> None:
        super().__init__(parameters)
        self._homes: dict[Path, tuple[Path, ...]] = {}

    def annotations(self, root: Path) -> Annotations:
        """The annotation table; subjects as ``sub0003``, ``split`` is train, testA or testB."""
        return read_annotations(root, self.parameters.coding)

    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip, whose folder lies in that of its split; the name says which clip it is."""
        folders = [home / clip.name for home in self._split_folders(root) if (home / clip.name).is_dir()]
        return numbered(clip, folders[0], "") if folders else {}

    def plan_mock(self, extent: Extent) -> Sequence[MockClip]:
        """Clips in the shape of the real ones, split by split."""
        return mock.plan_clips(extent)

    def write_workbook(self, out: Path, clips: Sequence[MockClip]) -> None:
        """Write the workbooks under their names."""
        mock.write_workbooks(out, clips)

    def draw(self, out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
        """Write the clip's frames."""
        mock.draw(out, clip, numbers)

    def _split_folders(self, root: Path) -> tuple[Path, ...]:
        """The folders that may hold clips: those named for a split, here or one folder further down, as zips unpack.

        Raises:
            MissingData: if there is none.
        """
        if root not in self._homes:
            near = [folder for folder in entries(root) if folder.is_dir()]
            named = [folder for folder in near if split_named(folder.name)]
            inner = [each for folder in near for each in _inner(folder)]
            self._homes[root] = (*named, *inner)
        if not self._homes[root]:
            raise MissingData(
                f"{self.name}: {root} has no frames: looked for folders named for a split, such as train, testA and "
                f"testB, found {present(root)}. Put them there."
            )
        return self._homes[root]


def _inner(folder: Path) -> list[Path]:
    return [each for each in entries(folder) if split_named(each.name) and each.is_dir()]
