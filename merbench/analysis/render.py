"""Tables as markdown, LaTeX or CSV text; what a cell holds stays inert in each."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Sequence

from merbench.analysis.table import Table
from merbench.errors import UsageError

_LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
          "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "–": "--",
          "[": "{[}", "*": "{*}"}  # fmt: skip  # at the start of a row these two would belong to the \\ before it


#: What markdown obeys within a line, and where an address that it would make a link of can be parted.
_MARKDOWN = re.compile(r"[\\|*\[\]`~$]|(?<![^\W_])_|_(?![^\W_])")
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@\w)", re.IGNORECASE)
#: Control signs, those that turn the direction of writing among them, and halves of pairs.
_UNSEEN = ("Cc", "Cf", "Cs")


def render(table: Table, form: str) -> str:
    """The table as text, ending in a line break; `form` is markdown, latex or csv.

    Raises:
        UsageError: for another form.
    """
    if form not in FORMS:
        raise UsageError(f"format={form} is not possible: it must be one of text, {', '.join(FORMS)}.")
    return FORMS[form](table)


def _markdown(table: Table) -> str:
    rows = [list(map(markdown_text, row)) for row in table.rows]
    notes = [f"\n{markdown_text(note)}\n" for note in table.notes]
    return (
        f"**{markdown_text(table.title)}**\n\n{markdown_rows(table.columns, rows, table.text_columns)}{''.join(notes)}"
    )


def markdown_rows(columns: Sequence[str], rows: Sequence[Sequence[str]], text_columns: int) -> str:
    """A table of cells that are markdown already, ending in a line break; the first `text_columns` are words."""
    rule = [":--" if index < text_columns else "--:" for index in range(len(columns))]
    lines = [list(map(markdown_text, columns)), rule, *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def markdown_text(text: str) -> str:
    r"""The text on one line, read by GitHub's markdown as it stands.

    No HTML, links, pictures, emphasis, formulas or table cells: signs are escaped, and an empty comment parts an
    address that would become a link by itself. ``_`` between letters is no sign of anything and stays.

    >>> print(markdown_text(r"a_b _c_ ~d~ \|"), markdown_text("see www.x.org or <me@x.org>"), sep="\n")
    a_b \_c\_ \~d\~ \\\|
    see www<!-- -->.x.org or &lt;me<!-- -->@x.org>
    """
    text = re.sub(r"&(?=#?\w+;)", "&amp;", one_line(text)).replace("<", "&lt;")
    return _ADDRESS.sub("<!-- -->", _MARKDOWN.sub(r"\\\g<0>", text))


def one_line(text: str) -> str:
    r"""The text on one line, without signs that are not seen: with them a name could pass for another.

    >>> one_line("net\u202e\n two")
    'net two'
    """
    seen = "".join(" " if sign.isspace() else sign for sign in text)
    return " ".join("".join(sign for sign in seen if unicodedata.category(sign) not in _UNSEEN).split())


def _latex(table: Table) -> str:
    align = "l" * table.text_columns + "r" * (len(table.columns) - table.text_columns)
    body = [_ampersands(row) for row in table.rows]
    lines = [
        f"% {one_line(table.title)}",
        *(f"% {one_line(note)}" for note in table.notes),
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
    return " & ".join("".join(_LATEX.get(sign, sign) for sign in one_line(cell)) for cell in row) + r" \\"


_NUMBER = r"[+-]?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]+)?"
_SPREAD = re.compile(rf"{_NUMBER} ± [0-9.]+")


def _csv(table: Table) -> str:
    """Numbers plain, as programs read them; a mean with its deviation in two columns, nothing where there is none."""
    buffer = io.StringIO()
    spread = [any(map(_SPREAD.fullmatch, column)) for column in zip(*table.rows, strict=True)]
    spread = spread or [False] * len(table.columns)
    header = [name for column, two in zip(table.columns, spread, strict=True) for name in _names(column, two)]
    rows = [[cell for text, two in zip(row, spread, strict=True) for cell in _cells(text, two)] for row in table.rows]
    csv.writer(buffer, lineterminator="\n").writerows([_inert(cell) for cell in row] for row in (header, *rows))
    return buffer.getvalue()


def _names(column: str, two: bool) -> tuple[str, ...]:
    return (column, f"{column} sd") if two else (column,)


def _cells(text: str, two: bool) -> tuple[str, ...]:
    if not two:
        return (_plain(text),)
    mean, _, deviation = text.partition(" ± ") if _SPREAD.fullmatch(text) else (text, "", "")
    return _plain(mean), _plain(deviation)


def _plain(cell: str) -> str:
    if cell == "–":
        return ""
    return cell.replace(",", "").lstrip("+") if re.fullmatch(_NUMBER, cell) else cell


def _inert(cell: str) -> str:
    # a spreadsheet would run a cell that begins so as a formula
    cell = one_line(cell)
    numeric = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) and not numeric else cell


#: How a table is written, by the name of the form.
FORMS: dict[str, Callable[[Table], str]] = {"markdown": _markdown, "latex": _latex, "csv": _csv}
