"""One thing that a check looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["as known", "differs", "to know"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, what came of it, and the clips or cells that it is about.

    ``differs`` is what makes a check fail; ``to know`` is what lies in the file as distributed, or cannot be compared.
    `counts` has pairs of what was found and what is known, the latter None where it is not.
    """

    what: str
    verdict: Verdict
    detail: str
    about: tuple[str, ...] = ()
    counts: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)


def compared(what: str, found: Mapping[str, int], known: Mapping[str, int], source: str = "") -> Finding:
    """The finding on counts that should be equal."""
    names = [*known, *(name for name in found if name not in known)]
    counts = {name: (found.get(name, 0), known.get(name, 0)) for name in names}
    differing = [f"{name} {there} of {wanted}" for name, (there, wanted) in counts.items() if there != wanted]
    detail = f"differ in {', '.join(differing)}" if differing else ", ".join(f"{n} {c}" for n, (c, _) in counts.items())
    told = f"{detail} ({source})" if source else detail
    return Finding(what=what, verdict="differs" if differing else "as known", detail=told, counts=counts)
