"""The names of the two kinds of task; `merbench.task_kinds` has the kinds themselves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from merbench.errors import UsageError

KindName = Literal["single-label", "multi-label"]
SINGLE_NAME: KindName = "single-label"
MULTI_NAME: KindName = "multi-label"
#: What serves both kinds.
BOTH: frozenset[KindName] = frozenset((SINGLE_NAME, MULTI_NAME))
#: What serves single-label tasks only.
SINGLE: frozenset[KindName] = frozenset((SINGLE_NAME,))
#: What serves multi-label tasks only.
MULTI: frozenset[KindName] = frozenset((MULTI_NAME,))
#: The label of a clip that is coded, and has none of the units.
NO_UNIT = "none"


def require_served(kind: str, served: Collection[str], what: str, remedy: str) -> None:
    """Refuse something that does not serve tasks of a kind; `what` names it, and `remedy` says what to do.

    >>> require_served("multi-label", {"single-label"}, "mine", "choose another --scheme")
    Traceback (most recent call last):
    merbench.errors.UsageError: mine serves single-label tasks, but this one is multi-label: choose another --scheme.

    Raises:
        UsageError: naming it, the kinds that it serves, and the remedy.
    """
    if kind not in served:
        raise UsageError(f"{what} serves {' and '.join(sorted(served))} tasks, but this one is {kind}: {remedy}.")
