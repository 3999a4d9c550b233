"""How hard the drawn clips are."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Difficulty:
    """The strength of the planted motion and of everything that hides it.

    Lengths are pixels of a 224-pixel frame. `resting` is relative to the planted range's upper end, `flicker`
    and `lighting` are relative brightness, `noise` is a standard deviation in grey levels (0..255).
    """

    name: str
    peak_low: float
    peak_high: float
    resting: float = 1.0
    head_motion: float = 0.6
    flicker: float = 0.006
    lighting: float = 0.04
    noise: float = 1.6

    def __post_init__(self) -> None:
        if not 0 <= self.peak_low <= self.peak_high:
            raise ValueError(
                f"difficulty {self.name!r}: peaks {self.peak_low}..{self.peak_high} px must rise from 0 or more"
            )
        for field in ("resting", "head_motion", "flicker", "lighting", "noise"):
            if getattr(self, field) < 0:
                raise ValueError(f"difficulty {self.name!r}: {field} {getattr(self, field)} must be 0 or more")


DIFFICULTIES: Mapping[str, Difficulty] = MappingProxyType(
    {
        "normal": Difficulty(name="normal", peak_low=2.0, peak_high=7.0, resting=0.8),
        "hard": Difficulty(name="hard", peak_low=0.5, peak_high=3.0, resting=1.5, head_motion=0.9),
    }
)
