"""How many clips of each class the subjects of real databases have, and as many for a synthetic one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: The column of a synthetic dataset's table that holds the rendered emotion, which label noise leaves as it is.
RENDERED_EMOTION = "rendered_emotion"

#: Clips by class (negative, positive, surprise), one row a subject, of most clips to fewest: counted from the public
#: list of MEGC 2019 (See et al., 2019). Subjects have no name here, and no row says anything of a clip.
PUBLIC: Mapping[str, tuple[tuple[int, int, int], ...]] = MappingProxyType(
    {
        "casme2": (
            (23, 7, 1),
            (3, 3, 5),
            (5, 2, 4),
            (9, 2, 0),
            (5, 5, 0),
            (5, 1, 3),
            (7, 1, 0),
            (0, 1, 5),
            (3, 0, 2),
            (4, 0, 1),
            (5, 0, 0),
            (1, 1, 2),
            (4, 0, 0),
            (0, 3, 0),
            (1, 1, 1),
            (1, 2, 0),
            (2, 0, 1),
            (2, 1, 0),
            (0, 2, 0),
            (2, 0, 0),
            (2, 0, 0),
            (2, 0, 0),
            (1, 0, 0),
            (1, 0, 0),
        ),
        "smic": (
            (22, 11, 6),
            (14, 3, 5),
            (10, 4, 5),
            (9, 4, 0),
            (0, 10, 0),
            (3, 2, 5),
            (0, 8, 1),
            (2, 0, 5),
            (3, 3, 1),
            (0, 1, 5),
            (3, 2, 1),
            (0, 1, 3),
            (1, 1, 2),
            (2, 0, 2),
            (0, 1, 1),
            (1, 0, 1),
        ),
        "samm": (
            (13, 7, 0),
            (9, 0, 2),
            (2, 7, 1),
            (9, 0, 0),
            (1, 5, 2),
            (7, 0, 1),
            (6, 0, 0),
            (2, 1, 2),
            (3, 2, 0),
            (4, 1, 0),
            (2, 2, 0),
            (3, 0, 1),
            (3, 0, 1),
            (4, 0, 0),
            (4, 0, 0),
            (1, 0, 2),
            (2, 0, 1),
            (2, 0, 1),
            (2, 0, 1),
            (3, 0, 0),
            (3, 0, 0),
            (2, 0, 0),
            (0, 1, 0),
            (1, 0, 0),
            (1, 0, 0),
            (1, 0, 0),
            (1, 0, 0),
            (1, 0, 0),
        ),
    }
)
#: Clips of CASME II that are in none of the three classes, for each that is: 99 others of 246, less two, to 145.
_UNCLASSED = 99 / 145


def subject_counts(database: str, subjects: int) -> list[tuple[int, int, int]]:
    """Clips by class of so many subjects, as spread over small and large ones as the database's are; all where 0.

    >>> subject_counts("smic", 2)
    [(0, 10, 0), (1, 1, 2)]
    """
    rows = PUBLIC[database]
    if not subjects:
        return list(rows)
    whole, rest = divmod(subjects, len(rows))
    places = [int((k + 0.5) * len(rows) / rest) for k in range(rest)]
    return [*(rows * whole), *(rows[place] for place in places)]


def composed(
    counts: tuple[int, int, int], shares: Mapping[str, int], class_of: Mapping[str, int | None], start: int
) -> list[str]:
    """The emotions of a subject's clips: those of a class in turn by share from `start` on, then those of none.

    >>> composed((2, 1, 0), {"anger": 1, "fear": 1, "joy": 1}, {"anger": 0, "fear": 0, "joy": 1}, 1)
    ['fear', 'anger', 'joy']
    """
    emotions: list[str] = []
    numbers = {0: counts[0], 1: counts[1], 2: counts[2], None: round(_UNCLASSED * sum(counts))}
    for label, number in numbers.items():
        turn = in_turn({name: share for name, share in shares.items() if class_of[name] == label})
        emotions += [turn[(start + k) % len(turn)] for k in range(number)] if turn else []
    return emotions


def in_turn(shares: Mapping[str, int]) -> list[str]:
    """Each name as often as its share, in rounds."""
    most = max(shares.values(), default=0)
    return [name for turn in range(most) for name, share in shares.items() if turn < share]
