"""Datasets on disk: what every adapter of a folder with a workbook and frame files does alike."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from merbench.annotations.clips import Annotations, Clip
from merbench.data.frame_files import given
from merbench.dataset import Dataset
from merbench.entries import parameters as typed
from merbench.synthetic.invented import Extent, Invented
from merbench.synthetic.mock_tree import prepare_folder, write_clips

if TYPE_CHECKING:
    import numpy as np


class FolderDataset(Dataset):
    """A dataset in a folder that has an annotation workbook and frame files; see the abstract methods."""

    #: As many subjects as a stand-in tree can have.
    most_subjects: ClassVar[int]

    def __init__(self, parameters: typed.Parameters | None = None) -> None:
        super().__init__(parameters)
        self._listed: dict[tuple[Path, Clip], Mapping[int, Path]] = {}

    @abstractmethod
    def annotations(self, root: Path) -> Annotations:
        """The annotation table under a folder that is there."""

    @abstractmethod
    def list_frames(self, root: Path, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip that are present, by annotated frame number."""

    @abstractmethod
    def invent(self, extent: Extent) -> Sequence[Invented]:
        """The clips of a stand-in tree, in the order of its workbook."""

    @abstractmethod
    def write_workbook(self, out: Path, clips: Sequence[Invented]) -> None:
        """Write the workbook of a stand-in tree, laid out as distributed."""

    @abstractmethod
    def draw(self, out: Path, clip: Invented, numbers: Sequence[int]) -> None:
        """Write the frames of those numbers where a stand-in tree has them."""

    def table(self, root: Path | None) -> Annotations:
        """The annotation table under `root`, one row a clip.

        An apex outside onset..offset stays as annotated. `action_units` are in the plain notation, and
        ``action_units_annotated`` holds the cells as they are.
        """
        return self.annotations(given(self.name, root))

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip that are present, by annotated frame number; listed once an instance."""
        key = (given(self.name, root), clip)  # one recording can hold several clips, in folders of their own
        if key not in self._listed:
            self._listed[key] = self.list_frames(*key)
        return self._listed[key]

    def mock(
        self,
        out: Path,
        *,
        subjects: int,
        clips: int,
        seed: int,
        frames: str = "key",
        full: bool = False,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Write a stand-in tree of drawn faces to `out`, `clips` clips a subject, or the `full` table.

        Raises:
            UsageError: if `out` is not empty, or there cannot be such a tree.
        """
        extent = Extent(subjects=subjects, clips=clips, seed=seed, frames=frames, full=full)
        extent.check(self.name, most_subjects=self.most_subjects)
        invented = self.invent(extent)
        prepare_folder(self.name, out)
        self.write_workbook(out, invented)
        write_clips([partial(self.draw, out, clip, clip.numbers(frames)) for clip in invented], progress)


def grey(frames: np.ndarray) -> np.ndarray:
    """The luminance `(frame height width)` of frames `(frame height width rgb)`, both uint8."""
    import numpy as np

    red, green, blue = (frames[..., place].astype(np.uint16) for place in range(3))
    return np.asarray((77 * red + 150 * green + 29 * blue) >> 8, dtype=np.uint8)
