"""A table in a markdown file between two marks, so that the rest of the file is left alone when it is made anew."""

from __future__ import annotations

from pathlib import Path

from merbench.errors import UsageError

BEGIN, END = "<!-- ablation:begin -->", "<!-- ablation:end -->"


def require_place(path: Path) -> None:
    """Nothing, if a table can go to the file: a new one, or one with each mark on one line, in order.

    Raises:
        UsageError: for a file that would be lost.
    """
    if path.exists():
        _around(path)


def placed(table: str, path: Path) -> str:
    """The text of the file with the table between its marks; of a new file, the marks and the table.

    Raises:
        UsageError: for a file without the marks.
    """
    before, after = _around(path) if path.exists() else ("", "\n")
    return f"{before}{BEGIN}\n\n{table.strip()}\n\n{END}{after}"


def _around(path: Path) -> tuple[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as fault:
        raise UsageError(f"--out {path} cannot be read ({fault}); name another file.") from fault
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended or text.count(BEGIN) + text.count(END) != 2:
        raise UsageError(
            f"--out {path} is not possible: the file is there and would be overwritten. Write the lines {BEGIN} and "
            f"{END} once where the table belongs, or name a new file."
        )
    return before, after
