"""Tables as markdown, LaTeX or CSV text; what a cell holds stays inert in each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence

from merbench.errors import UsageError
from merbench.summary import Table

_LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
          "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "–": "--",
          "[": "{[}", "*": "{*}"}  # fmt: skip  # at the start of a row these two would belong to the \\ before it


def render(table: Table, form: str) -> str:
    """The table as text, ending in a line break; `form` is markdown, latex or csv.

    Raises:
        UsageError: for another form.
    """
    if form not in FORMS:
        raise UsageError(f"format={form} is not possible: it must be one of text, {', '.join(FORMS)}.")
    return FORMS[form](table)


def _markdown(table: Table) -> str:
    rule = [":--" if index < table.text_columns else "--:" for index in range(len(table.columns))]
    lines = [_pipes(row) for row in (table.columns, rule, *table.rows)]
    notes = [f"\n{note.replace('*', chr(92) + '*')}" for note in table.notes]
    return "\n".join([f"**{markdown_text(table.title)}**\n", *lines, *notes]) + "\n"


def markdown_text(text: str) -> str:
    """The text on one line, read by markdown as it stands: no HTML, links, pictures, emphasis or table cells."""
    return re.sub(r"([|*\[\]`])", r"\\\1", " ".join(text.split()).replace("<", "&lt;"))


def _pipes(row: Sequence[str]) -> str:
    return "| " + " | ".join(map(markdown_text, row)) + " |"


def _latex(table: Table) -> str:
    align = "l" * table.text_columns + "r" * (len(table.columns) - table.text_columns)
    body = [_ampersands(row) for row in table.rows]
    lines = [
        f"% {' '.join(table.title.split())}",
        *(f"% {note}" for note in table.notes),
        rf"\begin{{tabular}}{{{align}}}",
        r"\hline",
        _ampersands(table.columns),
        r"\hline",
        *body,
        r"\hline",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _ampersands(row: tuple[str, ...]) -> str:
    return " & ".join("".join(_LATEX.get(sign, sign) for sign in " ".join(cell.split())) for cell in row) + r" \\"


def _csv(table: Table) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([_inert(cell) for cell in row] for row in (table.columns, *table.rows))
    return buffer.getvalue()


def _inert(cell: str) -> str:
    # a spreadsheet would run a cell that begins so as a formula
    cell = " ".join(cell.split())
    numeric = re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?( ± [0-9.]+)?", cell)
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) and not numeric else cell


#: How a table is written, by the name of the form.
FORMS: dict[str, Callable[[Table], str]] = {"markdown": _markdown, "latex": _latex, "csv": _csv}
