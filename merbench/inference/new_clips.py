"""Clips that no annotation file names: given as pictures, frames of videos, or rows of a table without emotions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from merbench._files.images import decode
from merbench._files.videos import is_video, read_video
from merbench.annotations.clips import Annotations, Clip, clip_of
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.errors import AnnotationError, MissingData, UsageError
from merbench.inputs.declaration import Inputs
from merbench.inputs.moments import Moment, moment_number
from merbench.plural import plural

if TYPE_CHECKING:
    import numpy as np

#: Frame numbers that stand for the moments of a clip that is given as picture files.
_NUMBERS: dict[Moment, int] = {"onset": 1, "apex": 2, "offset": 3}
#: Numbers far apart: an input that asks for any but these sees frames between the moments.
_FAR = Clip(dataset="", subject="", name="", onset=1000, apex=2000, offset=3000)


class PictureFiles(Dataset):
    """Clips given as files, one for each moment; created for those files, and in no registry.

    A file is a picture, or a frame of a video, ``clip.avi#12``, counted from 0.
    """

    name = "files"
    title = "Picture files"
    root_may_be_file = True
    schemes: ClassVar = ()

    def __init__(self, files: Sequence[Mapping[Moment, Path]]) -> None:
        super().__init__()
        self.files = list(files)

    def table(self, root: Path | None) -> Annotations:
        """None: there is no annotation."""
        raise UsageError("Picture files have no table.")

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip by the numbers of their moments."""
        return {_NUMBERS[moment]: _file(path)[0] for moment, path in self.files[int(clip.name)].items()}

    def read(self, root: Path | None, clip: Clip, numbers: Sequence[int]) -> list[np.ndarray]:
        """The frames of the moments that those numbers stand for.

        Raises:
            FrameError: naming a file that cannot be decoded, or a video's frame that it does not have.
        """
        files = {_NUMBERS[moment]: _file(path) for moment, path in self.files[int(clip.name)].items()}
        return [_frame(*files[number]) for number in numbers]


def _frame(path: Path, place: int | None) -> np.ndarray:
    return decode(path) if place is None else read_video(path, [place])[0]


def _file(given: Path) -> tuple[Path, int | None]:
    """A file, and which frame of it where it is a video: ``clip.avi#12``."""
    name, _, number = given.name.rpartition("#")
    if is_video(Path(name)) and number.isdecimal() and not given.is_file():
        return given.with_name(name), int(number)
    return given, None


def moments_seen(inputs: Inputs) -> tuple[Moment, ...] | None:
    """The moments whose frames are needed, in the order of time; None if frames between them are needed too."""
    numbers: set[int] = set()
    if inputs.frames is not None:
        numbers |= {moment_number(_FAR, moment) for moment in inputs.frames.at}
    for array in inputs.arrays:
        numbers |= set(array.numbers(_FAR))
    moments = {moment_number(_FAR, moment): moment for moment in _NUMBERS}
    return None if numbers - set(moments) else tuple(moments[number] for number in sorted(numbers))


def from_files(inputs: Inputs, given: Mapping[Moment, Sequence[Path]]) -> tuple[list[Clip], dict[str, Source]]:
    """The clips of picture files: the first file of each moment is one clip, and so on.

    Raises:
        UsageError: if the files are not those of the moments that the network sees, as many of each.
        MissingData: for a file that is not there.
    """
    seen = moments_seen(inputs)
    if seen is None:
        names = ", ".join(array.name for array in inputs.arrays)
        raise UsageError(f"The network sees frames between the moments ({names}); list clips with --manifest FILE.csv.")
    counts = {moment: len(given.get(moment, ())) for moment in _NUMBERS}
    wanted = " and ".join(f"--{moment}" for moment in seen)
    counted = ", ".join(f"{count} --{moment}" for moment, count in counts.items() if count or moment in seen)
    if len({counts[moment] for moment in seen}) > 1 or any(counts[moment] for moment in _NUMBERS if moment not in seen):
        raise UsageError(
            f"The network sees {wanted} of each clip: give as many files of each and no others, not {counted}."
        )
    for file in (file for moment in seen for file in given[moment]):
        path, number = _file(file)
        if not path.is_file():
            raise MissingData(f"{path}: there is no such file.")
        if is_video(path) and number is None:
            raise UsageError(f"{path} is a video: say which frame of it, counted from 0, as in {path.name}#12.")
    files = [dict(zip(seen, row, strict=True)) for row in zip(*(given[moment] for moment in seen), strict=True)]
    clips = [
        Clip(dataset="files", subject="new", name=str(place), onset=1, apex=2, offset=3) for place in range(len(files))
    ]
    return clips, {"files": Source(dataset=PictureFiles(files), root=_file(given[seen[0]][0])[0])}


def from_table(adapter: Dataset, root: Path, policy: str) -> tuple[list[Clip], dict[str, Source], list[str]]:
    """The clips of a table whose emotions may be missing, their sources by dataset, and sentences for the user.

    Apexes that are not annotated are found by the `policy` of the run: ``middle`` or ``spot``.

    Raises:
        AnnotationError: for a table that cannot be read, or a clip whose moments cannot be used.
    """
    table = adapter.unlabelled(root)
    source = Source(dataset=adapter, root=root)
    read = [clip_of(adapter.name, row) for _, row in table.table.iterrows()]
    clips = [_sound(source, clip, policy) for clip in read]
    spotted = sum(one != other for one, other in zip(read, clips, strict=True))
    notes = [
        *table.notes,
        *([f"apex not annotated in {plural(spotted, 'clip')}: --apex {policy}, as in the run"] * bool(spotted)),
    ]
    return clips, dict.fromkeys(adapter.dataset_names(root), source), notes


def _sound(source: Source, clip: Clip, policy: str) -> Clip:
    if not clip.has_range:
        return clip
    if clip.reversed:
        raise AnnotationError(f"{clip}: its onset {clip.onset} is after its offset {clip.offset}; correct the row.")
    if clip.apex_within:
        return clip
    if policy == "spot":
        from merbench.inputs.apex_spotting import spot

        return dataclasses.replace(clip, apex=spot(source, clip))
    if policy == "middle":
        return dataclasses.replace(clip, apex=clip.middle)
    raise AnnotationError(
        f"{clip}: no apex within the clip is given, and the run took none but annotated ones; give it."
    )
