"""The names of the kinds of task, and the refusal of what does not serve one; `merbench.task_kinds` has the kinds."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from merbench.errors import UsageError

KindName = Literal["single-label", "multi-label"]
SINGLE_NAME: KindName = "single-label"
MULTI_NAME: KindName = "multi-label"
#: What serves tasks of either kind.
BOTH: frozenset[KindName] = frozenset((SINGLE_NAME, MULTI_NAME))
#: What serves tasks of one class a clip alone.
SINGLE: frozenset[KindName] = frozenset((SINGLE_NAME,))
#: What serves tasks of several units a clip alone.
MULTI: frozenset[KindName] = frozenset((MULTI_NAME,))
#: The label of a clip that is coded, and has none of the units.
NO_UNIT = "none"


def require_served(kind: str, served: Collection[str], what: str, remedy: str) -> None:
    """Nothing, if something serves tasks of a kind.

    >>> require_served("multi-label", {"single-label"}, "mine", "choose another --scheme")
    Traceback (most recent call last):
    merbench.errors.UsageError: mine serves single-label tasks, but this one is multi-label: choose another --scheme.

    Raises:
        UsageError: naming it, the kind it serves, and the remedy.
    """
    if kind not in served:
        raise UsageError(f"{what} serves {' and '.join(sorted(served))} tasks, but this one is {kind}: {remedy}.")
