"""A run specification with the source of its plugins: what is sent to workers, which resolve the experiment."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.errors import StoreError
from merbench.experiments.experiment import Experiment
from merbench.experiments.resolve import resolve
from merbench.experiments.starting_file import TIMM
from merbench.method import Method
from merbench.plugins import load_plugin
from merbench.spec import RunSpec

if TYPE_CHECKING:
    from merbench.training.numerics import Numerics


#: Digests of the plugins that this process has loaded.
_LOADED: set[str] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The specification of a run and the source of its plugins, by file name, with what the sender settled so far."""

    spec: RunSpec
    plugins: tuple[tuple[str, bytes], ...] = ()
    numerics: Mapping[str, Any] | None = None
    tuning: Mapping[str, Any] | None = None
    tuned: str = ""

    def experiment(self, method: Method | type[Method] | None = None) -> Experiment:
        """The experiment, resolved in this process, which need not be the one that sent the request.

        `method` is a class or an instance that is in no registry.

        Raises:
            MerbenchError: if names or data are not available here.
        """
        for name, source in self.plugins:
            mark = hashlib.sha256(source).hexdigest()
            if mark not in _LOADED:
                load_plugin(_file_of(name, source))
                _LOADED.add(mark)
        experiment = resolve(self.spec, method)
        if self.numerics is not None and experiment.numerics is not None:
            experiment = dataclasses.replace(experiment, numerics=_same(self.numerics, experiment.numerics))
        return dataclasses.replace(experiment, tuning=self.tuning, tuned=self.tuned)

    def of(self, experiment: Experiment) -> Request:
        """The request for what the experiment became: its numerics, and how it is tuned."""
        return dataclasses.replace(
            self,
            numerics=None if experiment.numerics is None else experiment.numerics.record(),
            tuning=experiment.tuning,
            tuned=experiment.tuned,
        )

    def key(self) -> str:
        """A text that is the same for requests for one experiment."""
        return json.dumps([self.spec.as_dict(), self.numerics, self.tuning], sort_keys=True, default=str)


def request(spec: RunSpec) -> Request:
    """The request for an experiment; its plugins are read, and loaded unless this process has them already."""
    sources = []
    for file in map(Path, spec.plugins):
        load_once(file)
        sources.append((file.name, file.read_bytes()))
    data = {name: str(Path(folder).resolve()) for name, folder in spec.data.items()}
    weights = spec.weights
    if weights is not None and not weights.startswith(TIMM):
        weights = str(Path(weights).resolve())
    return Request(spec=dataclasses.replace(spec, data=data, weights=weights), plugins=tuple(sources))


def load_once(plugin: Path) -> None:
    """Take in the entries of a plugin file, unless this process has them from the same source.

    Raises:
        EntryError, DuplicateName: if it is broken, or takes a name.
    """
    if not plugin.is_file() or _digest(plugin) not in _LOADED:
        load_plugin(plugin)
        mark_loaded(plugin)


def mark_loaded(plugin: Path) -> None:
    """Note that this process has the entries of a plugin file."""
    _LOADED.add(_digest(plugin))


def _digest(plugin: Path) -> str:
    return hashlib.sha256(plugin.read_bytes()).hexdigest()


def _same(sent: Mapping[str, Any], here: Numerics) -> Numerics:
    """The sender's numerics, with what it chose for the run; the rest must be what this machine has."""
    adopted = here.adopting(sent)
    if differences := adopted.differences(sent):
        raise StoreError(
            f"This worker computes otherwise than the run ({differences}), and mixed folds would not be one "
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
    return os.getuid()
