"""Faces and micro-expressions drawn by code: the default data, there from the first minute."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from merbench.annotations.clips import Annotations, Clip
from merbench.annotations.objective_classes import objective_class
from merbench.annotations.schemes import LabelScheme
from merbench.dataset import Dataset
from merbench.entries.parameters import Parameters, parameter
from merbench.errors import DataError

if TYPE_CHECKING:
    import numpy as np

    from merbench.synthetic.rendering import ClipPlan, Difficulty

FIVE = ("happiness", "surprise", "disgust", "repression", "others")
#: Of 24 clips of a subject, so many of each emotion: uneven, as in real databases, but no class is rare.
SHARES = {"others": 6, "disgust": 5, "happiness": 5, "surprise": 4, "repression": 4}


@dataclass(frozen=True, kw_only=True)
class SyntheticParameters(Parameters):
    """How many clips of whom are drawn, and how hard they are."""

    subjects: int = parameter(6, "a choice: folds enough for a score, few enough for two cores", low=1, high=200)
    clips: int = parameter(24, "a choice: clips a subject; about 8 in CASME II", low=1, high=500)
    difficulty: str = parameter(
        "normal",
        "peak displacement 2 to 7 px at 224 px; hard: 0.5 to 3 px, where real micro-expressions lie",
        choices=("normal", "hard"),
    )
    seed: int = parameter(1, "a choice: other seeds draw other people", low=0, high=2**31 - 1)


class Synthetic(Dataset):
    """Subjects with a face of their own; clips with planted action units over a resting expression.

    Subclasses draw another database: other people (`salt`), emotions (`shares`) and recordings (`look`, factors on the
    fields of a difficulty).
    """

    name = "synthetic"
    title = "Drawn faces"
    drawn = True
    reference = "drawn by merbench; action units as in Ekman & Friesen, Facial Action Coding System, 1978"
    schemes: ClassVar[tuple[LabelScheme, ...]] = (
        LabelScheme(
            name="5-class",
            classes=FIVE,
            mapping={emotion: emotion for emotion in FIVE},
            source="the five classes most papers use on CASME II",
        ),
        LabelScheme(
            name="3-class",
            classes=("negative", "positive", "surprise"),
            mapping={"disgust": "negative", "repression": "negative", "happiness": "positive", "surprise": "surprise"},
            source="the three classes of MEGC 2019, with the two negative emotions that are drawn",
        ),
    )
    Parameters = SyntheticParameters
    parameters: SyntheticParameters
    shares: ClassVar[Mapping[str, int]] = SHARES
    salt: ClassVar[tuple[int, ...]] = ()
    look: ClassVar[Mapping[str, float]] = {}

    def table(self, root: Path | None) -> Annotations:
        """One row a drawn clip, with the objective class of its action units, and a `split` by subject."""
        import pandas as pd

        rows = [self._row(*clip, plan) for clip, plan in self._plans.items()]
        return Annotations(table=pd.DataFrame(rows).astype({"apex": "Int64"}), state=f"generator {self.revision()}")

    def _row(self, subject: str, clip: str, plan: ClipPlan) -> dict[str, object]:
        return {
            "subject": subject,
            "clip": clip,
            "onset": plan.onset,
            "apex": plan.apex,
            "offset": plan.offset,
            "emotion": plan.emotion,
            "action_units": "+".join(f"{unit.side or ''}{unit.number}" for unit in plan.action_units),
            "fps": 200.0,
            "objective_class": objective_class([unit.number for unit in plan.action_units]),
            "split": _split(int(subject), self.parameters.subjects),
        }

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """No files: frames are drawn when they are read."""
        return {}

    def read(self, root: Path | None, clip: Clip, numbers: Sequence[int]) -> list[np.ndarray]:
        """Drawn frames, each uint8 `(224 224 rgb)`."""
        from merbench.synthetic.rendering import draw_frames

        return list(draw_frames(self._plan(clip), numbers))

    def landmarks(self, root: Path | None, clip: Clip, number: int) -> np.ndarray:
        """The 68 points of a frame, `(point xy)` in pixels."""
        from merbench.synthetic.rendering import landmarks

        return landmarks(self._plan(clip), number)

    def planted(self, root: Path | None, clip: Clip, number: int) -> np.ndarray:
        """The planted displacement of a frame, `(height width xy)` in pixels."""
        from merbench.synthetic.rendering import planted_displacement

        return planted_displacement(self._plan(clip), number)

    def planted_by_unit(self, root: Path | None, clip: Clip, number: int) -> Mapping[int, np.ndarray]:
        """What each action unit adds to that displacement, by its number."""
        from merbench.synthetic.rendering import planted_by_unit

        return planted_by_unit(self._plan(clip), number)

    def revision(self) -> str:
        """The generator's revision."""
        from merbench.synthetic.rendering import GENERATOR_REVISION

        return str(GENERATOR_REVISION)

    def _plan(self, clip: Clip) -> ClipPlan:
        try:
            return self._plans[clip.subject, clip.name]
        except KeyError:
            raise DataError(f"{clip} is not drawn by {self.parameters.values()}.") from None

    @cached_property
    def _plans(self) -> dict[tuple[str, str], ClipPlan]:
        return {
            (f"{subject:02d}", f"{clip:02d}"): self._draw(subject, clip)
            for subject in range(1, self.parameters.subjects + 1)
            for clip in range(1, self.parameters.clips + 1)
        }

    def _draw(self, subject: int, clip: int) -> ClipPlan:
        import numpy as np

        from merbench.synthetic.rendering import plan_clip

        people = [self.parameters.seed, *self.salt]
        draws = np.random.default_rng([*people, subject, clip])
        onset = int(draws.integers(10, 80))
        apex = onset + int(draws.integers(16, 44))  # 80 to 215 ms at 200 fps
        return plan_clip(
            identity=int(np.random.default_rng([*people, subject]).integers(2**31)),
            seed=int(draws.integers(2**31)),
            emotion=_emotions(self.shares, self.parameters.clips)[clip - 1],
            onset=onset,
            apex=apex,
            offset=apex + int(draws.integers(16, 44)),
            difficulty=self._difficulty,
        )

    @cached_property
    def _difficulty(self) -> Difficulty:
        from merbench.synthetic.rendering import DIFFICULTIES

        usual = DIFFICULTIES[self.parameters.difficulty]
        return dataclasses.replace(usual, **{name: getattr(usual, name) * by for name, by in self.look.items()})


def _emotions(shares: Mapping[str, int], clips: int) -> list[str]:
    order = [emotion for turn in range(max(shares.values())) for emotion, share in shares.items() if turn < share]
    return [order[index % len(order)] for index in range(clips)]


def _split(subject: int, subjects: int) -> str:
    """Two thirds of the subjects are for training; of the others, the first half is ``testA``, the second ``testB``."""
    trained = max(1, subjects * 2 // 3)
    if subject <= trained:
        return "train"
    return "testA" if subject - trained <= (subjects - trained + 1) // 2 else "testB"
