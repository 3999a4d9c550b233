"""A picture of clips for people: onset, apex and what changed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .frames import Frames, draw_frames
from .muscles import ActionUnit
from .plan import ClipPlan

_SIDE, _GAP, _LABEL = 168, 4, 130


def contact_sheet(plans: Sequence[ClipPlan], path: Path, magnify: float = 4.0) -> None:
    """Writes a PNG with one row a clip: label, onset, apex, and their difference magnified about grey."""
    rows = [_row(plan, magnify) for plan in plans]
    sheet = Image.new("RGB", (_LABEL + 3 * (_SIDE + _GAP), 20 + len(rows) * (_SIDE + _GAP)), "white")
    write = ImageDraw.Draw(sheet)
    for k, title in enumerate(("onset", "apex", f"difference x {magnify:g}")):
        write.text((_LABEL + k * (_SIDE + _GAP) + 2, 4), title, fill="black", font=ImageFont.load_default(12))
    for k, (plan, row) in enumerate(zip(plans, rows, strict=True)):
        top = 20 + k * (_SIDE + _GAP)
        write.multiline_text((6, top + 50), _label(plan), fill="black", font=ImageFont.load_default(12), spacing=5)
        sheet.paste(Image.fromarray(row), (_LABEL, top))
    palette = sheet.quantize(colors=200)  # a palette of colours keeps the file small enough for a README
    sheet.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(path, format="PNG", optimize=True)


def _row(plan: ClipPlan, magnify: float) -> Frames:
    onset, apex = draw_frames(plan, [plan.onset, plan.apex], (_SIDE, _SIDE)).astype(np.float32)
    change = np.clip(128 + magnify * (apex - onset).mean(-1, keepdims=True), 0, 255)
    gap = np.full((_SIDE, _GAP, 3), 255, dtype=np.float32)
    row = np.concatenate([onset, gap, apex, gap, np.broadcast_to(change, onset.shape), gap], axis=1)
    return row.astype(np.uint8)


def _label(plan: ClipPlan) -> str:
    peak = max((abs(unit.strength) for unit in plan.action_units), default=0.0)
    return f"{plan.emotion}\nAU {' + '.join(map(_name, plan.action_units))}\npeak {peak:.1f} px"


def _name(unit: ActionUnit) -> str:
    return f"{unit.side or ''}{unit.number}"
