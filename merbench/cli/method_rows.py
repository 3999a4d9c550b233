"""The table of methods with rows from a cache on disk: building every network to count takes too long for a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from merbench.analysis.method_table import Row, method_row, methods_table
from merbench.cli.disk_cache import kept, state_of
from merbench.registry import methods

if TYPE_CHECKING:
    from merbench.analysis.table import Table
    from merbench.method import Method

#: The folders whose code the rows depend on.
_COUNTED = ("methods", "training", "inputs", "entries", "analysis")


def cached_methods_table() -> Table:
    """The table of methods; rows of those that merbench ships are kept until its code or a package changes."""
    state = state_of(_COUNTED, "**/*.py")
    rows: dict[str, Any] = kept("methods.json", state, _shipped_rows)

    def row(kind: type[Method]) -> Row:
        return tuple(rows[kind.name]) if _is_shipped(kind) else method_row(kind)

    return methods_table(row)


def _shipped_rows() -> dict[str, Row]:
    return {kind.name: method_row(kind) for kind in methods.entries() if _is_shipped(kind)}


def _is_shipped(kind: type[Method]) -> bool:
    return methods.origins[kind.name].package == "merbench"
