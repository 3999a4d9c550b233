"""Interchangeable components of a method, by name: the method ships some, plugins may register more.

A method lists its components where no heavy package is loaded, and names the module that makes them::

    attention = Components("attention", of="mmnet", home=f"{__package__}.attention", shipped=("continuous", "none"))

That module, and any plugin, registers with a decorator; `component(attention, "continuous", reason)` makes it a
parameter::

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

from merbench.entries.names import require_name
from merbench.errors import DuplicateName, EntryError, UnknownName

Kind = TypeVar("Kind")
Factory = TypeVar("Factory")

#: Every family of components there is, so that a plugin's components can be told from the others and removed.
FAMILIES: list[Components[Any]] = []


@dataclass(frozen=True, slots=True)
class Component(Generic[Kind]):
    """A registered component: what makes it, and the module in which it did."""

    name: str
    factory: Kind
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
        source = path.read_bytes() if path.is_file() else inspect.getsource(cast("type", self.factory)).encode()
        return hashlib.sha256(source).hexdigest()


class Components(Generic[Kind]):
    """The components of one family of one method: `shipped` names first, made by the module `home` when needed."""

    def __init__(self, family: str, *, of: str, home: str = "", shipped: tuple[str, ...] = ()) -> None:
        self.family, self.method, self.home, self.shipped = family, of, home, shipped
        self._components: dict[str, Component[Kind]] = {}
        self._seen: list[Component[Kind]] = []
        FAMILIES.append(self)

    @property
    def kind(self) -> str:
        """What a name of the family names, as messages have it: ``attention of mmnet``."""
        return f"{self.family} of {self.method}"

    def names(self) -> tuple[str, ...]:
        """The names, the shipped ones first; nothing is imported for it."""
        return (*self.shipped, *(name for name in self._components if name not in self.shipped))

    def register(self, name: str) -> Callable[[Factory], Factory]:
        """A decorator that gives a component its name.

        Raises:
            DuplicateName: if another module has it, showing both places.
        """
        require_name(f"a component for {self.kind}", name, plus=True)

        def taken(factory: Factory) -> Factory:
            component = Component(
                name, cast("Kind", factory), sys.modules[str(getattr(factory, "__module__", "__main__"))]
            )
            self._take(component)
            self._seen.append(component)
            return factory

        return taken

    def get(self, name: str) -> Kind:
        """What makes the component of that name.

        Raises:
            UnknownName: with a guess and the list.
        """
        return self.component(name).factory

    def component(self, name: str) -> Component[Kind]:
        """The component of that name, with where it comes from.

        Raises:
            UnknownName: with a guess and the list.
            EntryError: if the method names a component that its module does not make.
        """
        if name not in self.names():
            raise UnknownName(self.kind, name, self.names())
        if name not in self._components:
            importlib.import_module(self.home)
        if name not in self._components:
            raise EntryError(f"The {self.kind} {name!r} is listed, but {self.home} does not register it.")
        return self._components[name]

    def take_module(self, module: ModuleType) -> list[str]:
        """The components of this family that a plugin's module registered, each as ``attention mine of mmnet``."""
        own = [component for component in self._seen if component.module is module]
        for component in own:  # a plugin that is loaded twice runs only once
            self._take(component)
        return [f"{self.family} {component.name} of {self.method}" for component in own]

    def snapshot(self) -> dict[str, Component[Kind]]:
        """The components as they are now, to be put back by `restore`."""
        return dict(self._components)

    def restore(self, snapshot: dict[str, Component[Kind]]) -> None:
        """Put back what `snapshot` gave."""
        shipped = {name: component for name, component in self._components.items() if name in self.shipped}
        self._components = {**shipped, **snapshot}

    def _take(self, component: Component[Kind]) -> None:
        other = self._components.get(component.name)
        claimed = component.name in self.shipped and component.module.__name__ != self.home
        if claimed or (other is not None and other.module is not component.module):
            place = self.home if other is None else other.place
            raise DuplicateName(
                f"The {self.kind} {component.name!r} is claimed twice: by {place} and by {component.place}. "
                "Rename one of them."
            )
        self._components[component.name] = component
