"""What a row of the leaderboard says, as text, for every page alike."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from merbench.analysis.group_inference import inference_of
from merbench.analysis.statistics import Interval
from merbench.leaderboard.ranking import Ranked, Ranking
from merbench.plural import plural
from merbench.results.header import NumericsRecord
from merbench.results.record import RunRecord
from merbench.results.seed_groups import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The cells of one row; a dash where a number does not exist, `missing` where it could, but was not run.

    `headline` is the score that ranks, `further` are the two that the kind of task lists beside it; `record` names the
    record of the first seed.
    """

    rank: str
    letters: str
    name: str
    mark: str
    method: str
    url: str
    recipe: str
    device: str
    headline: str
    interval: str
    further: tuple[str, str]
    seeds: str
    spread: str
    optimism: str
    tuned: str
    parameters: str
    minutes: str
    record: str


def rows_of(ranking: Ranking) -> list[Row]:
    """The rows of a task: its methods, the best first, and the random control under oracle, which has no rank."""
    rows = [_row(ranked) for ranked in ranking.rows]
    control = oracle_control([ranked.group for ranked in ranking.rows])
    return [*rows, _oracle_row(control)] if control is not None else rows


def longest(groups: Sequence[Group]) -> int:
    """The epochs of the longest entry that is no control; 0 where none has epochs."""
    entries = [group for group in groups if not _is_control(group)]
    return max((epochs_of(group) for group in entries if group.first.has_epochs), default=0)


def epochs_of(group: Group) -> int:
    """How many epochs a method ran."""
    return len(group.first.curve)


def oracle_control(groups: Sequence[Group]) -> Group | None:
    """The control `random` with the fewest epochs that are not fewer than the longest entry's, or else the most."""
    candidates = [group for group in groups if _method(group) == "random" and group.has("oracle")]
    enough = [group for group in candidates if epochs_of(group) >= longest(groups)]
    if enough:
        return min(enough, key=lambda group: (epochs_of(group), group.name))
    return max(candidates, key=lambda group: (epochs_of(group), group.name), default=None)


def controls(groups: Sequence[Group]) -> list[str]:
    """Sentences on the controls that a task lacks, and how to add them."""
    there = {_method(group) for group in groups}
    sentences = [
        f"Missing: the control {name}; run merbench run --method {name} on this task, and add it."
        for name in ("majority", "random")
        if name not in there
    ]
    control, needed = oracle_control(groups), longest(groups)
    if control is not None and needed and epochs_of(control) != needed:
        sentences.append(
            f"The control random picks among {plural(epochs_of(control), 'epoch')} here, the longest entry has "
            f"{needed}; for the "
            f"same number: merbench run --method random --set epochs={needed} on this task."
        )
    return sentences


def _address(url: str) -> str:
    # an edited record could contain a script here
    return url if re.fullmatch(r"https?://[\w./:?=&%#~+,;@-]+", url) else ""


def oracle_interval(group: Group) -> Interval:
    """The score under oracle with its interval."""
    row = inference_of([group], "oracle").methods[0]
    return Interval(value=row.value, low=row.low, high=row.high)


def _is_control(group: Group) -> bool:
    return group.first.family == "control"


def _method(group: Group) -> str:
    return group.first.method


def _row(ranked: Ranked) -> Row:
    group = ranked.group
    first, external = group.first, group.first.external
    return Row(
        rank="–" if ranked.rank is None else str(ranked.rank),
        letters=ranked.letters or "–",
        name=group.name,
        mark=_mark(group, ranked.missing),
        method="" if external else _method(group),
        url=_address(external.url) if external else "",
        recipe=first.recipe.name,
        device=_devices(group),
        headline=f"{group.headline():.3f}",
        interval=_range(ranked.score),
        further=_further(group, "last"),
        seeds=str(len(group.records)),
        spread=_deviation(group, "last"),
        optimism=_optimism(group),
        tuned=first.tuned or "no",
        parameters=f"{first.parameter_count:,}" if first.parameter_count else "–",
        minutes="–" if external else f"{np.mean([record.seconds for record in group.records]) / 60:.1f}",
        record=first.name,
    )


def _oracle_row(group: Group) -> Row:
    return Row(
        rank="–",
        letters="–",
        name=f"{group.name}, epoch picked on the test clips",
        mark=f"(control, oracle*, {plural(epochs_of(group), 'epoch')})",
        method=_method(group),
        url="",
        recipe=group.first.recipe.name,
        device="–",
        headline=f"{group.headline('oracle'):.3f}",
        interval=_range(oracle_interval(group)),
        further=_further(group, "oracle"),
        seeds=str(len(group.records)),
        spread=_deviation(group, "oracle"),
        optimism="–",
        tuned="–",
        parameters="–",
        minutes="–",
        record=group.first.name,
    )


def _further(group: Group, rule: str) -> tuple[str, str]:
    second, third = (f"{group.score(name, rule):.3f}" for name in group.kind.ranked[1:])
    return second, third


def _mark(group: Group, missing: str) -> str:
    marks = [
        *(["control"] if _is_control(group) else []),
        *([f"{group.unranked}: never ranked"] if group.unranked else [missing] if missing else []),
        *(["external"] if group.first.external else []),
        *(["no commit known"] if any(_nameless(record) for record in group.records) else []),
        *(["uncommitted code"] if any(record.code.dirty for record in group.records) else []),
    ]
    return f"({', '.join(marks)})" if marks else ""


def _nameless(record: RunRecord) -> bool:
    """Whether nobody can look up the code that a record was run by."""
    return record.external is None and not record.code.commit


def _devices(group: Group) -> str:
    return " / ".join(sorted({_device(record.numerics) for record in group.records}))


def _device(numerics: NumericsRecord | None) -> str:
    return f"{numerics.device_name}, {numerics.precision}" if numerics else "–"


def _range(interval: Interval) -> str:
    return "–" if math.isnan(interval.low) else f"{interval.low:.3f} to {interval.high:.3f}"


def _deviation(group: Group, rule: str) -> str:
    values = [record.scores[rule].headline for record in group.records]
    return f"{np.std(values, ddof=1):.3f}" if len(values) > 1 else "–"


def _optimism(group: Group) -> str:
    gains = [record.optimism for record in group.records if record.optimism is not None]
    if gains:
        return f"{np.mean(gains):+.3f}"
    return "missing" if group.first.has_epochs else "–"
