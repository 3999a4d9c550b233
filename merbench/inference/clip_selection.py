"""Which held-out clips of a run are explained."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from merbench.errors import UnknownName, UsageError
from merbench.kind_names import MULTI, require_served
from merbench.results.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """A held-out clip: its fold, its place in the fold's outcome, its key, and what the run kept of it.

    `truth` is its class as an index, or 0 or 1 of each unit; `probability` is that of what is the case.
    """

    fold: str
    place: int
    key: str
    truth: int | tuple[int, ...]
    probability: float


def unit_of(run: Run, name: str | None) -> int | None:
    """The place of a unit among those of a multi-label run, named as `AU4`, `au4` or `4`; None where none is named.

    Raises:
        UsageError: for a run of classes.
        UnknownName: for a unit that the run does not have.
    """
    if name is None:
        return None
    require_served(run.kind.name, MULTI, "--unit", "leave it out")
    number = name.strip().casefold().removeprefix("au").strip()
    spelled = f"AU{int(number)}" if number.isdecimal() else name
    if spelled not in run.classes:
        raise UnknownName("unit", name, run.classes)
    return run.classes.index(spelled)


def held_out(run: Run, unit: int | None = None) -> list[HeldOut]:
    """Every held-out clip of a run, fold by fold; `probability` is that of its truth under the rule last.

    That is its class, the least probable of its units, or, if a `unit` is given, the presence or absence of this one.
    """
    wanted = slice(None) if unit is None else slice(unit, unit + 1)
    clips = []
    for outcome in run.outer:
        for place, key in enumerate(outcome.keys):
            truth, probabilities = outcome.truth[place], outcome.probabilities[-1, place]
            own = run.kind.own_probability(probabilities[wanted], truth if unit is None else truth[wanted])
            as_held = tuple(truth.tolist()) if truth.ndim else int(truth)
            clips.append(HeldOut(fold=outcome.fold, place=place, key=key, truth=as_held, probability=own))
    return clips


def chosen(run: Run, keys: Sequence[str], worst: int, unit: int | None = None) -> list[HeldOut]:
    """The clips of those keys, then the `worst` so many: those whose truth is least probable; each once.

    Raises:
        UsageError: for a key that the run did not test, with a guess.
    """
    every = held_out(run, unit)
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
