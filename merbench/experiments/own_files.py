"""Files that the parameters of a method name, such as its initial weights."""

from __future__ import annotations

from pathlib import Path

from merbench.method import Method
from merbench.results.weights import facts_if_any


def own_files(method: Method) -> dict[str, Path]:
    """The files that the method's parameters name, by parameter."""
    values = {
        each.name: str(getattr(method.parameters, each.name)) for each in method.parameters.declared() if each.is_file
    }
    return {name: Path(value) for name, value in values.items() if value}


def own_unknown(method: Method) -> bool:
    """Whether one of these files does not say what its network was trained on."""
    facts = [facts_if_any(path) for path in own_files(method).values()]
    return any(each is None or each.unknown_start for each in facts)
