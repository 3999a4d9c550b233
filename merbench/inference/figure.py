"""The picture of one clip: what the network saw, where it looked, and how probable it holds each class."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from merbench.inference.localisation import Region, resized

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Picture = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]

_SIDE, _GAP, _CAPTION, _HEAD = 224, 10, 20, 52
#: Grey levels, about a middle grey, to which the strongest hundredth of the difference is scaled; chosen here.
_STRONG = 100.0
_INK, _QUIET, _BAR, _TRUE = (28, 33, 38), (87, 96, 106), (150, 170, 190), (11, 98, 168)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFigure:
    """All that a picture shows of a clip: frames uint8 `(height width rgb)`, probabilities `(class)`, maps a block.

    `truth` has the place of the true class, or those of the units that are present. `motion_region` is where the
    ground-truth motion is, None where unknown; `facts` is printed below the title.
    """

    title: str
    facts: str
    onset: Picture
    apex: Picture
    probabilities: npt.NDArray[np.float32]
    classes: tuple[str, ...]
    truth: frozenset[int]
    maps: Sequence[Plane | None]
    motion_region: Region | None = None


def picture(figure: ClipFigure) -> bytes:
    """A PNG: onset, apex, their difference magnified and the probabilities above, the attention of each block below."""
    from PIL import Image, ImageDraw

    onset, apex = (_square(frame) for frame in (figure.onset, figure.apex))
    change, factor = magnified(onset, apex)
    above = [("onset", onset), ("apex", apex), (f"difference x {factor:.1f}", change)]
    below = [
        _overlaid(number, attention, apex, figure.motion_region) for number, attention in enumerate(figure.maps, 1)
    ]
    columns = max(len(above) + 1, len(below))
    width, row = columns * (_SIDE + _GAP) + _GAP, _SIDE + _CAPTION + _GAP
    sheet = Image.new("RGB", (width, _HEAD + (2 if below else 1) * row), "white")
    draw = ImageDraw.Draw(sheet)
    _write(draw, (_GAP, 8), _fitted(figure.title, 15, width - 2 * _GAP), 15)
    _write(draw, (_GAP, 29), _fitted(figure.facts, 12, width - 2 * _GAP), 12, _QUIET)
    for line, panels in enumerate((above, below)):
        for place, (caption, panel) in enumerate(panels):
            _panel(sheet, draw, (_GAP + place * (_SIDE + _GAP), _HEAD + line * row), caption, panel)
    _bars(draw, (_GAP + len(above) * (_SIDE + _GAP), _HEAD), figure)
    buffer = io.BytesIO()
    sheet.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def magnified(onset: Picture, apex: Picture) -> tuple[Picture, float]:
    """The apex less the onset about a middle grey, made stronger so that its strongest hundredth is clear; the factor.

    Both are uint8 `(height width rgb)` of one size; of their difference the mean over colours is shown.
    """
    change = (apex.astype(np.float32) - onset.astype(np.float32)).mean(-1, keepdims=True)
    strongest = float(np.percentile(np.abs(change), 99))
    factor = _STRONG / strongest if strongest > 0 else 1.0
    grey = np.clip(128 + factor * change, 0, 255).astype(np.uint8)
    return np.repeat(grey, 3, axis=-1), factor


def _square(frame: Picture) -> Picture:
    from merbench._files.images import resize

    return resize(frame, (_SIDE, _SIDE))


def _overlaid(number: int, attention: Plane | None, apex: Picture, motion_region: Region | None) -> tuple[str, Picture]:
    if attention is None:
        return f"block {number}: no map over the face", np.full_like(apex, 236)
    least, most = float(attention.min()), float(attention.max())
    shown = (resized(attention, (_SIDE, _SIDE)) - least) / (most - least) if most > least else np.zeros((_SIDE, _SIDE))
    grey = apex.astype(np.float32).mean(-1, keepdims=True)
    panel = 0.45 * grey + 0.55 * _coloured(shown)
    if motion_region is not None:
        panel[_outline(motion_region)] = 255
    return f"attention of block {number}: {least:.2f} to {most:.2f}", panel.astype(np.uint8)


def _coloured(shares: npt.NDArray[np.floating]) -> Plane:
    import cv2

    levels = np.rint(shares * 255).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(levels, cv2.COLORMAP_VIRIDIS)[..., ::-1], dtype=np.float32)


def _outline(region: Region) -> Region:
    from scipy.ndimage import binary_erosion

    inside = resized(region.astype(np.float32), (_SIDE, _SIDE)) >= 0.5
    return inside & ~binary_erosion(inside, iterations=2)


def _panel(sheet: Image.Image, draw: ImageDraw.ImageDraw, at: tuple[int, int], caption: str, panel: Picture) -> None:
    from PIL import Image

    _write(draw, at, caption, 12, _QUIET)
    sheet.paste(Image.fromarray(panel), (at[0], at[1] + _CAPTION))


def _bars(draw: ImageDraw.ImageDraw, at: tuple[int, int], figure: ClipFigure) -> None:
    left, top = at
    _write(draw, at, "probabilities, true ones in blue", 12, _QUIET)
    step = min(44, _SIDE // len(figure.classes))
    for place, (name, probability) in enumerate(zip(figure.classes, figure.probabilities, strict=True)):
        true, y = place in figure.truth, top + _CAPTION + place * step
        _write(draw, (left, y), f"{name} {probability:.2f}{' (true)' if true else ''}", 12, _TRUE if true else _INK)
        box = (left, y + 18, left + round(float(probability) * _SIDE), y + max(step - 6, 20))
        draw.rectangle(box, fill=_TRUE if true else _BAR)


def _fitted(text: str, size: int, room: int) -> str:
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(f"{text}...") > room:
        text = text[:-1]
    return f"{text}..."


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, ink: tuple[int, int, int] = _INK
) -> None:
    from PIL import ImageFont

    draw.text(at, text, fill=ink, font=ImageFont.load_default(size))
