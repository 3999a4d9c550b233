"""All rows of a table read before any is refused, so that a file is mended in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from merbench.annotations.tables import Row
from merbench.errors import AnnotationError

#: Refusals that are told one by one; a column that cannot be read at all would fill screens. A choice.
MOST = 20

T = TypeVar("T")


def each_row(rows: Iterable[Row], read: Callable[[Row], T]) -> list[T]:
    """What `read` makes of each row, in their order.

    Raises:
        AnnotationError: the refusal of a row; where several are refused, one that tells of each in a line of its own.
    """
    found, refused = [], []
    for row in rows:
        try:
            found.append(read(row))
        except AnnotationError as error:
            refused.append(error)
    if refused:
        raise refused[0] if len(refused) == 1 else AnnotationError(_told(refused))
    return found


def _told(refused: list[AnnotationError]) -> str:
    lines = [f"{len(refused)} rows cannot be read:", *(f"  {error}" for error in refused[:MOST])]
    return "\n".join([*lines, *([f"  and {len(refused) - MOST} more"] if len(refused) > MOST else [])])
