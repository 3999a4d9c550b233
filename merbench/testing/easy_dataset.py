"""The synthetic data of the checks: few clips, short, small, with strong motion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.clips import Annotations, Clip
from merbench.annotations.schemes import LabelScheme
from merbench.dataset import Dataset
from merbench.entries.parameters import Parameters, parameter

if TYPE_CHECKING:
    import numpy as np

    from merbench.synthetic.rendering import ClipPlan

#: Emotions whose action units differ plainly: brows up, nose wrinkled, lip corners up.
EMOTIONS = ("surprise", "disgust", "happiness")
ONSET, APEX, OFFSET = 1, 7, 13
#: (height, width) in pixels: a frame is rendered in a hundredth of a second.
SIZE = (112, 112)


@dataclass(frozen=True, kw_only=True)
class EasyFacesParameters(Parameters):
    """How many clips of whom, of how many emotions."""

    subjects: int = parameter(3, "chosen here: the fewest with which a fold trains on two subjects", low=2, high=50)
    clips: int = parameter(6, "chosen here: clips a subject, two of each emotion", low=2, high=50)
    emotions: int = parameter(3, "chosen here: more than two, so that no method can count on two", low=2, high=3)


class EasyFaces(Dataset):
    """Synthetic faces with motion twice as strong as the easiest of `synthetic`, under little of what hides it."""

    name = "planted"
    title = "Synthetic faces for checks"
    synthetic = True
    schemes = tuple(
        LabelScheme(
            name=f"{count}-class",
            classes=EMOTIONS[:count],
            mapping={emotion: emotion for emotion in EMOTIONS[:count]},
            source="chosen here: emotions whose action units differ plainly",
        )
        for count in (3, 2)
    )
    Parameters = EasyFacesParameters
    parameters: EasyFacesParameters

    def table(self, root: Path | None) -> Annotations:
        """One row for each clip."""
        import pandas as pd

        rows = [
            {
                "subject": subject,
                "clip": clip,
                "onset": ONSET,
                "apex": APEX,
                "offset": OFFSET,
                "emotion": plan.emotion,
                "action_units": "+".join(f"{unit.side or ''}{unit.number}" for unit in plan.action_units),
                "fps": 100.0,
            }
            for (subject, clip), plan in self._plans.items()
        ]
        return Annotations(table=pd.DataFrame(rows).astype({"apex": "Int64"}), state=f"generator {self.revision()}")

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """No files: frames are rendered when they are read."""
        return {}

    def read(self, root: Path | None, clip: Clip, numbers: Sequence[int]) -> list[np.ndarray]:
        """Rendered frames, each uint8 `(height width rgb)`."""
        from merbench.synthetic.rendering import draw_frames

        return list(draw_frames(self._plan(clip), numbers, SIZE))

    def landmarks(self, root: Path | None, clip: Clip, number: int) -> np.ndarray:
        """The 68 points of a frame, `(point xy)` in pixels."""
        from merbench.synthetic.rendering import landmarks

        return landmarks(self._plan(clip), number, SIZE)

    def revision(self) -> str:
        """The generator's revision, and that of the plan of clips."""
        from merbench.synthetic.rendering import GENERATOR_REVISION

        return f"{GENERATOR_REVISION}.1"

    def _plan(self, clip: Clip) -> ClipPlan:
        return self._plans[clip.subject, clip.name]

    @cached_property
    def _plans(self) -> dict[tuple[str, str], ClipPlan]:
        from merbench.synthetic.rendering import Difficulty, plan_clip

        easy = Difficulty(name="planted", peak_low=7.0, peak_high=11.0, resting=0.2, head_motion=0.2, noise=0.8)
        chosen = self.parameters
        return {
            (f"{subject:02d}", f"{clip:02d}"): plan_clip(
                identity=subject,
                seed=100 * subject + clip,
                emotion=EMOTIONS[clip % chosen.emotions],
                onset=ONSET,
                apex=APEX,
                offset=OFFSET,
                difficulty=easy,
            )
            for subject in range(chosen.subjects)
            for clip in range(chosen.clips)
        }
