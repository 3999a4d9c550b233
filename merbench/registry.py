"""Name to entry: shipped folders, entry points of other packages, and files given by `--plugin`."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar, get_args

from merbench.dataset import Dataset
from merbench.entries.attribution import sentence_of
from merbench.entries.names import require_name, same_name
from merbench.entries.origins import Origin, of_file, of_module, of_point, record_origin
from merbench.entries.reproduction import declared_reproductions
from merbench.entries.variants import variant
from merbench.errors import DuplicateName, EntryError, UnknownName
from merbench.method import Family, Method, declared_inputs
from merbench.protocol import Protocol

Kind = TypeVar("Kind", bound=Method | Dataset | Protocol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An entry that could not be taken in, and why."""

    name: str
    place: str
    reason: str


def not_taken_in(name: str, kind: str = "") -> str:
    """How to take in the package or file of that name in the working folder; nothing where there is none."""
    if kind == "dataset" and name.lower().endswith(".csv"):
        return f"A table of clips is the dataset manifest: --dataset manifest --data {shlex.quote(name)}."
    if name.endswith(".py") and Path(name).is_file():
        return f"A file is taken in by --plugin {shlex.quote(name)}; here goes the name that the class in it gives."
    if re.fullmatch(r"[\w-]+", name) is None:
        return ""
    for spelled in dict.fromkeys((name, name.replace("-", "_"))):
        if Path(spelled, "pyproject.toml").is_file():
            return f"The package ./{spelled} is not installed: pip install -e ./{spelled}."
        if Path(f"{spelled}.py").is_file():
            return f"A file of that name is here: add --plugin {spelled}.py."
    return ""


@dataclass
class Registry(Generic[Kind]):
    """The entries of one kind, found when first asked for."""

    kind: str
    base: type[Kind]
    origins: dict[str, Origin] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    _entries: dict[str, type[Kind]] = field(default_factory=dict)
    _filled: bool = False

    @property
    def singular(self) -> str:
        """The kind as one word: ``method``."""
        return self.kind.removesuffix("s")

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        self._fill()
        return tuple(sorted(self._entries))

    def entries(self) -> Iterator[type[Kind]]:
        """All entries, by name."""
        return (self._entries[name] for name in self.names())

    def __contains__(self, name: str) -> bool:
        """Whether there is an entry of that name, or one that stands for all names that begin with it and a colon."""
        name = self.canonical(name)
        return name in self._entries or self._stem(name) is not None

    def canonical(self, name: str) -> str:
        """The name of the entry that `name` spells, as ``CASME II`` spells casme2; any other name as it is."""
        self._fill()
        if name in self._entries or self._stem(name) is not None or any(each.name == name for each in self.broken):
            return name
        return same_name(name, self._entries) or name

    def get(self, name: str) -> type[Kind]:
        """The entry of that name, however it is spelled; of ``timm:resnet34`` the entry ``timm`` with that value fixed.

        Raises:
            UnknownName: with a guess and the list.
            EntryError: if an entry of that name exists but is broken.
        """
        name = self.canonical(name)
        if name in self._entries:
            return self._entries[name]
        stem = self._stem(name)
        if stem is not None:
            entry = variant(stem, name.partition(":")[2])
            self.origins[name] = self.origins[stem.name]
            record_origin(entry, self.origins[name])
            return entry
        for broken in self.broken:
            if broken.name == name:
                raise EntryError(f"The {self.singular} {name!r} from {broken.place} is broken: {broken.reason}")
        raise UnknownName(self.singular, name, self.names(), not_taken_in(name, self.singular))

    def add(self, entry: type[Kind], origin: Origin) -> None:
        """Take in an entry.

        Raises:
            DuplicateName: if the name is taken, showing both places.
        """
        name = entry.name
        if name in self._entries and self._entries[name] is not entry:
            raise DuplicateName(
                f"The {self.singular} name {name!r} is claimed twice: by {self.origins[name].place} "
                f"and by {origin.place}. Rename one of them."
            )
        self._entries[name] = entry
        self.origins[name] = origin
        record_origin(entry, origin)

    def _stem(self, name: str) -> type[Kind] | None:
        stem, colon, _ = name.partition(":")
        entry = self._entries.get(stem)
        return entry if colon and getattr(entry, "suffix", "") else None

    def _fill(self) -> None:
        if self._filled:
            return
        self._filled = True
        for module_name in _shipped(self.kind):
            self._take_module(module_name)
        for point in sorted(entry_points(group=f"merbench.{self.kind}"), key=lambda point: point.name):
            self._take_point(point)

    def take_file(self, module: ModuleType, path: Path) -> list[str]:
        """The names of the entries of this kind in a plugin's module, once they are taken in."""
        self._fill()
        entries = list(entries_in(module, self.base))
        for entry in entries:
            self.add(entry, of_file(path))
            require_usable(entry)
        return [f"{self.singular} {entry.name}" for entry in entries]

    def snapshot(self) -> tuple[dict[str, type[Kind]], dict[str, Origin]]:
        """The entries and origins as they are now, to be put back by `restore`."""
        self._fill()
        return dict(self._entries), dict(self.origins)

    def restore(self, snapshot: tuple[dict[str, type[Kind]], dict[str, Origin]]) -> None:
        """Put back what `snapshot` gave."""
        self._entries, self.origins = snapshot

    def _take_module(self, name: str) -> None:
        try:
            module = importlib.import_module(name)
            for entry in entries_in(module, self.base):
                self.add(entry, of_module(module))
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as fault:
            self.broken.append(_broken(name.rpartition(".")[2].replace("_", "-"), name, fault))

    def _take_point(self, point: EntryPoint) -> None:
        place = f"{point.dist.name if point.dist else 'unknown package'} ({point.value})"
        try:
            entry = point.load()
            if not (isinstance(entry, type) and issubclass(entry, self.base)):
                raise EntryError(f"{point.value} is no subclass of {self.base.__name__}.")
            _check(entry)
            self.add(entry, of_point(point, entry))
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as fault:
            self.broken.append(_broken(point.name, place, fault))


methods: Registry[Method] = Registry("methods", Method)
datasets: Registry[Dataset] = Registry("datasets", Dataset)
protocols: Registry[Protocol] = Registry("protocols", Protocol)
EVERY: tuple[Registry[Any], ...] = (methods, datasets, protocols)


def entries_in(module: ModuleType, base: type[Kind]) -> Iterator[type[Kind]]:
    """The concrete subclasses of `base` with a name that the module itself defines."""
    for entry in vars(module).values():
        if not (isinstance(entry, type) and issubclass(entry, base)) or entry.__module__ != module.__name__:
            continue
        if "name" in vars(entry):
            _check(entry)
            yield entry


def require_usable(entry: type[Any]) -> None:
    """Nothing, if an entry can be made with its defaults and, if it is a method, declares what it sees.

    Raises:
        EntryError: naming the entry and the cause.
    """
    try:
        instance = entry()
        if isinstance(instance, Method):
            declared_inputs(instance)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as fault:
        raise EntryError(f"{entry.__qualname__} cannot be used: {sentence_of(fault, entry)}") from fault


def _check(entry: type[Any]) -> None:
    if not isinstance(getattr(entry, "name", None), str) or inspect.isabstract(entry):
        lacking = ", ".join(sorted(getattr(entry, "__abstractmethods__", ()))) or "name"
        raise EntryError(f"{entry.__qualname__} lacks {lacking}.")
    require_name(entry.__qualname__, entry.name)
    if not isinstance(getattr(entry, "title", None), str):
        raise EntryError(f"{entry.__qualname__} lacks title, which `merbench list` shows.")
    if issubclass(entry, Method) and getattr(entry, "family", None) not in get_args(Family):
        raise EntryError(f"{entry.__qualname__} lacks family, which is one of {', '.join(get_args(Family))}.")
    if issubclass(entry, Method):
        declared_reproductions(entry)
    if issubclass(entry, Dataset) and not getattr(entry, "schemes", ()):
        raise EntryError(f"{entry.__qualname__} lacks schemes: a dataset has at least one label scheme.")
    entry.Parameters.declared()


def _shipped(kind: str) -> list[str]:
    package = importlib.import_module(f"merbench.{kind}")
    return sorted(f"merbench.{kind}.{module.name}" for module in pkgutil.iter_modules(package.__path__))


def _broken(name: str, place: str, fault: BaseException) -> Broken:
    return Broken(name=name, place=place, reason=f"{type(fault).__name__}: {fault}")
