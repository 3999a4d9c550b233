"""What a row of the leaderboard says, as text, for every page alike."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from merbench.analysis.statistics import Interval, interval
from merbench.leaderboard.ranking import Ranked, Ranking
from merbench.results.seed_groups import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The cells of one row; a dash where a number does not exist, `missing` where it could, but was not run."""

    rank: str
    name: str
    mark: str
    method: str
    url: str
    recipe: str
    device: str
    uf1: str
    interval: str
    uar: str
    accuracy: str
    seeds: str
    spread: str
    optimism: str
    tuned: str
    parameters: str
    minutes: str


def rows_of(found: Ranking) -> list[Row]:
    """The rows of a task: its methods, the best first, and the random control under oracle, which has no rank."""
    rows = [_row(ranked) for ranked in found.rows]
    control = oracle_control([ranked.group for ranked in found.rows])
    return [*rows, _oracle_row(control)] if control is not None else rows


def longest(groups: Sequence[Group]) -> int:
    """The epochs of the longest entry that is no control; 0 where none has epochs."""
    entries = [group for group in groups if not _is_control(group)]
    return max((epochs_of(group) for group in entries if group.content["has_epochs"]), default=0)


def epochs_of(group: Group) -> int:
    """How many epochs a method ran."""
    return len(group.content["curve"])


def oracle_control(groups: Sequence[Group]) -> Group | None:
    """The control `random` with the fewest epochs that are not fewer than the longest entry's, or else the most."""
    found = [group for group in groups if _method(group) == "random" and group.has("oracle")]
    enough = [group for group in found if epochs_of(group) >= longest(groups)]
    if enough:
        return min(enough, key=lambda group: (epochs_of(group), group.name))
    return max(found, key=lambda group: (epochs_of(group), group.name), default=None)


def controls(groups: Sequence[Group]) -> list[str]:
    """Sentences on the controls that a task lacks, and how to add them."""
    there = {_method(group) for group in groups}
    said = [
        f"Missing: the control {name}; run merbench run --method {name} on this task, and add it."
        for name in ("majority", "random")
        if name not in there
    ]
    control, needed = oracle_control(groups), longest(groups)
    if control is not None and needed and epochs_of(control) != needed:
        said.append(
            f"The control random picks among {epochs_of(control)} epochs here, the longest entry has {needed}; for the "
            f"same number: merbench run --method random --set epochs={needed} on this task."
        )
    return said


def _address(url: object) -> str:
    # whoever edits a record by hand could put a script there
    return url if isinstance(url, str) and re.fullmatch(r"https?://[\w./:?=&%#~+,;@-]+", url) else ""


def _is_control(group: Group) -> bool:
    return bool(group.content["family"] == "control")


def _method(group: Group) -> str:
    return str(group.content["description"]["method"])


def _row(ranked: Ranked) -> Row:
    group = ranked.group
    content, external = group.content, group.content.get("external")
    return Row(
        rank="–" if ranked.rank is None else str(ranked.rank),
        name=group.name,
        mark=_mark(group),
        method="" if external else _method(group),
        url=_address(external.get("url")) if external else "",
        recipe=content["recipe"]["name"],
        device=_devices(group),
        uf1=f"{group.mean(lambda scores: scores.uf1):.3f}",
        interval=_range(ranked.uf1),
        uar=f"{group.mean(lambda scores: scores.uar):.3f}",
        accuracy=f"{group.mean(lambda scores: scores.accuracy):.3f}",
        seeds=str(len(group.records)),
        spread=_deviation(group, "last"),
        optimism=_optimism(group),
        tuned=content.get("tuned", "no"),
        parameters=f"{content['parameter_count']:,}" if content["parameter_count"] else "–",
        minutes="–" if external else f"{np.mean([r.content['seconds'] for r in group.records]) / 60:.1f}",
    )


def _oracle_row(group: Group) -> Row:
    return Row(
        rank="–",
        name=f"{group.name}, epoch picked on the test clips",
        mark=f"(control, oracle*, {epochs_of(group)} epochs)",
        method=_method(group),
        url="",
        recipe=group.content["recipe"]["name"],
        device="–",
        uf1=f"{group.mean(lambda scores: scores.uf1, 'oracle'):.3f}",
        interval=_range(interval(group.records, "oracle")),
        uar=f"{group.mean(lambda scores: scores.uar, 'oracle'):.3f}",
        accuracy=f"{group.mean(lambda scores: scores.accuracy, 'oracle'):.3f}",
        seeds=str(len(group.records)),
        spread=_deviation(group, "oracle"),
        optimism="–",
        tuned="–",
        parameters="–",
        minutes="–",
    )


def _mark(group: Group) -> str:
    marks = [
        *(["control"] if _is_control(group) else []),
        *([f"{group.unranked}: never ranked"] if group.unranked else []),
        *(["external"] if group.content.get("external") else []),
        *(["uncommitted code"] if any(record.content["code"]["dirty"] for record in group.records) else []),
    ]
    return f"({', '.join(marks)})" if marks else ""


def _devices(group: Group) -> str:
    return " / ".join(sorted({_device(record.content["numerics"]) for record in group.records}))


def _device(numerics: Mapping[str, str] | None) -> str:
    return f"{numerics['device_name']}, {numerics['precision']}" if numerics else "–"


def _range(found: Interval) -> str:
    return "–" if math.isnan(found.low) else f"{found.low:.3f} to {found.high:.3f}"


def _deviation(group: Group, rule: str) -> str:
    values = [record.scores[rule].uf1 for record in group.records]
    return f"{np.std(values, ddof=1):.3f}" if len(values) > 1 else "–"


def _optimism(group: Group) -> str:
    gains = [record.content["optimism"] for record in group.records if record.content["optimism"] is not None]
    if gains:
        return f"{np.mean(gains):+.3f}"
    return "missing" if group.content["has_epochs"] else "–"
