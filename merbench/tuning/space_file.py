"""`--space FILE.toml`: a search space narrowed, widened or set."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from merbench._files.toml import read_toml
from merbench.entries.parameters import Parameter, Value
from merbench.errors import UnknownName, UsageError
from merbench.experiments.experiment import Experiment
from merbench.kind_names import MULTI_NAME
from merbench.tuning.space import Dimension, Space, declared_of, default_space, ordered

_OTHERS = ("searched", "fixed")
_KEYS = ("low", "high", "log", "step", "choices")
_FORMS = "NAME = VALUE, NAME = { choices = [A, B] } or NAME = { low = A, high = B, log = true }"


def space_of(experiment: Experiment, file: Path | None) -> Space:
    """The space of an experiment: the default one, changed as a file says.

    In the file, ``name = value`` sets a parameter, ``name = { low, high, log, step }`` and ``name = { choices }`` say
    what is searched, and ``others = "fixed"`` leaves alone what it does not name.

    Raises:
        UnknownName: for a parameter that neither the method nor its training has.
        UsageError: for a file or a range that cannot be used, for a parameter that --set fixes already, or if nothing
            is left to search.
    """
    space = default_space(experiment)
    if file is not None:
        space = _changed(space, experiment, _read(file), file)
        if experiment.kind_name == MULTI_NAME:
            _require_units(space, file)
    if not space.dimensions:
        raise UsageError(
            f"{experiment.method.name} has nothing to search: name parameters and their ranges with --space FILE.toml "
            f"({', '.join(declared_of(experiment.method, experiment.training)) or 'it declares none'})."
        )
    return space


def _require_units(space: Space, file: Path) -> None:
    from merbench.training.unit_losses import unserved

    searched = [(each.name, choice) for each in space.dimensions for choice in each.choices]
    for name, value in (*searched, *space.fixed.items()):
        if reason := unserved(name, value):
            raise UsageError(f"--space {file}: {reason}; take it out.")


def _read(file: Path) -> dict[str, Any]:
    try:
        return read_toml(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"--space {file}: there is no such file.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise UsageError(f"--space {file} cannot be read as TOML: {fault}.") from fault


def _changed(space: Space, experiment: Experiment, content: dict[str, Any], file: Path) -> Space:
    others = content.pop("others", "searched")
    if others not in _OTHERS:
        raise UsageError(f"--space {file}: others={others} is not possible; it must be one of {', '.join(_OTHERS)}.")
    known = declared_of(experiment.method, experiment.training)
    searched = {each.name: each for each in space.dimensions if others == "searched"}
    fixed: dict[str, Value] = {}
    for name, value in content.items():
        if name not in known:
            raise UnknownName(f"parameter in {file.name}", name, known)
        if name in experiment.changed:
            raise UsageError(
                f"--set {name}={experiment.changed[name]} fixes what --space {file} says otherwise: take {name} out of "
                "the file, or leave out --set."
            )
        searched.pop(name, None)
        if isinstance(value, Mapping):
            searched[name] = _dimension(known[name], value, file)
        elif isinstance(value, list):
            raise UsageError(f"--space {file}: {name} is a list; write {_FORMS}.")
        else:
            fixed[name] = known[name].read(value)
    return dataclasses.replace(space, dimensions=ordered(list(searched.values()), space.unused), fixed=fixed)


def _dimension(declared: Parameter, table: Mapping[str, Any], file: Path) -> Dimension:
    name = declared.name
    unknown = [key for key in table if key not in _KEYS]
    if unknown:
        raise UnknownName(f"word for {name} in {file.name}", unknown[0], _KEYS)
    if "choices" in table:
        choices = table["choices"]
        if len(table) > 1 or not isinstance(choices, list) or len(choices) < 2:
            raise UsageError(f"--space {file}: choices of {name} must be a list of two or more, and stand alone.")
        return Dimension(name=name, choices=tuple(dict.fromkeys(declared.read(value) for value in choices)))
    if declared.choices or isinstance(declared.default, str | bool):
        raise UsageError(f"--space {file}: {name} must be {declared.rule}; write {name} = {{ choices = [...] }}.")
    return _range(declared, table, file)


def _range(declared: Parameter, table: Mapping[str, Any], file: Path) -> Dimension:
    name, whole = declared.name, isinstance(declared.default, int)
    if "low" not in table or "high" not in table:
        raise UsageError(f"--space {file}: {name} needs low and high; write {_FORMS}.")
    low, high = (float(declared.read(table[end])) for end in ("low", "high"))
    log, step = table.get("log", declared.log), table.get("step", declared.step)
    if not low < high:
        raise UsageError(f"--space {file}: {name} goes from {low:g} to {high:g}; low must be below high.")
    if not isinstance(log, bool) or (log and low <= 0):
        raise UsageError(f"--space {file}: log of {name} must be true or false, and true only with low above 0.")
    good = step is None or (isinstance(step, int) and not isinstance(step, bool) and step > 0 and whole and not log)
    if not good:
        raise UsageError(f"--space {file}: step={step} of {name} is not possible: a whole number, without log.")
    return Dimension(name=name, low=low, high=high, log=log, step=step, whole=whole)
