"""Interchangeable parts of a method, by name: the method ships some, plugins may register more.

A method lists its parts where no heavy package is loaded, and names the module that makes them::

    attention = Parts("attention", of="mmnet", home=f"{__package__}.attention", shipped=("continuous", "none"))

That module, and any plugin, registers with a decorator; `part(attention, "continuous", reason)` makes it a parameter::

    @attention.register("mine")
    class Mine(nn.Module): ...
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar, cast

from merbench.errors import DuplicateName, EntryError, UnknownName

Kind = TypeVar("Kind")
Made = TypeVar("Made")

#: Every family of parts there is, so that a plugin's parts can be told and taken back.
FAMILIES: list[Parts[Any]] = []


@dataclass(frozen=True, slots=True)
class Part(Generic[Kind]):
    """A registered part: what makes it, and the module in which it did."""

    name: str
    made: Kind
    module: ModuleType

    @property
    def place(self) -> str:
        """The file it comes from; the module's name where there is none."""
        return self.module.__dict__.get("__file__") or self.module.__name__

    @property
    def digest(self) -> str:
        """The SHA-256 of the source it comes from; empty for what merbench ships, whose version says it."""
        if self.module.__name__.startswith("merbench."):
            return ""
        path = Path(self.place)
        source = path.read_bytes() if path.is_file() else inspect.getsource(cast("type", self.made)).encode()
        return hashlib.sha256(source).hexdigest()


class Parts(Generic[Kind]):
    """The parts of one family of one method: `shipped` names first, made by the module `home` when first asked for."""

    def __init__(self, family: str, *, of: str, home: str = "", shipped: tuple[str, ...] = ()) -> None:
        self.family, self.method, self.home, self.shipped = family, of, home, shipped
        self._parts: dict[str, Part[Kind]] = {}
        self._seen: list[Part[Kind]] = []
        FAMILIES.append(self)

    @property
    def kind(self) -> str:
        """What a name of the family names, as messages have it: ``attention of mmnet``."""
        return f"{self.family} of {self.method}"

    def names(self) -> tuple[str, ...]:
        """The names, the shipped ones first; nothing is imported for it."""
        return (*self.shipped, *(name for name in self._parts if name not in self.shipped))

    def register(self, name: str) -> Callable[[Made], Made]:
        """A decorator that gives a part its name.

        Raises:
            DuplicateName: if another module has it, showing both places.
        """

        def taken(made: Made) -> Made:
            part = Part(name, cast("Kind", made), sys.modules[str(getattr(made, "__module__", "__main__"))])
            self._take(part)
            self._seen.append(part)
            return made

        return taken

    def get(self, name: str) -> Kind:
        """What makes the part of that name.

        Raises:
            UnknownName: with a guess and the list.
        """
        return self.part(name).made

    def part(self, name: str) -> Part[Kind]:
        """The part of that name, with where it comes from.

        Raises:
            UnknownName: with a guess and the list.
            EntryError: if the method names a part that its module does not make.
        """
        if name not in self.names():
            raise UnknownName(self.kind, name, self.names())
        if name not in self._parts:
            importlib.import_module(self.home)
        if name not in self._parts:
            raise EntryError(f"The {self.kind} {name!r} is listed, but {self.home} does not register it.")
        return self._parts[name]

    def take_module(self, module: ModuleType) -> list[str]:
        """The parts of this family that a plugin's module registered, each as ``attention mine of mmnet``."""
        own = [part for part in self._seen if part.module is module]
        for part in own:  # a plugin that is loaded twice runs only once
            self._take(part)
        return [f"{self.family} {part.name} of {self.method}" for part in own]

    def snapshot(self) -> dict[str, Part[Kind]]:
        """The parts as they are now, to be put back by `restore`."""
        return dict(self._parts)

    def restore(self, snapshot: dict[str, Part[Kind]]) -> None:
        """Put back what `snapshot` gave."""
        shipped = {name: part for name, part in self._parts.items() if name in self.shipped}
        self._parts = {**shipped, **snapshot}

    def _take(self, part: Part[Kind]) -> None:
        other = self._parts.get(part.name)
        claimed = part.name in self.shipped and part.module.__name__ != self.home
        if claimed or (other is not None and other.module is not part.module):
            place = self.home if other is None else other.place
            raise DuplicateName(
                f"The {self.kind} {part.name!r} is claimed twice: by {place} and by {part.place}. Rename one of them."
            )
        self._parts[part.name] = part
