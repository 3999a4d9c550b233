"""What a stand-in tree of SMIC shows: invented clips in the shape of the real ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merbench.errors import UsageError

from .parts import CODES, Part

if TYPE_CHECKING:
    import numpy as np

    from merbench.drawn import ClipPlan

MOST_CLIPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One clip of the tree, and the plan that its frames are drawn by; the plan's apex is the middle frame."""

    subject: str
    clip: str
    plan: ClipPlan


def plan_tree(dataset: str, part: Part, *, subjects: int, clips: int, seed: int) -> tuple[Planned, ...]:
    """The clips of a stand-in tree, `clips` of each subject; the subjects are the first that the part has.

    Raises:
        UsageError: if there cannot be so many subjects or clips, or the seed is negative.
    """
    limits = {"subjects": (subjects, len(part.subjects)), "clips": (clips, MOST_CLIPS)}
    for name, (value, most) in limits.items():
        if not 1 <= value <= most:
            raise UsageError(
                f"{dataset}: {name}={value} is not possible for a stand-in tree: it must be from 1 to {most}."
            )
    if seed < 0:
        raise UsageError(f"{dataset}: seed={seed} is not possible for a stand-in tree: it must be 0 or more.")
    return tuple(plan for number in part.subjects[:subjects] for plan in _plan_subject(part, number, clips, seed))


def _plan_subject(part: Part, number: int, clips: int, seed: int) -> Iterator[Planned]:
    import numpy as np

    from merbench.drawn import plan_clip

    rng = np.random.default_rng([seed, number])
    identity = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])  # one face before every camera
    so_far: Counter[str] = Counter()
    for emotion in [str(drawn) for _ in range(0, clips, 3) for drawn in rng.permutation(list(CODES))][:clips]:
        so_far[emotion] += 1
        onset, offset = _range(rng, part.fps)
        yield Planned(
            subject=f"s{number}",
            clip=f"s{number}_{CODES[emotion]}_{so_far[emotion]:02d}",
            plan=plan_clip(
                identity=identity,
                seed=int(rng.integers(2**31)),
                emotion=emotion,
                onset=onset,
                apex=(onset + offset) // 2,
                offset=offset,
            ),
        )


def _range(rng: np.random.Generator, fps: float) -> tuple[int, int]:
    """First and last frame; 11 to 58 frames at 100 a second, as in the file, and numbers of four to eight digits."""
    length = min(max(round(33 * float(rng.lognormal(0.0, 0.35))), 11), 58)
    onset = int(10 ** float(rng.uniform(3.0, 7.5)))
    return onset, onset + max(round(length * fps / 100), 3) - 1
