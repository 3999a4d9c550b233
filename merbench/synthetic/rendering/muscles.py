"""Action units as sums of smooth pulls on the face."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["L", "R"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionUnit:
    """An action unit by its FACS number; its strength is its peak displacement in pixels of a 224-pixel frame.

    `side` is the subject's own: L moves the half seen on the image's right, None moves both. A negative strength, found
    in resting faces only, is the opposite motion.
    """

    number: int
    strength: float
    side: Side = None

    def __post_init__(self) -> None:
        if self.number not in MUSCLES:
            raise ValueError(f"action unit {self.number} is not drawn; the drawn ones are {sorted(MUSCLES)}")
        if self.side not in ("L", "R", None):
            raise ValueError(f"action unit {self.number}: side {self.side!r} must be 'L', 'R' or None")


@dataclass(frozen=True, slots=True)
class Pull:
    """A Gaussian pull: an anchor, the way it goes (outward, down), its spread, its centre's offset.

    Lengths are units of the face's plane; the way's length is the pull's weight within its action unit.
    """

    anchor: str
    way: tuple[float, float]
    spread: tuple[float, float]
    offset: tuple[float, float] = (0.0, 0.0)


MUSCLES: Mapping[int, tuple[Pull, ...]] = MappingProxyType(
    {
        1: (
            Pull("brow_inner", (0.0, -1.0), (12, 10)),
            Pull("brow_inner", (0.0, -0.55), (13, 11), (0, -15)),
            Pull("upper_lid", (0.0, -0.15), (12, 7), (-7, -5)),
        ),
        2: (
            Pull("brow_outer", (0.0, -1.0), (14, 10)),
            Pull("brow_middle", (0.0, -0.45), (12, 10), (5, 0)),
            Pull("brow_outer", (0.0, -0.5), (15, 11), (-3, -15)),
        ),
        4: (
            Pull("brow_inner", (-0.75, 0.75), (12, 10)),
            Pull("brow_middle", (-0.35, 0.75), (13, 10)),
            Pull("glabella", (0.0, 0.3), (9, 10)),
        ),
        5: (Pull("upper_lid", (0.0, -1.0), (12, 6.5)), Pull("upper_lid", (0.0, -0.25), (13, 7), (0, -7))),
        6: (
            Pull("cheek", (-0.1, -1.0), (17, 12)),
            Pull("eye_outer", (-0.5, -0.2), (10, 9), (3, 2)),
            Pull("lower_lid", (0.0, -0.35), (14, 6.5), (0, 3)),
        ),
        7: (
            Pull("lower_lid", (-0.1, -1.0), (14, 6.5), (0, 1)),
            Pull("upper_lid", (0.0, 0.4), (14, 6.5), (0, -2)),
        ),
        9: (
            Pull("nose_wing", (-0.1, -1.0), (10, 9)),
            Pull("nose_root", (0.1, -0.5), (8, 10)),
            Pull("brow_inner", (-0.25, 0.45), (11, 9)),
            Pull("upper_lip", (0.0, -0.5), (12, 8)),
        ),
        10: (
            Pull("upper_lip", (0.0, -1.0), (13, 8), (3, 0)),
            Pull("fold", (0.15, -0.7), (11, 10), (-3, -3)),
            Pull("nose_wing", (0.1, -0.25), (8, 8), (3, 3)),
        ),
        12: (
            Pull("corner", (0.75, -0.75), (12, 11)),
            Pull("fold", (0.35, -0.5), (13, 11), (4, -2)),
            Pull("cheek", (0.1, -0.35), (16, 13)),
        ),
        14: (
            Pull("corner", (0.9, 0.0), (9.5, 9), (1, 0)),
            Pull("corner", (0.0, 0.45), (9, 7), (2, -10)),
            Pull("corner", (0.0, -0.45), (9, 7), (2, 10)),
        ),
        15: (Pull("corner", (0.1, 1.0), (10, 10)), Pull("corner", (0.1, 0.6), (12, 11), (3, 13))),
        17: (Pull("chin", (0.0, -1.0), (15, 11)), Pull("lower_lip", (0.0, -0.8), (14, 8), (0, 3))),
        20: (Pull("corner", (1.0, 0.15), (13, 10)), Pull("corner", (0.55, 0.15), (14, 12), (4, 13))),
        23: (
            Pull("corner", (-0.9, 0.0), (10, 8)),
            Pull("upper_lip", (-0.1, 0.5), (11, 6.5), (0, -1)),
            Pull("lower_lip", (-0.1, -0.5), (11, 6.5), (0, 1)),
        ),
        24: (
            Pull("upper_lip", (0.0, 0.85), (14, 6.5), (0, -2)),
            Pull("lower_lip", (0.0, -1.0), (14, 7), (0, 2)),
            Pull("chin", (0.0, -0.3), (14, 10)),
        ),
        25: (
            Pull("upper_lip", (0.0, -0.6), (12, 6.5), (0, -2)),
            Pull("lower_lip", (0.0, 1.0), (13, 7.5), (0, 1)),
        ),
        26: (
            Pull("chin", (0.0, 1.0), (17, 13)),
            Pull("jaw", (0.0, 0.8), (22, 12)),
            Pull("lower_lip", (0.0, 0.9), (14, 8), (0, 2)),
        ),
        45: (Pull("upper_lid", (0.0, 1.0), (13, 6.5)), Pull("lower_lid", (0.0, -0.2), (13, 6.5), (0, 1))),
    }
)
#: What a resting expression is made of: a blink is none.
RESTING: tuple[int, ...] = tuple(number for number in MUSCLES if number != 45)

# Lids and lips have little room: they move less than brows and cheeks at the same effort.
GAINS: Mapping[int, float] = MappingProxyType({5: 0.6, 7: 0.6, 23: 0.7, 24: 0.7, 25: 0.65})
