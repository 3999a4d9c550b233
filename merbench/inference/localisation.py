"""How much attention falls on the ground-truth motion, against chance and against optical flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.table import Table
from merbench.plural import plural

Plane = npt.NDArray[np.float32]
Region = npt.NDArray[np.bool_]

#: A pixel belongs to the region from this share of the longest ground-truth motion on; chosen here, the half width.
HALF = 0.5
#: The row of all action units of a clip together.
EVERY = "all units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Shares in 0..1 inside one region: its own of the image (chance), of the flow, and of each block's attention."""

    unit: str
    chance: float
    flow: float
    blocks: tuple[float | None, ...]


def region(field: Plane) -> Region:
    """Where a displacement `(height width xy)` is at least half as long as at its longest; nowhere if nothing moves."""
    length = np.hypot(field[..., 0], field[..., 1])
    longest = float(length.max(initial=0.0))
    return (length >= HALF * longest) & (longest > 0)


def share(weights: Plane, inside: Region) -> float:
    """The share of weights `(y x)`, 0 or more, that is inside a region `(height width)`.

    They are brought to the region's size first, bilinear; where all are 0, they are taken as even.
    """
    over = resized(weights, inside.shape)
    total = float(over.sum(dtype=np.float64))
    return float(over[inside].sum(dtype=np.float64) / total) if total > 0 else float(inside.mean())


def resized(plane: Plane, size: tuple[int, ...]) -> Plane:
    """A plane `(y x)` at `size` (height, width), bilinear."""
    from PIL import Image

    height, width = size
    image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))


def located(units: Mapping[int, Plane], flow: Plane, maps: Sequence[Plane | None]) -> list[Located]:
    """The shares of one clip by action unit, and of all together.

    `units` has the displacement `(height width xy)` that each action unit causes, `flow` the length of the optical
    flow `(height width)`, `maps` the attention of each block `(y x)`.
    """
    regions = {str(number): region(field) for number, field in sorted(units.items())}
    regions = {unit: inside for unit, inside in regions.items() if inside.any()}
    if regions:
        regions[EVERY] = np.any(list(regions.values()), axis=0)
    return [
        Located(
            unit=unit,
            chance=float(inside.mean()),
            flow=share(flow, inside),
            blocks=tuple(None if attention is None else share(attention, inside) for attention in maps),
        )
        for unit, inside in regions.items()
    ]


def localisation_table(by_clip: Sequence[Sequence[Located]], title: str, algorithm: str) -> Table:
    """A row for each action unit: the means of its shares over the clips, of which `found` has one list each."""
    by_unit: dict[str, list[Located]] = {}
    for each in (each for clip in by_clip for each in clip):
        by_unit.setdefault(each.unit, []).append(each)
    blocks = len(next(iter(by_unit.values()))[0].blocks) if by_unit else 0
    units = sorted((unit for unit in by_unit if unit != EVERY), key=int)
    order = [*units, *([EVERY] if units else [])]
    return Table(
        title=f"Shares inside the ground-truth motion, {title}, {plural(len(by_clip), 'clip')}",
        columns=("action unit", "clips", "chance", "flow", *(f"block {block}" for block in range(1, blocks + 1))),
        rows=tuple(_row(unit, by_unit[unit], blocks) for unit in order),
        notes=(
            "Means over clips, each seen by the network of the fold that held it out.",
            "Inside: where true displacement is half its maximum or more, at the apex. Chance: the region's share.",
            f"Flow: share of the length of {algorithm} flow from onset to apex. Block: share of the block's attention.",
        ),
    )


def _row(unit: str, by_clip: Sequence[Located], blocks: int) -> tuple[str, ...]:
    shares = [[each.blocks[block] for each in by_clip] for block in range(blocks)]
    cells = (
        "–"
        if any(value is None for value in block)
        else f"{np.mean([value for value in block if value is not None]):.3f}"
        for block in shares
    )
    chance, flow = (np.mean([getattr(each, name) for each in by_clip]) for name in ("chance", "flow"))
    return unit, str(len(by_clip)), f"{chance:.3f}", f"{flow:.3f}", *cells
