"""The mock of a part of SMIC, original or extended: laid out as distributed, with synthetic faces.

The workbook of the extended release is written by `mock_workbook`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.mock_clips import Extent, MockClip, length, mock_clip, uncoded_row
from merbench.synthetic.mock_emotions import distribute, emotions_by_subject, subject_rounds
from merbench.synthetic.mock_tree import key_numbers, write_frames

from .cameras import CODES, FOLDERS, VIS, Camera
from .long_clips import HOMES

if TYPE_CHECKING:
    import numpy as np

    from merbench.synthetic.rendering import ClipPlan

#: Clips of HS with their last frame, and the last one that their crops, and the extended release, have.
SHORT: Mapping[str, tuple[int, int]] = {
    "s3_ne_16": (409063, 409062),
    "s3_po_08": (402225, 402223),
    "s3_sur_01": (308890, 308889),
    "s3_sur_05": (402327, 402326),
}
#: Clips of HS that the extended release does not have as clips of their own: in its earlier state, and besides.
LOST_FIRST = ("s2_sur_05", "s9_sur_02")
LOST = (*LOST_FIRST, "s1_ne_02", "s3_ne_03", "s3_ne_20", "s4_ne_05", "s4_ne_06")
NAMED = (*SHORT, *LOST, "s1_ne_01", "s9_sur_01", "s18_sur_03")
#: Height and width of raw frames: of a small tree as public code has them, of a full one half that, to save space.
RAW, RAW_OF_FULL = (480, 640), (240, 320)
#: Height and width of a crop: chosen here, the real ones are unverified.
CROP = (170, 140)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmicClip(MockClip):
    """One clip: its row with the middle frame as apex, which no table of SMIC has, and how its frames lie.

    Raw frames are of the size `raw`, height and width. The crops end with the frame `short`, if that is not None. A
    long clip runs from frame `first` to `last`, and shows the expression again as `further` plans.
    """

    raw: tuple[int, int]
    first: int
    last: int
    short: int | None = None
    further: tuple[ClipPlan, ...] = ()

    def numbers(self, frames: str) -> list[int]:
        """The frame numbers that are written: every one for ``all``, those that readers look at for ``key``."""
        if frames == "none":
            return []
        if frames == "all" or self.short is not None:
            return list(range(self.first, self.last + 1))
        plans = (self.plan, *self.further)
        return sorted({number for plan in plans for number in key_numbers(plan.onset, plan.apex, plan.offset)})

    def plan_at(self, number: int) -> ClipPlan:
        """The plan of the expression that a frame shows, or that it follows."""
        return next((plan for plan in reversed(self.further) if plan.onset <= number), self.plan)


def plan_clips(camera: Camera, extent: Extent) -> tuple[SmicClip, ...]:
    """The clips of a mock: three classes in turn, or the numbers of the camera and the clips that are named."""
    if extent.full:  # of the other cameras, whose classes are not known, as VIS has them in the extended release
        shown = distribute(camera.classes or VIS.extended["vis-e-71"], [str(number) for number in camera.subjects])
        people = [(int(subject), emotions) for subject, emotions in emotions_by_subject(shown)]
    else:
        numbers = camera.subjects[: extent.subjects]
        people = [(number, subject_rounds(extent, number, list(CODES))) for number in numbers]
    return tuple(clip for number, emotions in people for clip in _subject(camera, number, emotions, extent))


def lengthened(clips: Sequence[SmicClip], camera: Camera, state: str) -> tuple[SmicClip, ...]:
    """The clips as the extended release has them: long, a few with the expression again, some of HS lost.

    In the newer state of HS one clip's emotion is not that of its name: its counts are not those of the names.
    """
    lost = {"hs-e-157": LOST, "hs-e-162": LOST_FIRST}.get(state, ())
    again = {subject: _again(list(of)) for subject, of in groupby(clips, key=lambda clip: clip.row.subject)}
    remaining = [clip for clip in clips if clip.row.clip not in lost]
    return tuple(_long(clip, camera, state, again[clip.row.subject] == clip.row.clip) for clip in remaining)


def write_short(out: Path, camera: Camera, clip: SmicClip, numbers: Sequence[int]) -> None:
    """Write a clip's raw and cropped frames, or two empty ones for no number, and the folder beside the clips."""
    for variant, home in FOLDERS.items():
        subject = out / home / camera.folder / clip.row.subject
        folder = subject / "micro" / clip.plan.emotion / clip.row.clip
        (subject / "non_micro").mkdir(parents=True, exist_ok=True)
        last = clip.short if clip.short is not None and variant == "cropped" else clip.last
        name = partial(_path, folder, camera, variant)
        if numbers:
            draw = partial(_draw, camera, clip, variant)
            write_frames([number for number in numbers if number <= last], draw, name)
        else:
            _write_empty(folder, (name(clip.first), name(last)))


def write_long(out: Path, camera: Camera, clip: SmicClip, numbers: Sequence[int]) -> None:
    """Write the raw frames of a long clip, in the folders of the extended release."""
    folder = out / HOMES[camera.folder][0] / f"s{int(clip.row.subject[1:]):02d}" / clip.row.clip
    write_frames(numbers, partial(_draw, camera, clip, "raw"), lambda number: folder / f"image{number:06d}.jpg")


def _subject(camera: Camera, number: int, emotions: Sequence[str], extent: Extent) -> Iterator[SmicClip]:
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    named = NAMED if extent.full and camera.folder == "HS" else ()
    for emotion in CODES:
        for clip in _names(f"s{number}_{CODES[emotion]}_", emotions.count(emotion), named):
            row = _row(rng, camera, clip, emotion)
            planned = mock_clip(row, (extent.seed, number, int(rng.integers(2**31))))  # one face before every camera
            yield SmicClip(
                row=planned.row,
                plan=planned.plan,
                raw=RAW_OF_FULL if extent.full else RAW,
                first=row.onset,
                last=row.offset,
                short=SHORT[clip][1] if clip in SHORT and named else None,
            )


def _names(start: str, clips: int, named: Sequence[str]) -> list[str]:
    """So many names of clips: those that are named, and the first numbers beside them."""
    wanted = [name for name in named if name.startswith(start)]
    free = (name for name in (f"{start}{number:02d}" for number in count(1)) if name not in wanted)
    return sorted([*wanted, *islice(free, max(clips - len(wanted), 0))])


def _row(rng: np.random.Generator, camera: Camera, clip: str, emotion: str) -> CodedClip:
    """11 to 58 frames at 100 a second, as in HS, and numbers of four to eight digits."""
    frames = max(round(length(rng, 11, 33, 58) * camera.fps / 100), 3)
    onset = int(10 ** float(rng.uniform(3.0, 7.5)))
    if camera.folder == "HS" and clip in SHORT:
        onset = SHORT[clip][0] - frames + 1
    moments = (onset, onset + (frames - 1) // 2, onset + frames - 1)
    return uncoded_row(subject=clip.partition("_")[0], clip=clip, emotion=emotion, moments=moments)


def _again(clips: Sequence[SmicClip]) -> str:
    names = [clip.row.clip for clip in clips if clip.row.clip not in LOST]
    return "s9_sur_01" if "s9_sur_01" in names else next(iter(names), "")


def _long(clip: SmicClip, camera: Camera, state: str, again: bool) -> SmicClip:
    row, plan = clip.row, clip.plan
    if clip.short is not None:
        row = dataclasses.replace(row, offset=clip.short)
        plan = dataclasses.replace(plan, offset=clip.short)
    if state == "hs-e-157" and row.clip == "s5_sur_01":
        row = dataclasses.replace(row, emotion="negative")
    around = round(2 * camera.fps)
    further = tuple(_moved(plan, time * around) for time in range(1, _times(row.clip, camera, state) + 1) if again)
    return dataclasses.replace(
        clip,
        row=row,
        plan=plan,
        raw=RAW,  # which JPEG makes small
        short=None,
        first=plan.onset - around,
        last=max(plan.offset for plan in (plan, *further)) + around,
        further=further,
    )


def _moved(plan: ClipPlan, by: int) -> ClipPlan:
    """The same expression later; with the same seed, so that head and light go on as before."""
    return dataclasses.replace(plan, onset=plan.onset + by, apex=plan.apex + by, offset=plan.offset + by)


def _times(clip: str, camera: Camera, state: str) -> int:
    """How many more times a subject shows the expression of one clip: in eight of HS twice at most, in two of VIS."""
    place = camera.subjects.index(int(clip.partition("_")[0][1:]))
    if camera.folder != "HS" or place >= 8:
        return int(camera.folder == "VIS" and place < 2)
    return 1 if state == "hs-e-162" or clip == "s9_sur_01" or place == 0 else 2


def _path(folder: Path, camera: Camera, variant: str, number: int) -> Path:
    return folder / camera.file_name(variant, number)


def _write_empty(folder: Path, paths: Iterable[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        path.touch()


def _draw(camera: Camera, clip: SmicClip, variant: str, numbers: Sequence[int]) -> np.ndarray:
    """The frames, `(frame height width rgb)`; without colour where the camera sees none."""
    import numpy as np

    from merbench.synthetic import rendering

    draw, size = (rendering.draw_raw_frames, clip.raw) if variant == "raw" else (rendering.draw_frames, CROP)
    images = np.concatenate([draw(plan, list(of), size) for plan, of in groupby(numbers, key=clip.plan_at)])
    if camera.folder == "NIR":
        images[...] = images.mean(axis=-1, keepdims=True).astype(images.dtype)
    return images
