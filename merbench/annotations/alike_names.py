"""Names that may be of one person: subjects that differ only by case, zeros, separators or a word such as ``sub``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

#: Words that tables write before a subject's number, and what they call the person.
_WORDS = {
    **dict.fromkeys(("s", "sub", "subj", "subject", "sp", "spno"), "subject"),
    **dict.fromkeys(("p", "part", "participant", "person"), "participant"),
    **dict.fromkeys(("id", "no", "nr"), ""),
}
#: Databases by their parts, which show the same people: the cameras of SMIC, whose subjects have one number in all.
_DATABASES = {"smichs": "smic", "smicvis": "smic", "smicnir": "smic"}
_TOKEN = re.compile(r"[0-9]+|[^\W0-9_]+")


def alike_subjects(subjects: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The groups of two or more qualified subjects that may be one person under several names, sorted.

    Case, zeros before a number, blanks, separators and a word such as ``sub`` before a number do not count, neither in
    the subject nor in its dataset, and the parts of a database that show the same people count as one dataset. Persons
    called by different words, ``S1`` and ``P1``, are different people.

    >>> alike_subjects(["lab/01", "lab/sub1", "LAB/1", "lab/02", "other/01"])
    (('LAB/1', 'lab/01', 'lab/sub1'),)
    >>> alike_subjects(["smic-hs/11", "smic-vis/11", "smic-vis/12"])
    (('smic-hs/11', 'smic-vis/11'),)
    >>> alike_subjects(["lab/S1", "lab/P1", "lab/s11", "lab/s1_1"])
    ()
    """
    by_skeleton: defaultdict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, set[str]]] = defaultdict(dict)
    for qualified in set(subjects):
        dataset, _, subject = qualified.partition("/")
        word, skeleton = _skeleton(subject)
        by_skeleton[database(dataset), skeleton].setdefault(word, set()).add(qualified)
    groups = (group for by_word in by_skeleton.values() for group in _groups(by_word))
    return tuple(sorted(tuple(sorted(group)) for group in groups if len(group) > 1))


def database(dataset: str) -> tuple[str, ...]:
    """What the names of datasets that may show the same people have in common.

    >>> database("SMIC-HS") == database("smic-vis") == database("smic") != database("casme2")
    True
    """
    tokens = _tokens(dataset)
    return (_DATABASES.get(tokens[0], tokens[0]), *tokens[1:])


def alike_datasets(datasets: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The groups of two or more datasets whose names differ only by case, zeros or separators, sorted.

    >>> alike_datasets(["SAMM", "samm", "casme2", "casme"])
    (('SAMM', 'samm'),)
    """
    by_tokens: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for name in datasets:
        by_tokens[_tokens(name)].add(name)
    return tuple(sorted(tuple(sorted(names)) for names in by_tokens.values() if len(names) > 1))


def described(groups: Iterable[tuple[str, ...]], most: int = 3) -> str:
    """Groups of names in a few words.

    >>> described([("lab/01", "lab/sub1")])
    'lab/01 and lab/sub1'
    """
    every = [" and ".join(group) for group in groups]
    more = f" and {len(every) - most} more groups" if len(every) > most else ""
    return "; ".join(every[:most]) + more


def _groups(by_word: dict[str, set[str]]) -> Iterable[set[str]]:
    if "" in by_word:  # a bare number may be that of any word
        yield set().union(*by_word.values())
    else:
        yield from by_word.values()


def _skeleton(subject: str) -> tuple[str, tuple[str, ...]]:
    """What a table calls its persons, if it writes that before a number, and the rest of the name."""
    tokens = _tokens(subject)
    word = "".join(tokens[:1])
    if len(tokens) > 1 and word in _WORDS and tokens[1].isdigit():
        return _WORDS[word], tokens[1:]
    return "", tokens


def _tokens(text: str) -> tuple[str, ...]:
    """Numbers without zeros before them, and what lies between them in lower case and without separators."""
    tokens: list[str] = []
    for token in _TOKEN.findall(text.casefold()):
        if token.isdecimal() and token.isascii():
            tokens.append(str(int(token)) if len(token) < 100 else token)
        elif tokens and not tokens[-1].isdigit():
            tokens[-1] += token
        else:
            tokens.append(token)
    return tuple(tokens) or (text.casefold(),)
