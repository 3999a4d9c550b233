"""The numbered files that a cell of the table names: all of a folder, or those that a pattern fits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from merbench._files.videos import frame_count, is_video
from merbench.data.frame_files import entries, numbered_files, video_frames
from merbench.data.importing.names import role_in
from merbench.data.precomputed import read_array
from merbench.errors import FrameError

if TYPE_CHECKING:
    import numpy as np

    from merbench.annotations.clips import Clip

#: Where the number stands; a width such as ``{number:05d}`` may be given, but does not matter: zeros before it do not.
NUMBER = re.compile(r"\{number(?::0?[0-9]{0,2}d)?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Files by number, of one clip."""

    by_number: Mapping[int, Path]

    @classmethod
    def listed(cls, base: Path, cell: str, suffixes: Sequence[str], clip: Clip) -> Files:
        """The files that a cell names, seen from `base`; none for an empty cell or a folder that is not there.

        In a folder, the last digits of a name before one of the `suffixes` are the number.
        """
        if not cell:
            return cls(by_number={})
        if NUMBER.search(cell):
            before, after = NUMBER.split(Path(cell).name)
            named = f"{re.escape(before)}([0-9]{{1,9}}){re.escape(after)}"
        else:
            named = rf"(?!\.)(?:.*[^0-9])?([0-9]{{1,9}})\.(?:{'|'.join(suffixes)})"
        return cls(by_number=numbered_files(cls.home(base, cell), re.compile(named, re.IGNORECASE), clip))

    @classmethod
    def by_role(cls, base: Path, cell: str, suffixes: Sequence[str], clip: Clip) -> Files:
        """The files of a folder that are called onset, apex and offset, as the frames of those numbers."""
        folder = cls.home(base, cell)
        moments = {"onset": clip.onset, "apex": clip.apex, "offset": clip.offset}
        by_number: dict[int, Path] = {}
        for path in entries(folder) if folder.is_dir() else ():
            number = moments.get(role_in(path.stem))
            if number is not None and path.suffix.lower().removeprefix(".") in suffixes:
                by_number[number] = path
        return cls(by_number=dict(sorted(by_number.items())))

    @staticmethod
    def home(base: Path, cell: str) -> Path:
        """The folder in which the files of a cell lie."""
        return base / (Path(cell).parent if NUMBER.search(cell) else cell)

    def points(self, number: int) -> np.ndarray | None:
        """The landmarks in the file of that number, float32 `(68 xy)`; None if there is no such file."""
        import numpy as np

        path = self.by_number.get(number)
        if path is None:
            return None
        points = read_array(path, "landmarks")
        if points.shape != (68, 2) or points.dtype.kind not in "fiu":
            raise FrameError(f"{path}: the landmarks must be 68 points of x and y, an array of shape (68, 2).")
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            read = points.astype(np.float32)
        if not np.isfinite(read).all():
            raise FrameError(f"{path}: the landmarks have values that are not finite; replace the file.")
        return read


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A video that a cell names, and the number of its first frame; None where the clip decides."""

    path: Path
    first: int | None = None

    def frames(self, clip: Clip) -> dict[int, Path]:
        """The video under the number of each of its frames; none if it is not there.

        The first frame is the onset where the video has as many frames as the clip, else frame 0.

        Raises:
            FrameError: if it cannot be decoded.
        """
        if self.first is None or not self.path.is_file():
            return video_frames(clip, self.path, 0)
        return dict.fromkeys(range(self.first, self.first + frame_count(self.path)), self.path)

    @classmethod
    def named(cls, base: Path, cell: str) -> Video | None:
        """The video of a cell, seen from `base`; None where it names none."""
        name, mark, number = cell.partition("#")
        if not is_video(Path(name)):
            return None
        return cls(path=base / name, first=int(number) if mark and number.isdecimal() else None)
