"""Invented clips for stand-in trees: who shows what, in which frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from merbench.annotations.action_units import ActionUnit, written
from merbench.annotations.coded_clips import CodedClip
from merbench.errors import UsageError
from merbench.synthetic.mock_tree import key_numbers

if TYPE_CHECKING:
    import numpy as np

    from merbench.synthetic.rendering import ClipPlan


#: Which frames of a stand-in tree are written: see `Dataset.mock`.
FRAMES = ("key", "all", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """One clip of a stand-in tree: its row, and the plan that its frames are drawn by."""

    row: CodedClip
    plan: ClipPlan

    def numbers(self, frames: str) -> list[int]:
        """The frame numbers that are written: every one for ``all``, those that readers look at for ``key``.

        Where the row's apex is missing or outside, every one is; for ``none`` none is. Where the row's offset lies
        before its onset, those of the plan are.
        """
        row: CodedClip | ClipPlan = self.row
        if frames == "none":
            return []
        if row.onset > row.offset:
            row = self.plan
        if frames == "all" or row.apex is None or not row.onset <= row.apex <= row.offset:
            return list(range(row.onset, row.offset + 1))
        return key_numbers(row.onset, row.apex, row.offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How large a stand-in tree is asked for: `subjects`, and `clips` of each, or the `full` table."""

    subjects: int
    clips: int
    seed: int
    frames: str
    full: bool = False

    def check(self, dataset: str, *, most_subjects: int, most_clips: int = 100) -> None:
        """Refuse what cannot be.

        Raises:
            UsageError: naming the option, its value and its range.
        """
        if self.frames not in FRAMES:
            raise UsageError(
                f"{dataset}: frames={self.frames} is not possible for a stand-in tree: it must be one of "
                f"{', '.join(FRAMES)}."
            )
        ranges = {"subjects": (1, most_subjects), "clips": (1, most_clips), "seed": (0, 2**63 - 1)}
        if self.full:
            del ranges["subjects"], ranges["clips"]
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise UsageError(
                    f"{dataset}: {name}={getattr(self, name)} is not possible for a stand-in tree: "
                    f"it must be from {low} to {high}."
                )


def invent(row: CodedClip, seeds: Sequence[int], *, drawn_as: str | None = None, apex: int | None = None) -> Invented:
    """A row's clip: a plan by `seeds`, and the row with the action units that the plan moves.

    The first two seeds (the tree's and the subject's) give the face. `drawn_as` is the emotion to draw, where the
    generator calls it otherwise; `apex` where to plant the peak, where the row's apex is not where it should be.
    """
    import numpy as np

    from merbench.synthetic.rendering import plan_clip

    plan = plan_clip(
        identity=int(np.random.SeedSequence(seeds[:2]).generate_state(1)[0]),
        seed=int(np.random.SeedSequence(seeds).generate_state(1)[0]),
        emotion=drawn_as or row.emotion,
        onset=row.onset,
        apex=apex if apex is not None else row.apex or (row.onset + row.offset + 1) // 2,
        offset=row.offset,
    )
    units = written(ActionUnit(unit.number, unit.side) for unit in plan.action_units)
    return Invented(row=dataclasses.replace(row, action_units=units, action_units_annotated=units), plan=plan)


def plain_row(
    rng: np.random.Generator,
    *,
    subject: str,
    clip: str,
    emotion: str,
    onset: int,
    frames: int,
    more: Mapping[str, str] = MappingProxyType({}),
) -> CodedClip:
    """A row of so many frames, with its apex near the middle, to which `invent` gives its action units."""
    return CodedClip(
        subject=subject,
        clip=clip,
        onset=onset,
        apex=onset + round(frames * float(rng.uniform(0.35, 0.65))),
        offset=onset + frames - 1,
        emotion=emotion,
        action_units="",
        action_units_annotated="",
        more=more,
    )


def rounds(rng: np.random.Generator, emotions: Sequence[str], clips: int, rare: Sequence[str] = ()) -> list[str]:
    """The emotion of each of a subject's clips: rounds of `emotions`, each in a new order.

    A subject of more clips than there are emotions ends with one of `rare`.
    """
    shown = [str(emotion) for _ in range(0, clips, len(emotions)) for emotion in rng.permutation(list(emotions))]
    if rare and clips > len(emotions):
        shown[clips - 1] = str(rng.choice(list(rare)))
    return shown[:clips]


def length(rng: np.random.Generator, low: int, middle: int, high: int) -> int:
    """How many frames a clip has: from `low` to `high`, half of them below `middle`."""
    return min(max(round(middle * float(rng.lognormal(0.0, 0.3))), low), high)
