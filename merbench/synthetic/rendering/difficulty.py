"""How hard the drawn clips are."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Difficulty:
    """The strength of the planted motion and of everything that hides it.

    Lengths are pixels of a 224-pixel frame. `resting` is relative to the planted range's upper end, `flicker`
    and `lighting` are relative brightness, `noise` is a standard deviation in grey levels (0..255).

    `peak_spread` and `subject_gain` are standard deviations of logarithms, of the peak over clips and of all motion
    over subjects. `distractors` and `habits` are peaks of motion without a class, the first in `distractor_share` of
    the clips each, the second by what a subject is used to move; `mouth_drift` swings by as much. `tissue` is the
    standard deviation of a smooth random motion of the skin. `blinks` and `label_noise` are shares of clips: with a
    blink, and with a label that is not the rendered emotion's.
    `composition` is ``even``, or ``public`` for the class counts of the subjects of a real database.
    """

    name: str
    peak_low: float
    peak_high: float
    resting: float = 1.0
    head_motion: float = 0.6
    flicker: float = 0.006
    lighting: float = 0.04
    noise: float = 1.6
    peak_spread: float = 0.0
    subject_gain: float = 0.0
    distractors: float = 0.0
    distractor_share: float = 0.7
    habits: float = 0.0
    blinks: float = 0.0
    mouth_drift: float = 0.0
    tissue: float = 0.0
    label_noise: float = 0.0
    composition: str = "even"
    #: Raised whenever the amounts of this difficulty change.
    revision: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.peak_low <= self.peak_high:
            raise ValueError(
                f"difficulty {self.name!r}: peaks {self.peak_low}..{self.peak_high} px must rise from 0 or more"
            )
        for field in _FROM_ZERO:
            if getattr(self, field) < 0:
                raise ValueError(f"difficulty {self.name!r}: {field} {getattr(self, field)} must be 0 or more")
        for field in _SHARES:
            if not 0 <= getattr(self, field) <= 1:
                raise ValueError(f"difficulty {self.name!r}: {field} {getattr(self, field)} must be from 0 to 1")


_FROM_ZERO = (
    *("resting", "head_motion", "flicker", "lighting", "noise", "peak_spread"),
    *("subject_gain", "distractors", "habits", "mouth_drift", "tissue"),
)
_SHARES = ("distractor_share", "blinks", "label_noise")

DIFFICULTIES: Mapping[str, Difficulty] = MappingProxyType(
    {
        "normal": Difficulty(name="normal", peak_low=2.0, peak_high=7.0, resting=0.8),
        "hard": Difficulty(name="hard", peak_low=0.5, peak_high=3.0, resting=1.5, head_motion=0.9),
        # Fitted by rendering to the flow of 442 real clips: see the guide to the synthetic faces.
        "realistic": Difficulty(
            name="realistic",
            peak_low=2.5,
            peak_high=2.5,
            resting=3.0,
            head_motion=0.45,
            peak_spread=0.44,
            subject_gain=0.14,
            distractors=1.3,
            habits=3.4,
            blinks=0.08,
            mouth_drift=0.45,
            tissue=0.27,
            label_noise=0.15,
            composition="public",
            revision=1,
        ),
    }
)
