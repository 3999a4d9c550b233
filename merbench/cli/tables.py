"""Tables on the terminal."""

from __future__ import annotations

import shutil

from merbench.analysis.tables import Table


def print_table(table: Table) -> None:
    """Print a table to standard output, never cut: words to the left, numbers to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(table.columns):
        grid.add_column(Text(column), justify="left" if index < table.text_columns else "right", no_wrap=True)
    for row in table.rows:
        grid.add_row(*(Text(cell) for cell in row))
    columns = zip(table.columns, *table.rows, strict=True)
    needed = sum(max(map(len, column)) + 3 for column in columns)
    width = max(shutil.get_terminal_size().columns, needed, len(table.title))
    console = Console(width=width, highlight=False, markup=False)
    console.print(Text(table.title))
    console.print(grid)
    for note in table.notes:
        console.print(Text(note))
    console.print()
