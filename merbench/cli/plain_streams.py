"""Standard streams that obey nothing in names of files, subjects and clips: control characters are shown, not sent."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

#: Control characters other than tab and line break, and those that turn the direction of writing. A carriage return
#: may begin a line that is written over, or end one.
_OBEYED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
    r"|(?<!^)\r(?!\n)"
)


def plain(text: str) -> str:
    r"""The text with what a terminal would obey as escapes, which JSON reads as the same characters.

    >>> plain("sub\x1b[31m\u202e01\n")
    'sub\\u001b[31m\\u202e01\n'
    """
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class PlainStream:
    """A text stream that writes `plain` text; all else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write the text, and return its length."""
        self.stream.write(plain(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each line."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def as_given(stream: TextIO) -> TextIO:
    """The stream itself, for displays that move the cursor."""
    return stream.stream if isinstance(stream, PlainStream) else stream


@contextmanager
def plain_streams() -> Iterator[None]:
    """Standard output and standard error as plain streams."""
    given = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast("TextIO", each and PlainStream(each)) for each in given)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = given
