"""An experiment as names, parameters and plugin source: what is sent to a worker, who makes the experiment of it."""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.errors import StoreError
from merbench.experiments.experiment import Experiment
from merbench.experiments.resolve import resolve
from merbench.plugins import load_plugin

if TYPE_CHECKING:
    from merbench.training.numerics import Numerics


#: What plugins this process has loaded: by whoever made a request, or for a request that was received.
_LOADED: set[str] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The arguments of `merbench.experiments.resolve.resolve` as plain data, and plugin files by name with their source."""

    arguments: Mapping[str, Any]
    plugins: tuple[tuple[str, bytes], ...] = ()
    numerics: Mapping[str, Any] | None = None
    tuning: Mapping[str, Any] | None = None
    tuned: str = ""

    def experiment(self) -> Experiment:
        """The experiment, made in this process, which need not be the one that sent the request.

        Raises:
            MerbenchError: if names or data are not to be had here.
        """
        for name, source in self.plugins:
            mark = hashlib.sha256(source).hexdigest()
            if mark not in _LOADED:
                load_plugin(_file_of(name, source))
                _LOADED.add(mark)
        made = resolve(**self.arguments)
        if self.numerics is not None and made.numerics is not None:
            made = dataclasses.replace(made, numerics=_same(self.numerics, made.numerics))
        return dataclasses.replace(made, tuning=self.tuning, tuned=self.tuned)

    def of(self, experiment: Experiment) -> Request:
        """The request for what the experiment became: its numerics, and how it is tuned."""
        return dataclasses.replace(
            self,
            numerics=None if experiment.numerics is None else asdict(experiment.numerics),
            tuning=experiment.tuning,
            tuned=experiment.tuned,
        )

    def sent(self) -> dict[str, Any]:
        """The request as plain data."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


def request(plugins: Sequence[Path] = (), **arguments: Any) -> Request:
    """The request for an experiment with the given arguments of `resolve`; `plugins` are loaded here already."""
    data = arguments.get("data")
    if isinstance(data, Mapping):
        data = {name: str(Path(folder).resolve()) for name, folder in data.items()}
    elif data is not None:
        data = Path(data).resolve()
    sources = tuple((path.name, path.read_bytes()) for path in map(Path, plugins))
    _LOADED.update(hashlib.sha256(source).hexdigest() for _, source in sources)
    return Request(arguments={**arguments, "data": data}, plugins=sources)


def load_once(plugin: Path) -> None:
    """Take in the entries of a plugin file, unless this process has them from the same source.

    Raises:
        EntryError, DuplicateName: if it is broken, or takes a name.
    """
    mark = hashlib.sha256(plugin.read_bytes()).hexdigest() if plugin.is_file() else ""
    if mark not in _LOADED:
        load_plugin(plugin)
        _LOADED.add(mark)


def _same(sent: Mapping[str, Any], here: Numerics) -> Numerics:
    """The sender's numerics, with what it chose for the run; the rest must be what this machine has."""
    adopted = here.adopting(sent)
    differing = [
        f"{name} {sent[name]} there, {value} here" for name, value in asdict(adopted).items() if sent[name] != value
    ]
    if differing:
        raise StoreError(
            f"This worker computes otherwise than the run ({'; '.join(differing)}), and mixed folds would not be one "
            "result; take workers of one kind."
        )
    return adopted


def _file_of(name: str, source: bytes) -> Path:
    """A file of that name with that source; equal ones share a place, so that a plugin is loaded once a process."""
    folder = Path(tempfile.gettempdir()) / f"merbench-plugin-{_user()}-{hashlib.sha256(source).hexdigest()[:16]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    if not path.is_file() or path.read_bytes() != source:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(source)
        Path(file.name).replace(path)
    return path


def _user() -> int:
    import os

    return os.getuid()
