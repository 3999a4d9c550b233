"""Name to entry: shipped folders, entry points of other packages, and files given by `--plugin`."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar, get_args

import merbench
from merbench.dataset import Dataset
from merbench.errors import DuplicateName, EntryError, MerbenchError, UnknownName
from merbench.method import Family, Method, declared_inputs
from merbench.part_registry import FAMILIES
from merbench.protocol import Protocol
from merbench.variants import variant

Kind = TypeVar("Kind", bound=Method | Dataset | Protocol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an entry comes from: `place` is a file, `package` and `version` those of its distribution.

    `digest` is the SHA-256 of the entry's source; empty for what merbench ships, whose version says it.
    """

    place: str
    package: str
    version: str
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An entry that could not be taken in, and why."""

    name: str
    place: str
    reason: str


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
        self._fill()
        return name in self._entries or self._stem(name) is not None

    def get(self, name: str) -> type[Kind]:
        """The entry of that name; of ``timm:resnet34`` the entry ``timm`` with what follows the colon fixed.

        Raises:
            UnknownName: with a guess and the list.
            EntryError: if an entry of that name exists but is broken.
        """
        self._fill()
        if name in self._entries:
            return self._entries[name]
        stem = self._stem(name)
        if stem is not None:
            found = variant(stem, name.partition(":")[2])
            self.origins[name] = self.origins[stem.name]
            return found
        for broken in self.broken:
            if broken.name == name:
                raise EntryError(f"The {self.singular} {name!r} from {broken.place} is broken: {broken.reason}")
        raise UnknownName(self.singular, name, self.names())

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
        found = list(entries_in(module, self.base))
        for entry in found:
            self.add(entry, _file_origin(path))
            require_usable(entry)
        return [f"{self.singular} {entry.name}" for entry in found]

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
                self.add(entry, _origin(module))
        except (Exception, SystemExit) as fault:
            self.broken.append(_broken(name.rpartition(".")[2].replace("_", "-"), name, fault))

    def _take_point(self, point: EntryPoint) -> None:
        place = f"{point.dist.name if point.dist else 'unknown package'} ({point.value})"
        try:
            entry = point.load()
            if not (isinstance(entry, type) and issubclass(entry, self.base)):
                raise EntryError(f"{point.value} is no subclass of {self.base.__name__}.")
            _check(entry)
            self.add(entry, _point_origin(point, entry))
        except (Exception, SystemExit) as fault:
            self.broken.append(_broken(point.name, place, fault))


methods: Registry[Method] = Registry("methods", Method)
datasets: Registry[Dataset] = Registry("datasets", Dataset)
protocols: Registry[Protocol] = Registry("protocols", Protocol)
EVERY: tuple[Registry[Any], ...] = (methods, datasets, protocols)


def load_plugin(path: Path) -> tuple[str, ...]:
    """The names that a plugin file registered, each as ``method mynet`` or ``attention mine of mmnet``.

    Raises:
        EntryError: if the file is missing, cannot be imported, or defines no entry and no part.
        DuplicateName: if a name is taken.
    """
    if not path.is_file():
        raise EntryError(f"Plugin {path}: there is no such file.")
    kept, parts = [each.snapshot() for each in EVERY], [(family, family.snapshot()) for family in FAMILIES]
    module = None
    try:
        module = _import_file(path)
        found = [name for each in EVERY for name in each.take_file(module, path)]
        found += [name for family in FAMILIES for name in family.take_module(module)]
    except Exception as fault:
        for each, snapshot in zip(EVERY, kept, strict=True):
            each.restore(snapshot)
        for family, before in parts:
            family.restore(before)
        if isinstance(fault, DuplicateName) or (module is None and isinstance(fault, EntryError)):
            raise
        told = str(fault) if isinstance(fault, MerbenchError) else f"{type(fault).__name__}: {fault}"
        raise EntryError(f"Plugin {path}: {told}") from fault
    if not found:
        raise EntryError(
            f"Plugin {path}: it defines no Method, Dataset or Protocol with a name, and registers no part."
        )
    return tuple(found)


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
        made = entry()
        if isinstance(made, Method):
            declared_inputs(made)
    except Exception as fault:
        told = str(fault) if isinstance(fault, MerbenchError) else f"{type(fault).__name__}: {fault}"
        raise EntryError(f"{entry.__qualname__} cannot be used: {told}") from fault


def _check(entry: type) -> None:
    if not isinstance(getattr(entry, "name", None), str) or inspect.isabstract(entry):
        lacking = ", ".join(sorted(getattr(entry, "__abstractmethods__", ()))) or "name"
        raise EntryError(f"{entry.__qualname__} lacks {lacking}.")
    if not isinstance(getattr(entry, "title", None), str):
        raise EntryError(f"{entry.__qualname__} lacks title, which `merbench list` shows.")
    if issubclass(entry, Method) and getattr(entry, "family", None) not in get_args(Family):
        raise EntryError(f"{entry.__qualname__} lacks family, which is one of {', '.join(get_args(Family))}.")
    if issubclass(entry, Dataset) and not getattr(entry, "schemes", ()):
        raise EntryError(f"{entry.__qualname__} lacks schemes: a dataset has at least one label scheme.")
    entry.Parameters.declared()  # type: ignore[attr-defined]


def _shipped(kind: str) -> list[str]:
    package = importlib.import_module(f"merbench.{kind}")
    return sorted(f"merbench.{kind}.{found.name}" for found in pkgutil.iter_modules(package.__path__))


def _origin(module: ModuleType) -> Origin:
    return Origin(place=str(module.__file__), package="merbench", version=merbench.__version__)


def _point_origin(point: EntryPoint, entry: type) -> Origin:
    place = inspect.getsourcefile(entry) or point.value
    return Origin(
        place=place,
        package=point.dist.name if point.dist else "",
        version=point.dist.version if point.dist else "",
        digest=_package_digest(entry),
    )


def _package_digest(entry: type) -> str:
    """The SHA-256 of the source of the whole package that an entry lies in, of its file where it is a module."""
    package = sys.modules.get(entry.__module__.partition(".")[0])
    own = inspect.getsourcefile(entry) or ""
    if not getattr(package, "__file__", None) or not hasattr(package, "__path__"):
        return _digest(Path(own))
    folder = Path(str(package.__file__)).parent  # type: ignore[union-attr]
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        whole.update(f"{path.relative_to(folder).as_posix()}\0{_digest(path)}\n".encode())
    return whole.hexdigest()


def _file_origin(path: Path) -> Origin:
    return Origin(place=str(path), package=path.name, version="", digest=_digest(path))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _import_file(path: Path) -> ModuleType:
    name = f"merbench_plugin_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise EntryError(f"Plugin {path}: it is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as fault:
        del sys.modules[name]
        if isinstance(fault, DuplicateName):
            raise
        raise EntryError(f"Plugin {path}: it cannot be imported: {type(fault).__name__}: {fault}") from fault
    return module


def _broken(name: str, place: str, fault: BaseException) -> Broken:
    return Broken(name=name, place=place, reason=f"{type(fault).__name__}: {fault}")
