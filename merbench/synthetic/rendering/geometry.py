"""A subject's facial proportions."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

MIDDLE = 112.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Proportions of one face, in units of its plane; `half_` lengths run from the midline or a centre."""

    half_width: float
    jaw: float
    taper: float
    chin: float
    hairline: float
    eye_y: float
    half_eyes: float
    half_eye: float
    opening: float
    tilt: float
    crease: float
    iris: float
    brow_rise: float
    brow_arch: float
    brow_slope: float
    half_brow: float
    brow_thickness: float
    nose_base: float
    half_nose: float
    bridge: float
    nose_relief: float
    mouth_y: float
    half_mouth: float
    upper_lip: float
    lower_lip: float
    smile: float
    cheek: float
    socket: float
    skew: float

    @property
    def brow_y(self) -> float:
        """Height of the brows' middle."""
        return self.eye_y - self.brow_rise


@lru_cache(maxsize=64)
def draw_geometry(identity: int) -> Geometry:
    """The proportions that belong to an identity."""
    rng = np.random.default_rng(np.random.SeedSequence([identity, 1]))
    draw = rng.uniform
    eye_y = draw(86, 94)
    mouth_y = eye_y + draw(73, 81)
    return Geometry(
        half_width=draw(73, 86),
        jaw=draw(1.95, 2.7),
        taper=draw(0.0, 0.2),
        chin=mouth_y + draw(40, 50),
        hairline=draw(6, 26),
        eye_y=eye_y,
        half_eyes=draw(33, 39),
        half_eye=draw(14.5, 18),
        opening=draw(4.6, 7.6),
        tilt=draw(-1.0, 2.6),
        crease=draw(1.8, 5.0),
        iris=draw(6.4, 7.4),
        brow_rise=draw(18.5, 25),
        brow_arch=draw(1.0, 6.0),
        brow_slope=draw(-3.0, 1.5),
        half_brow=draw(20, 25),
        brow_thickness=draw(2.4, 5.0),
        nose_base=eye_y + draw(45, 53),
        half_nose=draw(15, 21.5),
        bridge=draw(5.0, 8.0),
        nose_relief=draw(0.75, 1.2),
        mouth_y=mouth_y,
        half_mouth=draw(23, 31),
        upper_lip=draw(5.0, 8.5),
        lower_lip=draw(7.2, 11.0),
        smile=draw(-1.5, 1.5),
        cheek=draw(0.5, 1.4),
        socket=draw(0.7, 1.25),
        skew=draw(-1.5, 1.5),
    )
