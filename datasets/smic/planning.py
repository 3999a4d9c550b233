"""What a stand-in tree of SMIC shows: invented clips in the shape of the real ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.invented import Extent, Invented, invent, length, rounds
from merbench.synthetic.mock_clips import dealt
from merbench.synthetic.mock_tree import key_numbers

from .parts import CODES, VIS, Part

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(Invented):
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


def invent_clips(part: Part, extent: Extent) -> tuple[Planned, ...]:
    """The clips of a stand-in tree: three classes in turn, or the numbers of the part and the clips that are named."""
    shown = _dealt(part) if extent.full else _rounds(part, extent)
    return tuple(clip for number, emotions in shown for clip in _subject(part, number, emotions, extent))


def _dealt(part: Part) -> Iterator[tuple[int, list[str]]]:
    # those of VIS in the extended release where none are known
    classes = part.classes or VIS.extended["vis-e-71"]
    for subject, pairs in groupby(dealt(classes, list(map(str, part.subjects))), key=itemgetter(0)):
        yield int(subject), [emotion for _, emotion in pairs]


def _rounds(part: Part, extent: Extent) -> Iterator[tuple[int, list[str]]]:
    import numpy as np

    for number in part.subjects[: extent.subjects]:
        yield number, rounds(np.random.default_rng([extent.seed, number, 1]), list(CODES), extent.clips)


def _subject(part: Part, number: int, emotions: Sequence[str], extent: Extent) -> Iterator[Planned]:
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    named = NAMED if extent.full and part.folder == "HS" else ()
    for emotion in CODES:
        for clip in _names(f"s{number}_{CODES[emotion]}_", emotions.count(emotion), named):
            row = _row(rng, part, clip, emotion)
            made = invent(row, (extent.seed, number, int(rng.integers(2**31))))  # one face before every camera
            yield Planned(
                row=made.row,
                plan=made.plan,
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


def _row(rng: np.random.Generator, part: Part, clip: str, emotion: str) -> CodedClip:
    """11 to 58 frames at 100 a second, as in HS, and numbers of four to eight digits."""
    frames = max(round(length(rng, 11, 33, 58) * part.fps / 100), 3)
    onset = int(10 ** float(rng.uniform(3.0, 7.5)))
    if part.folder == "HS" and clip in SHORT:
        onset = SHORT[clip][0] - frames + 1
    return CodedClip(
        subject=clip.partition("_")[0],
        clip=clip,
        onset=onset,
        apex=onset + (frames - 1) // 2,
        offset=onset + frames - 1,
        emotion=emotion,
        action_units="",
        action_units_annotated="",
    )


def lengthened(clips: Sequence[Planned], part: Part, state: str) -> tuple[Planned, ...]:
    """The clips as the extended release has them: long, a few with the expression again, some of HS lost.

    In the newer state of HS one clip's emotion is not that of its name: its counts are not those of the names.
    """
    lost = {"hs-e-157": LOST, "hs-e-162": LOST_FIRST}.get(state, ())
    again = {subject: _again(list(of)) for subject, of in groupby(clips, key=lambda clip: clip.row.subject)}
    kept = [clip for clip in clips if clip.row.clip not in lost]
    return tuple(_long(clip, part, state, again[clip.row.subject] == clip.row.clip) for clip in kept)


def _again(clips: Sequence[Planned]) -> str:
    names = [clip.row.clip for clip in clips if clip.row.clip not in LOST]
    return "s9_sur_01" if "s9_sur_01" in names else next(iter(names), "")


def _long(clip: Planned, part: Part, state: str, again: bool) -> Planned:
    row, plan = clip.row, clip.plan
    if clip.short is not None:
        row = dataclasses.replace(row, offset=clip.short)
        plan = dataclasses.replace(plan, offset=clip.short)
    if state == "hs-e-157" and row.clip == "s5_sur_01":
        row = dataclasses.replace(row, emotion="negative")
    around = round(2 * part.fps)
    further = tuple(_moved(plan, time * around) for time in range(1, _times(row.clip, part, state) + 1) if again)
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


def _times(clip: str, part: Part, state: str) -> int:
    """How many more times a subject shows the expression of one clip: in eight of HS twice at most, in two of VIS."""
    place = part.subjects.index(int(clip.partition("_")[0][1:]))
    if part.folder != "HS" or place >= 8:
        return int(part.folder == "VIS" and place < 2)
    return 1 if state == "hs-e-162" or clip == "s9_sur_01" or place == 0 else 2
