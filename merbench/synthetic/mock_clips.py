"""Mock clips for mock trees: what is annotated of them, and their frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from merbench.annotations.action_units import ActionUnit, written
from merbench.annotations.coded_clips import CodedClip
from merbench.errors import UsageError
from merbench.synthetic.mock_tree import key_numbers, write_frames

if TYPE_CHECKING:
    import numpy as np

    from merbench.synthetic.rendering import ClipPlan


#: Which frames of a mock tree are written: see `Dataset.mock`.
FRAMES = ("key", "all", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class MockClip:
    """One clip of a mock tree: its row, and the plan that its frames are drawn by."""

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

    def with_row(self, **changes: Any) -> Self:
        """The clip with some fields of its row replaced; its frames stay those of its plan."""
        return dataclasses.replace(self, row=dataclasses.replace(self.row, **changes))

    def write_crops(self, numbers: Sequence[int], size: tuple[int, int], name: Callable[[int], Path]) -> None:
        """Save frames of the face alone, of `size` (height, width), each under its name."""
        from merbench.synthetic.rendering import draw_frames

        write_frames(numbers, lambda part: draw_frames(self.plan, part, size), name)

    def write_raw(
        self, numbers: Sequence[int], size: tuple[int, int], name: Callable[[int], Path], *, grey: bool = False
    ) -> None:
        """Save frames of the face before a background, of `size` (height, width), each under its name."""
        from merbench.synthetic.rendering import draw_raw_frames

        def draw(part: Sequence[int]) -> np.ndarray:
            images = draw_raw_frames(self.plan, part, size)
            return _luminance(images) if grey else images

        write_frames(numbers, draw, name)


def _luminance(frames: np.ndarray) -> np.ndarray:
    """The luminance `(frame height width)` of frames `(frame height width rgb)`, both uint8."""
    import numpy as np

    red, green, blue = (frames[..., place].astype(np.uint16) for place in range(3))
    return np.asarray((77 * red + 150 * green + 29 * blue) >> 8, dtype=np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How large a mock tree is asked for: `subjects`, and `clips` of each, or the `full` table."""

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
                f"{dataset}: frames={self.frames} is not possible for a mock tree: it must be one of "
                f"{', '.join(FRAMES)}."
            )
        ranges = {"subjects": (1, most_subjects), "clips": (1, most_clips), "seed": (0, 2**63 - 1)}
        if self.full:
            del ranges["subjects"], ranges["clips"]
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise UsageError(
                    f"{dataset}: {name}={getattr(self, name)} is not possible for a mock tree: "
                    f"it must be from {low} to {high}."
                )


def mock_clip(
    row: CodedClip, seeds: Sequence[int], *, rendered_emotion: str | None = None, apex: int | None = None
) -> MockClip:
    """A row's clip: a plan by `seeds`, and the row with the action units that the plan moves.

    The first two seeds (the tree's and the subject's) give the face. `rendered_emotion` is the emotion to render,
    where the generator calls it otherwise; `apex` the frame of the peak, where the row's apex is not where it should
    be.
    """
    import numpy as np

    from merbench.synthetic.rendering import plan_clip

    plan = plan_clip(
        identity=int(np.random.SeedSequence(seeds[:2]).generate_state(1)[0]),
        seed=int(np.random.SeedSequence(seeds).generate_state(1)[0]),
        emotion=rendered_emotion or row.emotion,
        onset=row.onset,
        apex=apex if apex is not None else row.apex or (row.onset + row.offset + 1) // 2,
        offset=row.offset,
    )
    units = written(ActionUnit(unit.number, unit.side) for unit in plan.action_units)
    return MockClip(row=dataclasses.replace(row, action_units=units, action_units_annotated=units), plan=plan)


def uncoded_row(
    *,
    subject: str,
    clip: str,
    emotion: str,
    moments: tuple[int, int | None, int],
    more: Mapping[str, str] = MappingProxyType({}),
) -> CodedClip:
    """A row with onset, apex and offset, to which `mock_clip` gives its action units."""
    onset, apex, offset = moments
    return CodedClip(
        subject=subject,
        clip=clip,
        onset=onset,
        apex=apex,
        offset=offset,
        emotion=emotion,
        action_units="",
        action_units_annotated="",
        more=more,
    )


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
    """A row of so many frames, with its apex near the middle, to which `mock_clip` gives its action units."""
    apex = onset + round(frames * float(rng.uniform(0.35, 0.65)))
    return uncoded_row(
        subject=subject, clip=clip, emotion=emotion, moments=(onset, apex, onset + frames - 1), more=more
    )


def length(rng: np.random.Generator, low: int, middle: int, high: int) -> int:
    """How many frames a clip has: from `low` to `high`, half of them below `middle`."""
    return min(max(round(middle * float(rng.lognormal(0.0, 0.3))), low), high)
