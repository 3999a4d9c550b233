"""Tables as lines of text: whole where there is room, folded at spaces and column by column where there is not."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from merbench.analysis.table import Table

#: Between two columns.
_GAP = "  "


def table_lines(table: Table, width: int | None = None) -> list[str]:
    """The lines of a table, none wider than `width` unless a single word is; None: as wide as it is.

    A table that is too wide loses its `minor` columns, then has text folded at spaces, then its columns set in blocks
    one below the other, each of which begins with the `keys` that name a row. No word is broken.

    >>> wide = Table(title="Scores", columns=("method", "first", "second"), rows=(("a net", "0.1", "0.2"),))
    >>> for line in table_lines(wide, 14): print(line)
    Scores
    <BLANKLINE>
    method  first
    ─────────────
    a net     0.1
    <BLANKLINE>
    method  second
    ──────────────
    a net      0.2
    <BLANKLINE>
    """
    shown, dropped = _without_minor(table, width)
    blocks = [line for block in _blocks(shown, width) for line in (*_grid(shown, block, width), "")]
    note = f"Left out, as the terminal is narrow: {', '.join(dropped)}."
    notes = [*table.notes, *([note] if dropped else [])]
    return [*wrapped(table.title, width), "", *blocks, *(line for each in notes for line in wrapped(each, width))]


def wrapped(text: str, width: int | None, indent: str = "") -> list[str]:
    """The text in lines of at most `width`, folded at spaces alone; further lines begin with `indent`."""
    if width is None or len(text) <= width:
        return [text]
    lines = textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, expand_tabs=False
    )
    return [line.rstrip() for line in lines]


def _without_minor(table: Table, width: int | None) -> tuple[Table, list[str]]:
    """The table with as few of its minor columns left out as lets the rest stand side by side, and their names."""
    dropped: list[str] = []
    for name in table.minor:
        if width is None or _room(_least(table, range(len(table.columns)))) <= width:
            break
        at = table.columns.index(name)
        dropped.append(name)
        table = replace(
            table,
            columns=table.columns[:at] + table.columns[at + 1 :],
            rows=tuple(row[:at] + row[at + 1 :] for row in table.rows),
            text_columns=table.text_columns - (at < table.text_columns),
        )
    return table, dropped


def _blocks(table: Table, width: int | None) -> list[list[int]]:
    """The columns of each block, by place."""
    keys, rest = list(range(table.keys)), range(table.keys, len(table.columns))
    if width is None or _room(_least(table, range(len(table.columns)))) <= width:
        return [[*keys, *rest]]
    blocks = [keys.copy()]
    for column in rest:
        if len(blocks[-1]) > len(keys) and _room(_least(table, [*blocks[-1], column])) > width:
            blocks.append(keys.copy())
        blocks[-1].append(column)
    return blocks


def _room(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _cells(table: Table, column: int) -> list[str]:
    return [table.columns[column], *(row[column] for row in table.rows)]


def _least(table: Table, columns: Sequence[int]) -> list[int]:
    """The least width of each column: its longest word; a number and what belongs to it stay on one line."""
    return [
        max(
            _longest_word(table.columns[column]),
            *(_longest_word(cell) if column < table.text_columns else len(cell) for cell in _cells(table, column)[1:]),
            1,
        )
        for column in columns
    ]


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _widths(table: Table, columns: Sequence[int], width: int | None) -> list[int]:
    widths = [max(map(len, _cells(table, column))) for column in columns]
    if width is None:
        return widths
    least = _least(table, columns)
    while _room(widths) > width:
        foldable = [place for place in range(len(columns)) if widths[place] > least[place]]
        if not foldable:
            break
        widths[max(foldable, key=widths.__getitem__)] -= 1
    return widths


def _grid(table: Table, columns: Sequence[int], width: int | None) -> list[str]:
    widths = _widths(table, columns, width)
    left = [column < table.text_columns for column in columns]
    header = _row([table.columns[column] for column in columns], widths, left)
    rows = [line for row in table.rows for line in _row([row[column] for column in columns], widths, left)]
    return [*header, "─" * _room(widths), *rows]


def _row(cells: Sequence[str], widths: Sequence[int], left: Sequence[bool]) -> list[str]:
    folded = [wrapped(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for place in range(max(map(len, folded))):
        texts = [cell[place] if place < len(cell) else "" for cell in folded]
        padded = [
            text.ljust(width) if to_left else text.rjust(width)
            for text, width, to_left in zip(texts, widths, left, strict=True)
        ]
        lines.append(_GAP.join(padded).rstrip())
    return lines
