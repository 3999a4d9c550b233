"""Onset and apex shifted at random within their clip, as if another annotator had placed them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from merbench.annotations.clips import Clip
from merbench.data.labelled_clips import LabelledClips
from merbench.errors import DataError
from merbench.plural import plural
from merbench.spec import KeyframeSide

#: Distinguishes these draws from all others of a seed.
_STREAM = 0x4EFA3


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyframeNoise:
    """How far onset and apex are shifted at most: `frames`, or, below 1, a share of the rise; and on which `side`."""

    frames: float
    side: KeyframeSide
    seed: int

    def __str__(self) -> str:
        within = {"both": "training and testing", "train": "training alone", "test": "testing alone"}[self.side]
        return f"{reach(self.frames)}, in {within}"

    def shift(self, clip: Clip) -> tuple[int, int]:
        """By how many frames onset and apex of a clip are shifted: onset <= onset' < apex' <= offset.

        Each is drawn evenly from -k..k and brought into the clip. The draw depends on the seed and the clip alone; with
        a greater k the same clip is shifted the same way, further.
        """
        onset, apex, offset = clip.range.start, clip.apex, clip.range.stop - 1
        if apex is None or apex <= onset:
            return 0, 0
        most = int(self.frames) if self.frames >= 1 else round(self.frames * (apex - onset))
        place = int.from_bytes(hashlib.sha256(clip.key.encode()).digest()[:8], "big")
        draws = np.random.default_rng(np.random.SeedSequence([_STREAM, self.seed, place])).random(2)
        first, second = (int(draw * (2 * most + 1)) - most for draw in draws)
        peak = min(max(apex + second, onset + 1), offset)
        return min(max(onset + first, onset), peak - 1) - onset, peak - apex


def reach(frames: float) -> str:
    """The largest shift of key frames in words.

    >>> reach(1), reach(4), reach(0.25)
    ('up to 1 frame', 'up to 4 frames', 'up to 25 % of the rise')
    """
    return f"up to {plural(int(frames), 'frame') if frames >= 1 else f'{100 * frames:g} % of the rise'}"


def shifts_of(task: LabelledClips, noise: KeyframeNoise) -> dict[str, tuple[int, int]]:
    """By clip key, the shifts of onset and apex.

    Raises:
        DataError: if onset, apex or offset of a clip is unknown.
    """
    clips = task.as_clips()
    unknown = [clip.key for clip in clips if not clip.has_range or clip.apex is None]
    if unknown:
        raise DataError(
            f"keyframe_noise={noise.frames:g} shifts onset and apex, of which {len(unknown)} of "
            f"{plural(len(clips), 'clip')} have no frame numbers ({unknown[0]}); leave keyframe_noise out, or give "
            "data with frames."
        )
    return {clip.key: noise.shift(clip) for clip in clips}


def sentence(shifts: Mapping[str, tuple[int, int]], noise: KeyframeNoise) -> str:
    """A sentence for the record on how the key frames were shifted."""
    onset, apex = np.abs(np.array(list(shifts.values()))).mean(axis=0)
    return (
        f"key frames shifted by {noise}, drawn by keyframe_noise_seed={noise.seed}: the onset by {onset:.1f}, the apex "
        f"by {apex:.1f} frames on average over {plural(len(shifts), 'clip')}"
    )
