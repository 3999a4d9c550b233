"""Annotation workbooks, read by column name and as text; what cannot be read is refused in a sentence.

An adapter declares the columns that it needs and asks each row for text or whole numbers::

    sheet = read_sheet(path, {"subject": Column("Subject"), "onset": Column("OnsetFrame", ("Onset",))})
    for row in sheet.rows:
        subject, onset = row.text("subject"), row.whole("onset")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from merbench.annotations.cells import read_grids
from merbench.errors import AnnotationError
from merbench.plural import plural

#: A header stands in the first rows of a sheet; SAMM's is in row 14.
_HEADER_ROWS = 30
_WHOLE = re.compile(r"([0-9]{1,9})(?:\.0*)?")
#: How many refused rows are listed one by one (chosen here: a column that cannot be read at all would fill screens).
MOST_LISTED = 20
#: The remedy for a table that others distribute.
_AS_DISTRIBUTED = "give the file as it was distributed"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an annotation workbook, looked for by its header; letter case, blanks, ``_`` and ``-`` do not count.

    >>> Column("Onset Frame", ("Onset", "OnsetF")).spellings
    ('onsetframe', 'onset', 'onsetf')
    """

    #: The header as distributed, which messages name.
    header: str
    #: Other spellings of it in copies that were saved again.
    others: tuple[str, ...] = ()
    #: Whether a file may lack the column; its cells are then empty text.
    optional: bool = False
    #: The adapter's name of another column; a file that has that one may lack this one.
    instead: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every accepted header, without what does not count."""
        return tuple(_plain(header) for header in (self.header, *self.others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a sheet: `number` as the spreadsheet shows it, `cells` and `headers` by the adapter's column names.

    `further` has the cells of the columns that the adapter did not name, by their headers as the file spells them.
    """

    path: Path
    sheet: str
    number: int
    cells: Mapping[str, str]
    headers: Mapping[str, str]
    further: Mapping[str, str]

    @property
    def place(self) -> str:
        """File, sheet and row, as an error names them; of a `.csv` file, the line."""
        return _place(self.path, self.sheet, self.number)

    def text(self, column: str) -> str:
        """The cell without blanks around it.

        Raises:
            AnnotationError: if it is empty.
        """
        if not self.cells[column]:
            raise self.refusal(column, "must not be empty")
        return self.cells[column]

    def whole(self, column: str) -> int:
        """The cell as a whole number of 0 or more.

        Raises:
            AnnotationError: if it is anything else.
        """
        match = _WHOLE.fullmatch(self.cells[column])
        if match is None:
            raise self.refusal(column, "must be a whole number from 0 to 999999999")
        return int(match[1])

    def refusal(self, column: str, rule: str, remedy: str = "correct the cell and save the file") -> AnnotationError:
        """The error that says where a cell stands, what it holds, the rule that it breaks, and the remedy."""
        cell = self.cells[column]
        shown = cell if len(cell) <= 60 else f"{cell[:57]}..."
        return AnnotationError(f"{self.place}: {self.headers[column]} is {shown!r}, but it {rule}; {remedy}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The rows below a header; rows whose named cells are all empty are left out.

    `headers` has, by the adapter's column names, the headers as the file spells them; an optional column that the
    file lacks is absent there, and its cells are empty text. `notes` are sentences about what else was left out.
    """

    path: Path
    name: str
    headers: Mapping[str, str]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def read_sheet(
    path: Path,
    columns: Mapping[str, Column],
    preferred: str = "",
    known_others: Collection[str] = (),
    *,
    remedy: str = _AS_DISTRIBUTED,
) -> Sheet:
    """The first sheet with a header row that holds every column which is not optional.

    Where there is a sheet called `preferred`, it is read. A note names each other sheet that could be read as well,
    but for those of `known_others`. `remedy` is what can be done where columns are lacking, but to add them.

    Raises:
        MissingData: if there is no such file.
        AnnotationError: if the file cannot be read, or the best header row lacks a column or has it twice.
    """
    every = read_grids(path)
    grids = {preferred: every[preferred]} if preferred in every else every
    if not any(cell for grid in grids.values() for line in grid for cell in line):
        raise AnnotationError(f"{path}: no sheet has a filled cell; give the file that holds the table.")
    name, number, matches = max(
        (
            (name, number, _matches(header, columns))
            for name, grid in grids.items()
            for number, header in enumerate(grid[:_HEADER_ROWS])
        ),
        key=lambda candidate: _worth(candidate[2], columns),
    )
    header = grids[name][number]
    _require(_place(path, name, number + 1), header, matches, columns, remedy)
    positions = {column: places[0] for column, places in matches.items() if places}
    further = _further(header, positions.values())
    headers = {column: header[position] for column, position in positions.items()}
    return Sheet(
        path=path,
        name=name,
        headers=headers,
        rows=tuple(
            Row(
                path=path,
                sheet=name,
                number=at,
                cells=cells,
                headers=headers,
                further={name: _at(line, position) for name, position in further.items()},
            )
            for at, line in enumerate(grids[name][number + 1 :], start=number + 2)
            if any((cells := {column: _at(line, positions.get(column)) for column in columns}).values())
        ),
        notes=tuple(_unread(path, name, {k: v for k, v in every.items() if k not in known_others}, columns)),
    )


def _unread(
    path: Path, read: str, grids: Mapping[str, Sequence[Sequence[str]]], columns: Mapping[str, Column]
) -> Iterator[str]:
    """A note on each sheet that could have been read as well."""
    for name, grid in grids.items():
        for number, header in enumerate(grid[:_HEADER_ROWS]):
            matches = _matches(header, columns)
            if name != read and not _lacking(matches, columns) and any(map(any, grid[number + 1 :])):
                yield unread_sheet(path, name, read)
                break


def unread_sheet(path: Path, name: str, read: str) -> str:
    """The note on a sheet that could have been read as well as the one that is."""
    unread = f"{path}: the sheet {name!r} has the columns too and is not read, {read!r} is"
    return f"{unread}; delete the one that is not meant."


def read_rows(rows: Iterable[Row], read: Callable[[Row], T]) -> list[T]:
    """What `read` returns for each row, in order; every row is read before any is refused.

    Raises:
        AnnotationError: the refusal of a row; where several are refused, one error with a line for each.
    """
    results, refusals = [], []
    for row in rows:
        try:
            results.append(read(row))
        except AnnotationError as error:
            refusals.append(error)
    if refusals:
        raise refusals[0] if len(refusals) == 1 else AnnotationError(_listed(refusals))
    return results


def _listed(refusals: Sequence[AnnotationError]) -> str:
    lines = [f"{plural(len(refusals), 'row')} cannot be read:", *(f"  {error}" for error in refusals[:MOST_LISTED])]
    more = len(refusals) - MOST_LISTED
    return "\n".join([*lines, *([f"  and {more} more"] if more > 0 else [])])


def _place(path: Path, sheet: str, number: int) -> str:
    return f"{path}, line {number}" if path.suffix.lower() == ".csv" else f"{path}, sheet {sheet!r}, row {number}"


def _further(header: Sequence[str], taken: Collection[int]) -> dict[str, int]:
    """The places of the columns that have a header and are not taken; a repeated header is counted: ``note (2)``."""
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        if cell and place not in taken:
            count = sum(cell == other for other in header[:place])
            places[f"{cell} ({count + 1})" if count else cell] = place
    return places


def _plain(header: str) -> str:
    return re.sub(r"[\s_-]+", "", header).casefold()


def _matches(header: Sequence[str], columns: Mapping[str, Column]) -> dict[str, list[int]]:
    plain = [_plain(cell) for cell in header]
    return {
        name: [place for place, cell in enumerate(plain) if cell and cell in column.spellings]
        for name, column in columns.items()
    }


def _worth(matches: Mapping[str, Sequence[int]], columns: Mapping[str, Column]) -> tuple[int, int]:
    required = sum(bool(places) for name, places in matches.items() if not columns[name].optional)
    return required, sum(map(bool, matches.values()))


def _lacking(matches: Mapping[str, Sequence[int]], columns: Mapping[str, Column]) -> list[str]:
    """The headers of the columns that a file lacks and must have; where another may stand instead, both."""
    lacking = {
        name: column
        for name, column in columns.items()
        if not (matches[name] or column.optional or matches.get(column.instead))
    }
    both = {name: columns[column.instead].header for name, column in lacking.items() if column.instead}
    return [f"{column.header} (or {both[name]})" if name in both else column.header for name, column in lacking.items()]


def _require(
    place: str,
    header: Sequence[str],
    matches: Mapping[str, Sequence[int]],
    columns: Mapping[str, Column],
    remedy: str,
) -> None:
    if lacking := _lacking(matches, columns):
        raise AnnotationError(
            f"{place}: among the headers {', '.join(filter(None, header)) or '(none)'} there is no "
            f"{', '.join(lacking)}; add what is lacking, or {remedy}."
        )
    twice = [columns[name].header for name, places in matches.items() if len(places) > 1]
    if twice:
        raise AnnotationError(
            f"{place}: {', '.join(twice)} heads more than one column, but must head one; "
            "rename or delete the surplus column."
        )


def _at(line: Sequence[str], position: int | None) -> str:
    return line[position] if position is not None and position < len(line) else ""
