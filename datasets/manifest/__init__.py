"""The user's own clips, listed in a CSV file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.clips import Annotations, Clip
from merbench.annotations.schemes import LabelScheme
from merbench.data.nearest_frames import FrameParameters, filled, notes, reach
from merbench.dataset import Dataset
from merbench.entries import parameters as typed
from merbench.errors import FrameError

from .files import Files, Video
from .listing import Listed, Listing, read_listing

if TYPE_CHECKING:
    import numpy as np


_NEGATIVE = ("negative", "repression", "anger", "contempt", "disgust", "fear", "sadness", "sad")
_MEGC2019 = {
    **dict.fromkeys(_NEGATIVE, "negative"),
    **dict.fromkeys(("positive", "happiness", "happy"), "positive"),
    "surprise": "surprise",
}


class Manifest(Dataset):
    """Your own clips: a CSV file, one row a clip, or a folder with one such file in it.

    Columns: dataset, subject, clip, onset, apex (may be empty), offset, emotion; onset and offset may be empty too in
    rows that name no frames, so that their flow is all that there is. If you like also action_units, fps,
    class, split (which the protocol fixed reads), and frames and landmarks: a folder, or a pattern such as
    ``clips/01/img{number}.jpg``, seen from the CSV file. Frames may also be files called onset, apex
    and offset, or a video: the first frame of one that has as many frames as the clip is the onset; those of any other
    count from 0, or from n with ``#n`` after its name. A column flow names the file of a clip's optical flow, made
    elsewhere: a picture of 8 bits, or .npy, with u, v and strain. Further columns are kept. `merbench data export`
    writes such a file of any dataset, `merbench data import` that of folders and label tables.

    Clips are of the dataset that their row names, so that one file can hold those of a composite. A row whose offset
    lies before its onset is left out of runs, which say so.
    """

    name = "manifest"
    title = "Your own table"
    Parameters = FrameParameters
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
        LabelScheme(
            name="3-class-megc2019",
            classes=("negative", "positive", "surprise"),
            mapping=_MEGC2019,
            source="See et al., MEGC 2019: the guideline's classes by emotion. Its official list lacks two clips of "
            "CASME II, and its sadness and fear: leave those rows out, or give the classes in a column class",
        ),
    )

    def __init__(self, parameters: typed.Parameters | None = None) -> None:
        super().__init__(parameters)
        self._listings: dict[Path | None, Listing] = {}
        self._files: dict[tuple[Path, str, str], Files] = {}

    def table(self, root: Path | None) -> Annotations:
        """The rows of the CSV file; emotions and classes in lower case, every cell of a further column as text."""
        return self._annotations(root)

    def unlabelled(self, root: Path | None) -> Annotations:
        """The rows, of which emotions may be missing."""
        self._listings[root] = read_listing(root, labelled=False)
        return self._annotations(root)

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip by the number in their names; none where the row names no frames.

        With ``missing_frames=nearest``, missing ones of onset..offset are the nearest that are present.
        """
        present, within = self._present(root, clip), reach(self.parameters)
        return filled(present, clip, within) if within and present else present

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
        return self._files_named(root, listed, listed.landmarks, clip).points(number)

    def landmark_files(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip's landmarks by the number in their names; none where the row names none."""
        listed = self._listed(root, clip)
        return {} if listed is None else self._files_named(root, listed, listed.landmarks, clip).by_number

    def precomputed(self, root: Path | None, clip: Clip, name: str) -> Path | None:
        """The file that the clip's row names in the column of that name; None where it names none.

        Raises:
            FrameError: naming the line and the cell, if there is no such file.
        """
        listed = self._listed(root, clip)
        cell = "" if listed is None else listed.precomputed.get(name, "")
        if listed is None or not cell:
            return None
        path = self._listing(root).path.parent / cell
        if not path.is_file():
            raise FrameError(
                f"{listed.place}: {name} is {cell!r}, but there is no such file, seen from the table; put it there, or "
                "empty the cell to have it computed."
            )
        return path

    def has_frames(self, root: Path | None, clip: Clip) -> bool:
        """Whether the clip's row names frames, or no flow in their place."""
        listed = self._listed(root, clip)
        return listed is None or bool(listed.frames) or not any(listed.precomputed.values())

    def dataset_names(self, root: Path | None) -> tuple[str, ...]:
        """The datasets that the rows name, sorted."""
        return self._listing(root).datasets

    def is_mock(self, root: Path) -> bool:
        """Whether any files lie in a mock tree, so that an exported one is not taken for photographs."""
        listing = self._listing(root)
        base = listing.path.parent
        homes = {Files.home(base, row.frames).resolve() for row in listing.rows if row.frames}
        homes |= {(base / cell).resolve().parent for row in listing.rows for cell in row.precomputed.values() if cell}
        folders = {folder for home in homes for folder in (home, *home.parents)}
        return super().is_mock(listing.path.parent) or any(map(super().is_mock, folders))

    def _annotations(self, root: Path | None) -> Annotations:
        read, within = self._listing(root).annotations(), reach(self.parameters)
        if not within:
            return read
        rows = self._listing(root).rows
        clips = [row.as_clip for row in rows if row.frames and self._video(root, row) is None]
        return dataclasses.replace(read, notes=(*read.notes, *notes(within, clips, partial(self._present, root))))

    def _present(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        listed = self._listed(root, clip)
        if listed is None:
            return {}
        if (video := self._video(root, listed)) is not None:
            return video.frames(clip)
        return self._files_named(root, listed, listed.frames, clip).by_number

    def _listing(self, root: Path | None) -> Listing:
        if root not in self._listings:
            self._listings[root] = read_listing(root)
        return self._listings[root]

    def _listed(self, root: Path | None, clip: Clip) -> Listed | None:
        return self._listing(root).by_key.get(clip.key)

    def _video(self, root: Path | None, listed: Listed) -> Video | None:
        return Video.named(self._listing(root).path.parent, listed.frames)

    def _files_named(self, root: Path | None, listed: Listed, cell: str, clip: Clip) -> Files:
        base = self._listing(root).path.parent
        suffixes = ("npy",) if cell == listed.landmarks else ("jpg", "jpeg", "png", "bmp", "tif", "tiff")
        key = (base, cell, suffixes[0])
        if key not in self._files:
            self._files[key] = Files.listed(base, cell, suffixes, clip)
        if not self._files[key].by_number and cell == listed.frames:
            return Files.by_role(base, cell, suffixes, clip)
        return self._files[key]
