"""One aspect that a check or an audit looked at, and its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

#: A check of data says ``as known`` or ``to know``, an audit of a run ``holds`` or ``cannot be checked``.
Verdict = Literal["as known", "holds", "differs", "to know", "cannot be checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One aspect that was examined, its verdict, and the clips or cells that it is about.

    ``differs`` makes a check or an audit fail; ``to know`` is a property of the file as distributed, or one without
    known counts. `counts` has pairs of the observed and the known number, the latter None where it is unknown.
    """

    what: str
    verdict: Verdict
    detail: str
    about: tuple[str, ...] = ()
    counts: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)


def compared(what: str, observed: Mapping[str, int], known: Mapping[str, int], source: str = "") -> Finding:
    """The finding on counts that should be equal."""
    names = [*known, *(name for name in observed if name not in known)]
    counts = {name: (observed.get(name, 0), known.get(name, 0)) for name in names}
    differing = [f"{name} {count} of {expected}" for name, (count, expected) in counts.items() if count != expected]
    detail = f"differ in {', '.join(differing)}" if differing else ", ".join(f"{n} {c}" for n, (c, _) in counts.items())
    cited = f"{detail} ({source})" if source else detail
    return Finding(what=what, verdict="differs" if differing else "as known", detail=cited, counts=counts)
