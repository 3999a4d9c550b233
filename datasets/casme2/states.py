"""The annotation states of CASME II, told apart by the few rows in which they differ.

The file of 2014 has 255 rows. That of 2019 has the same rows, of which three moved from sadness to surprise and some
had their action units coded anew. A third state is that of 2014 with one clip more; it is known from public code
that reads it, and no copy was available to verify its other rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from merbench.annotations.coded_clips import CodedClip, whole_or_part

from .schemes import EMOTIONS

STATES = tuple(EMOTIONS)
UNRECOGNISED = "unrecognised"

#: Sadness in the 2014 file, surprise in that of 2019.
MOVED = ("24/EP07_01", "24/EP07_04f", "24/EP10_03")
#: Disgust, 61-91-106; there only in the 256-row state.
SURPLUS = "24/EP02_07"
#: Action units ``?`` in the 2014 file, coded in that of 2019.
RESOLVED = ("05/EP05_03", "05/EP07_01", "05/EP13_04f", "19/EP11_01f", "26/EP13_01")

_BY_EMOTION = {"sadness": "2014", "surprise": "2019"}


def recognise(clips: Sequence[CodedClip]) -> tuple[str, tuple[str, ...]]:
    """The state of a table, and notes for the user.

    A table that has some of a state's clips is ``2014 (part)``. The emotions of `MOVED` decide. Where no such clip is
    there, the cells of `RESOLVED` do: ``?`` is of 2014, coded units are of 2019, and an empty cell tells nothing. Nor
    does a column of objective classes, which is new in 2019, but which users add to the table of 2014.
    """
    evidence = dict(_evidence({clip.name: clip for clip in clips}))
    states = set(evidence.values())
    if not states:
        distinctive = ", ".join((*MOVED, SURPLUS, *RESOLVED))
        return UNRECOGNISED, (
            f"Annotation state {UNRECOGNISED}: no clip is there by which the states differ ({distinctive}).",
        )
    if len(states) > 1:
        return UNRECOGNISED, (f"Annotation state {UNRECOGNISED}: {_listed(evidence)}, which is no state as a whole.",)
    state = states.pop()
    if state == UNRECOGNISED:
        return state, (f"Annotation state {state}: {_listed(evidence)}.",)
    recognised, notes = whole_or_part(clips, EMOTIONS[state], state)
    return recognised, tuple(f"{note} Told by: {_listed(evidence)}." for note in notes)


def _evidence(rows: Mapping[str, CodedClip]) -> Iterator[tuple[str, str]]:
    moved = {clip: _BY_EMOTION.get(rows[clip].emotion, UNRECOGNISED) for clip in MOVED if clip in rows}
    if SURPLUS in rows:
        yield f"{SURPLUS} is there", "256-row"
        moved = {clip: "256-row" if state == "2014" else state for clip, state in moved.items()}
    for clip, state in moved.items():
        yield f"{clip} is {rows[clip].emotion}", state
    if not moved and SURPLUS not in rows:
        for clip in filter(rows.__contains__, RESOLVED):
            units = rows[clip].action_units_annotated
            if units == "?":
                yield f"the action units of {clip} are ?", "2014"
            elif rows[clip].action_units:
                yield f"the action units of {clip} are {units}", "2019"


def _listed(evidence: Mapping[str, str]) -> str:
    return ", ".join(evidence)
