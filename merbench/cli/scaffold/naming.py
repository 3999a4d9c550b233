"""The names of a new entry: on the command line, as a module, as a class."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from dataclasses import dataclass

from merbench.errors import UsageError
from merbench.registry import EVERY

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """A new entry's `kind` (method, dataset or protocol) and its `name`, checked.

    >>> naming = Naming(kind="method", name="two-stream-net")
    >>> naming.module, naming.cls, naming.title
    ('two_stream_net', 'TwoStreamNet', 'Two stream net')
    """

    kind: str
    name: str

    def __post_init__(self) -> None:
        kinds = [registry.singular for registry in EVERY]
        if self.kind not in kinds:
            raise UsageError(f"kind={self.kind} is not possible: merbench new makes one of {', '.join(kinds)}.")
        _require_name(self.name, self.module)
        for registry in EVERY:
            if registry.singular == self.kind and self.name in registry.names():
                place = registry.origins[self.name].package
                raise UsageError(f"name={self.name} is taken: {place} has a {self.kind} of that name; choose another.")
        if _is_module(self.module):
            raise UsageError(
                f"name={self.name} is taken: Python already finds a module {self.module}, which a package of that name "
                "would hide; choose another."
            )

    @property
    def module(self) -> str:
        """The name as Python imports it."""
        return self.name.replace("-", "_")

    @property
    def cls(self) -> str:
        """The name of the class."""
        return "".join(word.capitalize() for word in self.module.split("_"))

    @property
    def title(self) -> str:
        """The name as a human reads it."""
        return self.module.replace("_", " ").capitalize()


def _require_name(name: str, module: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise UsageError(
            f"name={name} is not possible: it must be lower-case letters and digits, beginning with a letter, with - "
            "between words, such as two-stream."
        )
    if keyword.iskeyword(module):
        raise UsageError(f"name={name} is not possible: {module} is a word of Python's own; choose another.")


def _is_module(name: str) -> bool:
    spec = None if name in sys.stdlib_module_names else importlib.util.find_spec(name)
    return name in sys.stdlib_module_names or (spec is not None and spec.origin is not None)  # a bare folder has none
