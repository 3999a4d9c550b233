"""Synthetic faces and micro-expressions, rendered by code: the default data, which needs no download."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from merbench.annotations.clips import Annotations, Clip
from merbench.annotations.schemes import LabelScheme, objective_class
from merbench.dataset import Dataset
from merbench.entries.parameters import Parameters, Value, parameter
from merbench.errors import DataError
from merbench.synthetic.composition import PUBLIC, RENDERED_EMOTION, composed, in_turn, subject_counts

if TYPE_CHECKING:
    import numpy as np

    from merbench.synthetic.rendering import ClipPlan, Difficulty

FIVE = ("happiness", "surprise", "disgust", "repression", "others")
#: Of 24 clips of a subject, so many of each emotion: uneven, as in real databases, but no class is rare.
SHARES = {"others": 6, "disgust": 5, "happiness": 5, "surprise": 4, "repression": 4}


#: How many parameters there were before those that replace values of a difficulty.
_FIRST = 4
#: Of those, fields of a difficulty.
_REPLACING = (
    *("peak_spread", "subject_gain", "distractors", "habits", "blinks"),
    *("mouth_drift", "head_motion", "noise", "label_noise", "tissue"),
)
_AS_DIFFICULTY = "-1: as the difficulty has it; "


def _amount(reason: str, high: float) -> float:
    """A parameter that replaces a value of the difficulty where it is not negative."""
    value: float = parameter(-1.0, _AS_DIFFICULTY + reason, low=-1, high=high)
    return value


@dataclass(frozen=True, kw_only=True)
class SyntheticParameters(Parameters):
    """How many clips of whom are rendered, and how hard they are.

    Those from `peak` on replace what the difficulty says, and say in which unit they are.
    """

    subjects: int = parameter(6, "a choice: folds enough for a score, few enough for two cores", low=1, high=200)
    clips: int = parameter(24, "a choice: clips a subject; about 8 in CASME II", low=1, high=500)
    difficulty: str = parameter(
        "normal",
        "peak displacement 2 to 7 px at 224 px; hard: 0.5 to 3 px; realistic: fitted to the flow of the MEGC 2019 "
        "composite, with motion of no class, wrong labels and unequal subjects",
        choices=("normal", "hard", "realistic"),
    )
    seed: int = parameter(1, "a choice: other seeds draw other people", low=0, high=2**31 - 1)
    peak: float = _amount("the peak displacement in px at 224 px, the median if it spreads", 20)
    peak_spread: float = _amount("standard deviation of the peak's logarithm over clips", 2)
    subject_gain: float = _amount("standard deviation of the logarithm of a subject's factor on all motion", 2)
    distractors: float = _amount("peak in px of up to two action units that belong to no class", 20)
    habits: float = _amount("peak in px of an action unit that a subject moves with every expression", 20)
    blinks: float = _amount("share of the clips with a blink (AU 45)", 1)
    mouth_drift: float = _amount("px by which jaw and mouth corners drift", 20)
    head_motion: float = _amount("px by which the head swings, after alignment", 20)
    noise: float = _amount("standard deviation of the sensor's noise in grey levels", 60)
    label_noise: float = _amount("share of the clips whose label is not that of the rendered emotion", 0.9)
    tissue: float = _amount("standard deviation in px of a smooth random motion of the skin", 20)
    composition: str = parameter(
        "difficulty",
        "even in normal and hard, public in realistic. public: clips by class of the subjects of the database that "
        "stands behind the dataset, in MEGC 2019, and `clips` has no effect; casme2, smic, samm: of that one",
        choices=("difficulty", "even", "public", *PUBLIC),
    )

    def values(self) -> dict[str, Value]:
        """Name to value; from `peak` on only what is set, so that runs made before keep their identity."""
        later = {declared.name: declared.default for declared in self.declared()[_FIRST:]}
        return {name: value for name, value in super().values().items() if later.get(name) != value}


class Synthetic(Dataset):
    """Subjects with a face of their own; clips with planted action units over a resting expression.

    Subclasses draw another database: other people (`salt`), emotions (`shares`) and recordings (`look`, factors on the
    fields of a difficulty; `realistic_look` on those of realistic). `database` is the real one that lends a public
    composition its counts.
    """

    name = "synthetic"
    title = "Synthetic faces"
    synthetic = True
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
    realistic_look: ClassVar[Mapping[str, float]] = {}
    database: ClassVar[str] = "casme2"

    def table(self, root: Path | None) -> Annotations:
        """One row a synthetic clip, with the objective class of its action units, and a `split` by subject."""
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
            "emotion": self._labels[subject, clip],
            RENDERED_EMOTION: plan.emotion,
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

    def ground_truth_motion(self, root: Path | None, clip: Clip, number: int) -> np.ndarray:
        """The planted displacement of a frame, `(height width xy)` in pixels."""
        from merbench.synthetic.rendering import ground_truth_motion

        return ground_truth_motion(self._plan(clip), number)

    def ground_truth_motion_by_unit(self, root: Path | None, clip: Clip, number: int) -> Mapping[int, np.ndarray]:
        """What each action unit adds to that displacement, by its number."""
        from merbench.synthetic.rendering import ground_truth_motion_by_unit

        return ground_truth_motion_by_unit(self._plan(clip), number)

    def revision(self) -> str:
        """The generator's revision, and that of the difficulty's amounts where these were changed since the first."""
        from merbench.synthetic.rendering import GENERATOR_REVISION

        fitted = self._difficulty.revision
        return f"{GENERATOR_REVISION}.{fitted}" if fitted else str(GENERATOR_REVISION)

    def _plan(self, clip: Clip) -> ClipPlan:
        try:
            return self._plans[clip.subject, clip.name]
        except KeyError:
            raise DataError(f"{clip} is not a clip of the synthetic faces with {self.parameters.values()}.") from None

    @cached_property
    def _labels(self) -> dict[tuple[str, str], str]:
        """The emotion that each clip is labelled with, by subject and clip."""
        subjects = self.parameters.subjects
        if self._composition == "even":
            people = [_emotions(self.shares, self.parameters.clips)] * subjects
        else:
            counts = subject_counts(self._composition, subjects)
            people = [composed(row, self.shares, self._class_of, place) for place, row in enumerate(counts)]
        return {
            (f"{subject:02d}", f"{clip:02d}"): emotion
            for subject, emotions in enumerate(people, 1)
            for clip, emotion in enumerate(emotions, 1)
        }

    @cached_property
    def _plans(self) -> dict[tuple[str, str], ClipPlan]:
        return {name: self._draw(int(name[0]), int(name[1]), label) for name, label in self._labels.items()}

    def _draw(self, subject: int, clip: int, label: str) -> ClipPlan:
        import numpy as np

        from merbench.synthetic.rendering import plan_clip

        people = [self.parameters.seed, *self.salt]
        draws = np.random.default_rng([*people, subject, clip])
        onset = int(draws.integers(10, 80))
        apex = onset + int(draws.integers(16, 44))  # 80 to 215 ms at 200 fps
        return plan_clip(
            identity=int(np.random.default_rng([*people, subject]).integers(2**31)),
            seed=int(draws.integers(2**31)),
            emotion=self._shown(label, np.random.default_rng([*people, subject, clip, 1])),
            onset=onset,
            apex=apex,
            offset=apex + int(draws.integers(16, 44)),
            difficulty=self._difficulty,
        )

    def _shown(self, label: str, rng: np.random.Generator) -> str:
        """The emotion that is rendered: the label's, or in some clips one of another class, drawn by share."""
        if rng.random() >= self._difficulty.label_noise:
            return label
        classes = self.schemes[0].mapping if label in self.schemes[0].mapping else self._class_of
        others = [emotion for emotion in in_turn(self.shares) if classes[emotion] != classes[label]]
        return str(rng.choice(others))

    @property
    def _composition(self) -> str:
        composition = self.parameters.composition
        if composition == "difficulty":
            composition = self._difficulty.composition
        return self.database if composition == "public" else composition

    @cached_property
    def _class_of(self) -> dict[str, int | None]:
        """The place of each emotion's class among negative, positive and surprise; None of one that is in none."""
        [scheme] = [scheme for scheme in self.schemes if scheme.classes == ("negative", "positive", "surprise")]
        places = {name: place for place, name in enumerate(scheme.classes)}
        return {emotion: places.get(scheme.mapping.get(emotion, "")) for emotion in self.shares}

    @cached_property
    def _difficulty(self) -> Difficulty:
        from merbench.synthetic.rendering import DIFFICULTIES

        usual = DIFFICULTIES[self.parameters.difficulty]
        look = self.realistic_look if usual.name == "realistic" else self.look
        changed = {name: getattr(usual, name) * by for name, by in look.items()}
        amounts = {name: float(getattr(self.parameters, name)) for name in ("peak", *_REPLACING)}
        changed |= {name: value for name, value in amounts.items() if name in _REPLACING and value >= 0}
        if amounts["peak"] >= 0:
            changed |= dict.fromkeys(("peak_low", "peak_high"), amounts["peak"])
        return dataclasses.replace(usual, **changed)


def _emotions(shares: Mapping[str, int], clips: int) -> list[str]:
    order = in_turn(shares)
    return [order[index % len(order)] for index in range(clips)]


def _split(subject: int, subjects: int) -> str:
    """Two thirds of the subjects are for training; of the others, the first half is ``testA``, the second ``testB``."""
    trained = max(1, subjects * 2 // 3)
    if subject <= trained:
        return "train"
    return "testA" if subject - trained <= (subjects - trained + 1) // 2 else "testB"
