"""A subject's face at rest, drawn once and kept."""

from functools import lru_cache

import numpy as np
from scipy.ndimage import gaussian_filter1d

from .anatomy import outline
from .appearance import Appearance, draw_appearance
from .eyes import paint_eyes
from .geometry import MIDDLE, Geometry, draw_geometry
from .hair import hair_layers, paint_brows
from .mouth import lip_gloss, paint_lips
from .noise import noise
from .relief import relief, shading
from .shapes import blend, bump, inside, ramp
from .skin import skin_colour
from .view import Plane, View

MARGIN = 16.0
_DETAIL = 2.0


@lru_cache(maxsize=16)
def resting_face(identity: int, view: View) -> tuple[Plane, View]:
    """The face at rest `(3 height width)` in grey levels 0..255, and its window, wider and finer than `view`."""
    fine = view.widened(MARGIN, _DETAIL)
    image = _paint(identity, fine)
    blur = 0.42 * _DETAIL / view.scale
    for axis in (0, 1):
        image = gaussian_filter1d(image, blur, axis=axis, mode="nearest")
    planes = np.ascontiguousarray(np.moveaxis(image, -1, 0))
    planes.setflags(write=False)
    return planes, fine


def _paint(identity: int, view: View) -> Plane:
    g, look = draw_geometry(identity), draw_appearance(identity)
    rng = np.random.default_rng(np.random.SeedSequence([identity, 3]))
    x, y = view.grid()
    hair, behind, front = hair_layers(g, look, rng, x, y)
    image = blend(_background(look, rng, x, y), hair * look.contrast, behind)
    image = _body(image, g, look, rng, x, y)
    image = blend(
        image, _skin(g, look, rng, view, x, y), inside((1 - outline(g, x, y)) * np.float32(g.half_width), 0.7)
    )
    image = blend(image, hair, front)
    level = np.clip(image * look.warmth * np.float32(look.exposure), 0, None)
    level = level / (1 + 0.12 * level)  # a camera's soft shoulder
    return np.asarray(255 * np.clip(level, 0, 1) ** (1 / 2.2), dtype=np.float32)


def _skin(g: Geometry, look: Appearance, rng: np.random.Generator, view: View, x: Plane, y: Plane) -> Plane:
    albedo = skin_colour(g, look, rng, x, y)
    albedo = paint_lips(albedo, g, look, rng, x, y)
    albedo = paint_brows(albedo, g, look, rng, x, y)
    light, gloss = shading(look, relief(g, look, x, y), view.scale)
    shine = look.shine * (0.1 * gloss * np.clip(1 + 0.35 * noise(rng, x, y, 1.7), 0.2, 2) + lip_gloss(g, look, x, y))
    image = albedo * light + shine[..., None]
    return paint_eyes(image.astype(np.float32), g, look, light, rng, x, y)


def _background(look: Appearance, rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    fade = 1 - 0.0012 * (y - 112) + 0.0012 * (x - 112) * np.sign(look.light[0]) + 0.02 * noise(rng, x, y, 60)
    return np.asarray(look.background * fade[..., None], dtype=np.float32)


def _body(image: Plane, g: Geometry, look: Appearance, rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    away = np.abs(x - np.float32(MIDDLE))
    neck = 0.58 * g.half_width + 0.002 * np.clip(y - g.chin, 0, None) ** 2
    shade = 0.34 + 0.3 * ramp(y, g.chin + 6, g.chin + 60) - 0.15 * (away / g.half_width) ** 2
    shade = np.clip(shade, 0.1, 1)[..., None] ** np.array([0.8, 1.0, 1.08], dtype=np.float32)
    image = blend(image, look.skin * shade, inside(neck - away, 1.0) * ramp(y, 150, 160))
    shoulder = y - (g.chin + 34 + 0.3 * away + 26 * np.exp(-((away / 40) ** 2)) * 0 - 22 * ramp(away, 20, 60) * 0)
    collar = g.chin + 48 - 0.55 * np.clip(away - 6, 0, 60)
    cloth = inside(np.minimum(shoulder, y - collar + 0.35 * away), 1.2)
    folds = 0.75 + 0.08 * noise(rng, x, y, 24) - 0.25 * (away / 190) ** 2
    image = blend(image, look.clothes * folds[..., None], cloth)
    return image if look.hair_style in ("long", "fringe") else _ears(image, g, look, x, y)


def _ears(image: Plane, g: Geometry, look: Appearance, x: Plane, y: Plane) -> Plane:
    for s in (-1, 1):
        cx, cy = MIDDLE + s * (g.half_width + 2), g.eye_y + 16
        edge = 1 - np.hypot((x - np.float32(cx)) / 8, (y - np.float32(cy)) / 20)
        shade = 0.62 + 0.3 * ramp(edge, 0, 0.25) - 0.45 * bump(x, y, (cx + s, cy), (3.5, 10))
        image = blend(image, look.skin * shade[..., None] * np.array([1, 0.92, 0.9], np.float32), inside(edge * 8, 0.6))
    return image
