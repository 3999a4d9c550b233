"""A table of text, and what is said in every table alike."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A heading, column names, and rows of text; the first `text_columns` columns are words, the others numbers.

    The first `keys` columns name a row; the `minor` ones may be left out in a narrow terminal, in that order.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    notes: tuple[str, ...] = ()
    keys: int = 1
    minor: tuple[str, ...] = ()


#: What is said of parameters that were chosen with the clips that are tested.
SEEN = "tuned on the evaluation subjects"
#: What is said wherever scores of a leaky protocol stand.
LEAKY = "leaky: subjects are trained on and tested, never ranked"
#: How the folds' counts become one score, by whether the protocol averages.
COMBINED = {
    False: "Counts are pooled over folds (MEGC 2019).",
    True: "Each score is the mean of the folds' own (HDE, MEGC 2018); counts are not pooled.",
}
