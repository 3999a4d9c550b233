"""Names of runs in tables: the method, and all in which a run is not the method as published."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

from merbench.entries.parameters import Value
from merbench.entries.recipe import Training
from merbench.errors import MerbenchError
from merbench.method import Method
from merbench.results.header import RunFacts
from merbench.results.model import Plain

#: What tells runs of one name apart, in the order in which it is tried.
_FURTHER: tuple[Callable[[RunFacts], str], ...] = (
    lambda run: run.recipe.name,
    lambda run: run.description.precision or "",
    lambda run: run.group[:6],
)
#: Recipes of which no name says more: the method's own, and none at all.
_UNMARKED = ("published", "external")


def label(run: RunFacts) -> str:
    """The method's name, with the recipe where it is not as published, what the user changed, and how it was tuned.

    A recipe is named unless the values it gives are those of `published`, as of methods with nothing to set: `htnet
    (quick)`, `ststnet (short, epochs=20)`, but `majority`. Of a method that is not installed, every recipe but
    `published` is named.
    """
    changes = recipe_changes(run)
    recipe = [] if run.recipe.name in _UNMARKED or changes == {} else [run.recipe.name]
    above = {"thresholds": run.description.thresholds} if run.description.thresholds else {}
    changed = {**_settings(run), **above, **(run.description.perturbed or {}), **_start(run)}
    marks = [*recipe, *(f"{name}={value}" for name, value in changed.items())]
    name = f"{run.method} ({', '.join(marks)})" if marks else run.method
    return name if run.description.tuning is None else f"{name}, tuned: {run.tuned}"


def recipe_changes(run: RunFacts) -> dict[str, tuple[Plain, Plain]] | None:
    """By setting, its value in the run and under `published`, where they differ and the user did not set it.

    None where the method is not installed.
    """
    published = _published(run.method, len(run.classes))
    if published is None:
        return None
    training = run.description.training
    recorded = {**run.description.parameters, **(training or {})}
    defaults = {**_defaults(run.method), **({} if training is None else Training().values())}
    own = set(_settings(run))
    names = [name for name in {**published, **recorded} if name not in own]
    pairs = {name: (recorded.get(name, defaults.get(name)), published.get(name, defaults.get(name))) for name in names}
    return {name: pair for name, pair in pairs.items() if name in published and pair[0] != pair[1]}


def changes_sentence(run: RunFacts) -> str:
    """A sentence on the values that make a recipe another than the published one; empty where there are none."""
    changes = recipe_changes(run)
    if not changes or run.recipe.name in _UNMARKED:
        return ""
    listed = [f"{name}={value} (published: {published})" for name, (value, published) in changes.items()]
    return f"{run.method} by its recipe {run.recipe.name}, not as published: {', '.join(listed)}."


def distinct_labels(runs: Sequence[RunFacts], tables: Sequence[Hashable]) -> list[str]:
    """A label for each run; with recipe or precision where runs of a table had the same, and differ in it.

    What still is the same, such as runs of other sources, gets the beginning of its group's hash.
    """
    names = [label(run) for run in runs]
    for further in _FURTHER:
        values: dict[tuple[Hashable, str], set[str]] = {}
        for run, table, name in zip(runs, tables, names, strict=True):
            values.setdefault((table, name), set()).add(further(run))
        names = [
            f"{name} [{further(run)}]" if len(values[table, name]) > 1 and further(run) else name
            for run, table, name in zip(runs, tables, names, strict=True)
        ]
    return names


def _settings(run: RunFacts) -> dict[str, str]:
    """What the user changed of the method and its training."""
    return {name: value for name, value in run.settings.items() if "." not in name}


def _start(run: RunFacts) -> dict[str, str]:
    """The run or file that it starts from, and whether that may have seen the tested subjects, or nobody knows."""
    start = run.description.start or {}
    file = run.spec.weights if run.spec is not None and run.spec.weights else str(start.get("weights", ""))[:8]
    name = f"run {str(start['run'])[:8]}" if "run" in start else file
    overlap = "allowed" if start.get("overlap") else "unknown" if start.get("unknown") else ""
    return {**({"weights": name} if "weights" in start else {}), **({"overlap": overlap} if overlap else {})}


def _defaults(method: str) -> dict[str, Value]:
    """The defaults of an installed method's parameters."""
    from merbench.registry import methods

    return methods.get(method).Parameters().values()


def _published(method: str, classes: int) -> Mapping[str, Value] | None:
    from merbench.registry import methods

    try:
        kind: type[Method] = methods.get(method)
        recipe = kind.recipe("published", classes)
        parameters = kind.Parameters().changed(recipe.parameters)
    except MerbenchError:  # not installed, or broken: neither hinders reading its runs
        return None
    return {**parameters.values(), **({} if recipe.training is None else recipe.training.values())}
