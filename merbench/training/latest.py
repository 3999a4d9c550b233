"""The last of some things that are costly to make, for all who need the same one."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Latest(Generic[Thing]):
    """Holds one thing at a time, so that the memory of all is that of one; threads wait for who makes it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: Thing | None = None

    @property
    def held(self) -> Thing | None:
        """The thing that is held."""
        return self._held

    def get(self, serves: Callable[[Thing], bool], make: Callable[[], Thing]) -> Thing:
        """The thing that is held, if it serves, else a new one."""
        with self._lock:
            if self._held is not None and serves(self._held):
                return self._held
            self._held = None  # its memory is given back before more is taken
            self._held = made = make()
            return made
