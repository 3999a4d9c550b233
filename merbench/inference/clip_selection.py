"""Which held-out clips of a run are explained."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from merbench.errors import UsageError
from merbench.kind_names import SINGLE, require_served
from merbench.results.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """A held-out clip: its fold, its place in the fold's outcome, its key, and what the run kept of it."""

    fold: str
    place: int
    key: str
    truth: int
    probability: float


def held_out(run: Run) -> list[HeldOut]:
    """Every held-out clip of a run, fold by fold; `probability` is that of its true class under the rule last."""
    return [
        HeldOut(
            fold=outcome.fold,
            place=place,
            key=key,
            truth=int(outcome.truth[place]),
            probability=float(outcome.probabilities[-1, place, outcome.truth[place]]),
        )
        for outcome in run.outer
        for place, key in enumerate(outcome.keys)
    ]


def chosen(run: Run, keys: Sequence[str], worst: int) -> list[HeldOut]:
    """The clips of those keys, then the `worst` so many: those whose true class is least probable; each once.

    Raises:
        UsageError: for a key that the run did not test, with a guess; for a run of a multi-label task.
    """
    require_served(run.kind.name, SINGLE, "merbench explain", "name a run of a class set")
    every = held_out(run)
    known = {each.key for each in every}
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise UsageError(
                f"--clip {key}: the run tested no such clip; "
                f"{f'did you mean {near[0]}?' if near else f'it tested {min(known)}, for one.'} "
                "A key is dataset/subject/clip/onset; --worst 5 shows some."
            )
    selected = [each for key in keys for each in every if each.key == key]
    selected += sorted(every, key=lambda each: (each.probability, each.key))[:worst]
    return list(dict.fromkeys(selected))
