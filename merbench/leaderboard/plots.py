"""The picture beside a markdown table: UF1 with its interval, and what picking epochs on test clips would give."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from merbench.analysis.render import one_line
from merbench.leaderboard.ranking import Ranked, Ranking

_LEFT, _WIDE, _STEP, _TOP = 270, 760, 26, 34
_STYLE = """\
<style>
  text { font: 12px system-ui, sans-serif; fill: #1c2126; }
  .quiet { fill: #57606a; } .axis { stroke: #d5dae0; } .line { stroke: #0b62a8; stroke-width: 3; }
  .point { fill: #0b62a8; } .oracle { fill: none; stroke: #b3400e; stroke-width: 2; }
  .ground { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ec; } .quiet { fill: #a2abb5; } .axis { stroke: #363e46; } .line { stroke: #6cb6ff; }
    .point { fill: #6cb6ff; } .oracle { stroke: #f0975f; } .ground { fill: #14181c; }
  }
</style>
"""


def forest(ranking: Ranking, title: str) -> str:
    """An SVG picture of a task: a line a method; circle the score under last, bar its interval, diamond oracle."""
    height = _TOP + len(ranking.rows) * _STEP + 12
    description = escape(f"{one_line(title)}: {ranking.kind.headline_shown} with 95 % intervals")
    size = f'viewBox="0 0 {_WIDE} {height}" width="{_WIDE}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{description}">',
        f"<title>{description}</title>",
        f'{_STYLE}<rect class="ground" width="{_WIDE}" height="{height}"/>',
        *_axis(height),
        *(line for place, row in enumerate(ranking.rows) for line in _method(row, _TOP + 12 + place * _STEP)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _x(value: float) -> str:
    return f"{_LEFT + value * (_WIDE - _LEFT - 25):.1f}"


def _axis(height: int) -> Iterator[str]:
    for tick in range(6):
        x = _x(tick / 5)
        yield f'<line class="axis" x1="{x}" x2="{x}" y1="{_TOP - 6}" y2="{height - 6}"/>'
        yield f'<text class="quiet" x="{x}" y="{_TOP - 12}" text-anchor="middle">{tick / 5:.1f}</text>'


def _method(row: Ranked, y: int) -> Iterator[str]:
    name = one_line(row.group.name)
    short = name if len(name) <= 40 else f"{name[:39]}…"
    yield f'<text x="{_LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(short)}</text>'
    if not math.isnan(row.score.low):
        yield f'<line class="line" x1="{_x(row.score.low)}" x2="{_x(row.score.high)}" y1="{y}" y2="{y}"/>'
    yield f'<circle class="point" cx="{_x(row.score.value)}" cy="{y}" r="5"/>'
    if row.group.first.has_epochs and row.group.has("oracle"):
        oracle = row.group.headline("oracle")
        yield f'<path class="oracle" d="M{_x(oracle)} {y - 6}l6 6l-6 6l-6 -6z"/>'
