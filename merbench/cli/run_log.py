"""The log of a run, a file in its folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

#: The name of the file.
NAME = "run.log"


class RunLog:
    """Lines with the time, appended to `run.log`; those before the folder is known are written once it is.

    A log that cannot be written stops no run.
    """

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._file: TextIO | None = None

    def open(self, folder: Path) -> None:
        """Begin to write to the log in a folder."""
        try:
            self._file = (folder / NAME).open("a", encoding="utf-8")
        except OSError:
            return
        waiting, self._waiting = self._waiting, []
        self._write("".join(waiting))

    def write(self, line: str) -> None:
        """Write a line."""
        dated = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {line}\n"
        if self._file is None:
            self._waiting.append(dated)
        else:
            self._write(dated)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        self._file = None

    def _write(self, text: str) -> None:
        if self._file is not None:
            try:
                self._file.write(text)
                self._file.flush()
            except OSError:
                self._file = None
