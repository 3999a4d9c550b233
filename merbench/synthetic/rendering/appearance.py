"""A subject's colours, skin, hair, light and surroundings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .view import Plane

_SKINS = ((238, 201, 179), (226, 184, 152), (205, 158, 122), (168, 118, 86), (112, 74, 54))
_HAIRS = ((16, 13, 12), (28, 21, 18), (52, 35, 24), (92, 62, 40), (150, 116, 74), (132, 130, 128))
_IRISES = ((46, 28, 18), (74, 46, 26), (98, 78, 46), (84, 104, 106))


def linear(colour: ArrayLike) -> Plane:
    """An sRGB colour (0..255) as linear light (0..1)."""
    return np.asarray((np.asarray(colour, dtype=np.float64) / 255) ** 2.2, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Appearance:
    """How one face looks; colours are linear light `(3)`, `light` points to the lamp (right, down, camera)."""

    skin: Plane
    blush: float
    mottle: float
    freckles: float
    stubble: float
    shine: float
    lip_colour: Plane
    lip_depth: float
    iris_colour: Plane
    hair_colour: Plane
    hair_style: str
    parting: float
    brow_density: float
    fold: float
    bags: float
    light: Plane
    contrast: float
    exposure: float
    warmth: Plane
    background: Plane
    clothes: Plane


def draw_appearance(identity: int) -> Appearance:
    """The looks that belong to an identity."""
    rng = np.random.default_rng(np.random.SeedSequence([identity, 2]))
    draw = rng.uniform
    tone = float(np.clip(rng.beta(1.3, 1.9) * 4, 0, 3.999))
    skin = _between(_SKINS, tone) * linear([255 - 8 * draw(), 255, 255 - 12 * draw()])
    dark = tone > 2.2
    hair = linear(_HAIRS[int(rng.choice(2 if dark else 6, p=None if dark else [0.3, 0.25, 0.2, 0.12, 0.07, 0.06]))])
    iris = linear(_IRISES[int(rng.choice(2 if dark else 4))])
    side = draw(0.12, 0.55) * rng.choice([-1.0, 1.0])
    light = np.array([side, -draw(0.25, 0.6), 1.0], dtype=np.float32)
    warm = draw(-0.06, 0.07)
    return Appearance(
        skin=skin,
        blush=draw(0.2, 1.0),
        mottle=draw(0.6, 1.3),
        freckles=float(draw(0.3, 1.0) * (rng.random() < 0.35)),
        stubble=float(draw(0.3, 1.0) * (rng.random() < 0.35)),
        shine=draw(0.25, 1.0),
        lip_colour=np.asarray(skin * np.array([0.78, 0.36, 0.4]) * draw(0.75, 1.0), dtype=np.float32),
        lip_depth=draw(0.6, 0.95),
        iris_colour=iris,
        hair_colour=hair,
        hair_style=str(rng.choice(["short", "long", "swept", "fringe"])),
        parting=draw(-40, 40),
        brow_density=draw(0.72, 1.0),
        fold=draw(0.25, 1.0),
        bags=draw(0.1, 0.9),
        light=light / np.sqrt((light**2).sum()),
        contrast=draw(0.5, 0.78),
        exposure=draw(0.95, 1.18),
        warmth=np.array([1 + warm, 1, 1 - warm], dtype=np.float32),
        background=linear(draw(70, 215) + draw(-14, 14, 3)),
        clothes=linear(draw(25, 200, 3) * 0.6 + draw(10, 80)),
    )


def _between(colours: tuple[tuple[int, int, int], ...], place: float) -> Plane:
    first = int(place)
    share = place - first
    return np.asarray((1 - share) * linear(colours[first]) + share * linear(colours[first + 1]), dtype=np.float32)
