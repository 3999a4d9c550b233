"""The user's own clips, listed in a CSV file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.clips import Annotations, Clip
from merbench.dataset import Dataset
from merbench.errors import FrameError
from merbench.parameters import Parameters
from merbench.schemes import LabelScheme

from .files import Files
from .listing import Listed, Listing, read_listing

if TYPE_CHECKING:
    import numpy as np


class Manifest(Dataset):
    """Your own clips: a CSV file, one row a clip, or a folder with one such file in it.

    Columns: dataset, subject, clip, onset, apex (may be empty), offset, emotion; if you like also action_units, fps,
    class, and frames and landmarks: a folder, or a pattern such as ``clips/01/img{number}.jpg``, seen from the CSV
    file. Further columns are kept. `merbench data export` writes such a file of any dataset.

    Subjects are as spelled; where the file lists several datasets, with their dataset before them: ``samm/006``.
    """

    name = "manifest"
    title = "Your own table"
    root_may_be_file = True
    schemes = (
        LabelScheme(name="as-labelled", classes=(), mapping={}, source="the emotions of the table, sorted"),
        LabelScheme(
            name="class",
            classes=(),
            mapping={},
            column="class",
            source="the column class of the table; clips without one fall out",
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self._listings: dict[Path | None, Listing] = {}
        self._files: dict[tuple[Path, str, str], Files] = {}

    def table(self, root: Path | None) -> Annotations:
        """The rows of the CSV file; emotions and classes in lower case, every cell of a further column as text."""
        return self._listing(root).annotations()

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip by the number in their names; none where the row names no frames."""
        listed = self._listed(root, clip)
        return {} if listed is None else self._found(root, listed, listed.frames, clip).by_number

    def read(self, root: Path | None, clip: Clip, numbers: Sequence[int]) -> list[np.ndarray]:
        """The frames of those numbers, each uint8 `(height width rgb)`.

        Raises:
            FrameError: naming the row, and what it says where the frames are.
        """
        present, listed = self.frames(root, clip), self._listed(root, clip)
        lacking = [str(number) for number in numbers if number not in present]
        if lacking:
            place = f"{clip}" if listed is None else f"{listed.place}: frames is {listed.frames!r}, but"
            raise FrameError(f"{place} there is no file for frame {', '.join(lacking)} of clip {clip.name}.")
        return super().read(root, clip, numbers)

    def landmarks(self, root: Path | None, clip: Clip, number: int) -> np.ndarray | None:
        """68 points `(point xy)` from the frame's `.npy` file; None where there is none.

        Raises:
            FrameError: if the file does not hold 68 points.
        """
        listed = self._listed(root, clip)
        if listed is None or not listed.landmarks:
            return None
        return self._found(root, listed, listed.landmarks, clip).points(number)

    def stands_in(self, root: Path) -> bool:
        """Whether any frames lie in a stand-in tree, so that an exported one is not taken for photographs."""
        listing = self._listing(root)
        homes = {Files.home(listing.path.parent, row.frames).resolve() for row in listing.rows if row.frames}
        folders = {folder for home in homes for folder in (home, *home.parents)}
        return super().stands_in(listing.path.parent) or any(map(super().stands_in, folders))

    def _listing(self, root: Path | None) -> Listing:
        if root not in self._listings:
            self._listings[root] = read_listing(root)
        return self._listings[root]

    def _listed(self, root: Path | None, clip: Clip) -> Listed | None:
        return self._listing(root).by_key.get((clip.subject, clip.name, clip.onset))

    def _found(self, root: Path | None, listed: Listed, cell: str, clip: Clip) -> Files:
        base = self._listing(root).path.parent
        suffixes = ("npy",) if cell == listed.landmarks else ("jpg", "jpeg", "png", "bmp", "tif", "tiff")
        key = (base, cell, suffixes[0])
        if key not in self._files:
            self._files[key] = Files.listed(base, cell, suffixes, clip)
        return self._files[key]
