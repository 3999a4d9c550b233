"""A table in a markdown file between two markers, so that regenerating it leaves the rest of the file unchanged."""

from __future__ import annotations

from pathlib import Path

from merbench.errors import UsageError


def marks(name: str) -> tuple[str, str]:
    """The lines that enclose the table of that name; a reader of the rendered file does not see them."""
    return f"<!-- {name}:begin -->", f"<!-- {name}:end -->"


def require_place(path: Path, name: str) -> None:
    """Nothing, if a table can go to the file: a new one, or one with each mark on one line, in order.

    Raises:
        UsageError: for a file that would be lost.
    """
    if path.exists():
        _around(path, name)


def placed(table: str, path: Path, name: str) -> str:
    """The text of the file with the table between its marks; of a new file, the marks and the table.

    Raises:
        UsageError: for a file without the marks.
    """
    begin, end = marks(name)
    before, after = _around(path, name) if path.exists() else ("", "\n")
    return f"{before}{begin}\n\n{table.strip()}\n\n{end}{after}"


def _around(path: Path, name: str) -> tuple[str, str]:
    begin, end = marks(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as fault:
        raise UsageError(f"{path} cannot be read ({fault}); name another file.") from fault
    before, begun, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended or text.count(begin) + text.count(end) != 2:
        raise UsageError(
            f"{path} is there and would be overwritten, so no table goes there. Write the lines {begin} and {end} once "
            "where the table belongs, or name a new file."
        )
    return before, after
