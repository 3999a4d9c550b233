"""Published numbers of the methods of a table, on the same composite; they are shown and never ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from merbench.analysis.table import Table
from merbench.kind_names import MULTI_NAME
from merbench.leaderboard.published import RULES, Published
from merbench.results.seed_groups import Group

#: The data of `published.csv` that a task of this protocol and class set stands for.
_DATA = MappingProxyType({("composite", "3-class-megc2019"): "MEGC2019-Full"})
METRIC = "UF1"
#: Other names under which it is in print: counts pooled over folds, and the mean of F1 over classes.
_SAME_METRIC = frozenset({METRIC, "UF1 (pooled)", "UF1 (pooled macro)"})
_HEADS = MappingProxyType(
    {
        "last": "last",
        "none": "no epochs",
        "oracle": "oracle †",
        "unknown": "rule not stated †",
        "hidden test": "hidden test",
    }
)


def in_print(groups: Sequence[Group], published: Sequence[Published]) -> Table | None:
    """UF1 of each method here, and as printed under each rule; None where nothing of its data is in print.

    A printed name counts for a method with this title, and for its variants: RCN for RCN-A. What is never ranked, such
    as runs from weights that may have seen the tested subjects, is left out.
    """
    first, task = groups[0].first, groups[0].task
    if groups[0].kind.name == MULTI_NAME:  # of which another score is in print
        return None
    data = None if first.synthetic else _DATA.get((task.protocol, task.scheme))
    on_data = [one for one in published if one.data == data and one.metric in _SAME_METRIC]
    by_title: dict[str, list[Group]] = {}
    for group in groups:
        if not group.unranked:
            by_title.setdefault(group.first.title, []).append(group)
    printed = {title: [one for one in on_data if _is_of(one, title)] for title in by_title}
    if not any(printed.values()):
        return None
    rules = [rule for rule in RULES if any(one.rule == rule for ones in printed.values() for one in ones)]
    return Table(
        title=f"In print, {METRIC} on {data}: of other flow and preparation, and never ranked; † marks rules under "
        "which test labels may have chosen the epoch",
        columns=("method", "here, last", *(_HEADS[rule] for rule in rules)),
        rows=tuple((title, _here(by_title[title]), *_cells(ones, rules)) for title, ones in printed.items() if ones),
    )


def _is_of(one: Published, title: str) -> bool:
    name = one.method.partition(" (")[0]
    return title == name or title.startswith(f"{name}-")


def _here(groups: Sequence[Group]) -> str:
    """The score of each group, with its recipe and what the user changed."""
    marks = [group.name.removeprefix(group.first.method).strip() or f"({group.first.recipe.name})" for group in groups]
    return ", ".join(f"{group.headline():.3f} {mark}" for group, mark in zip(groups, marks, strict=True))


def _cells(ones: Sequence[Published], rules: Sequence[str]) -> list[str]:
    by_rule: Mapping[str, list[str]] = {rule: [one.value for one in ones if one.rule == rule] for rule in rules}
    return [", ".join(dict.fromkeys(values)) or "–" for values in by_rule.values()]
