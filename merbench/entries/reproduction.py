"""A printed result as data: what is run for it, the number that should come out, and how close is close enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from merbench.errors import EntryError
from merbench.selection import Rule
from merbench.spec import ApexPolicy, MetricName, SettingValues

#: How the epoch of a printed number was chosen; `none` where there are no epochs to choose from.
PrintedRule = Literal["last", "oracle", "unknown", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNumber:
    """A number as it is printed, and where; `leaderboard/published.csv` has the same in the columns of these names.

    >>> PrintedNumber(
    ...     method="MMNet", data="CASME2", metric="Accuracy", value="88.35", unit="percent", rule="oracle",
    ...     evidence="secondary", source="a report",
    ... ).ratio
    0.8835
    """

    method: str
    data: str
    metric: str
    value: str
    unit: Literal["ratio", "percent"] = "ratio"
    rule: PrintedRule
    evidence: str
    source: str

    @property
    def ratio(self) -> float:
        """The number from 0 to 1."""
        return float(self.value) if self.unit == "ratio" else round(float(self.value) / 100, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Hours that a reproduction takes one core of a `machine` under all rules, extrapolated from what was `timed`.

    `busy` says that the machine did other work, too, so that the hours are rather too many.

    >>> Duration(core_hours=5.52).hours, Duration(core_hours=85.0).hours
    ('5.5', '85')
    """

    core_hours: float
    machine: str = "Intel Xeon (AMX), bfloat16, one thread"
    busy: bool = True
    timed: str = "training steps"

    @property
    def hours(self) -> str:
        """The hours in two digits."""
        return f"{self.core_hours:.0f}" if self.core_hours >= 10 else f"{self.core_hours:.2g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """One printed result of a method, and all that is run for it.

    `rule` is the paper's own selection rule; where that is unknown, the one by which it is judged here, and `remark`
    says so with everything else that no source tells. `clips` and `states` (annotation state by dataset) are those of
    the printed number. `settings` go beyond the recipe, and `files` are settings that only the user can give, with what
    the file must hold; the command that makes such a file may follow after a colon.

    >>> Reproduction(
    ...     name="mine", method="mine", datasets=("casme2",), rule="last", metric="uf1", clips=145,
    ...     printed=PrintedNumber(
    ...         method="Mine", data="CASME2", metric="UF1", value="0.71", rule="last", evidence="read in the paper",
    ...         source="the paper, table 2",
    ...     ),
    ...     tolerance=0.03, tolerance_reason="chosen here",
    ... ).accepts(0.735)
    True
    """

    name: str
    method: str
    recipe: str = "published"
    datasets: tuple[str, ...]
    protocol: str = "loso"
    scheme: str | None = None
    apex: ApexPolicy = "middle"
    settings: SettingValues = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    clips: int
    rule: Rule
    metric: MetricName
    printed: PrintedNumber
    tolerance: float
    tolerance_reason: str
    remark: str = ""
    duration: Duration | None = None

    def __post_init__(self) -> None:
        if self.name != self.method and not self.name.startswith(f"{self.method}-"):
            raise EntryError(
                f"Reproduction {self.name!r}: its name must be that of its method, {self.method}, or begin with "
                f"{self.method}-."
            )
        if not self.datasets or not 0 < self.tolerance < 1 or not self.tolerance_reason:
            raise EntryError(
                f"Reproduction {self.name!r}: it needs datasets, a tolerance between 0 and 1 and the reason for it."
            )
        if self.printed.rule in ("last", "oracle") and self.printed.rule != self.rule:
            raise EntryError(
                f"Reproduction {self.name!r}: it is judged under {self.rule}, but the printed number is of "
                f"{self.printed.rule}; use that rule."
            )
        if self.printed.rule == "unknown" and not self.remark:
            raise EntryError(
                f"Reproduction {self.name!r}: the rule of the printed number is unknown; say so in its remark, and why "
                f"it is judged under {self.rule}."
            )

    def accepts(self, score: float) -> bool:
        """Whether a score is as close to the printed number as the tolerance asks."""
        return abs(score - self.printed.ratio) <= self.tolerance


def declared_reproductions(entry: type) -> tuple[Reproduction, ...]:
    """The reproductions that a method's class declares itself; those of a base class are of the base class alone.

    Raises:
        EntryError: if they are none, or of another method.
    """
    declared: object = vars(entry).get("reproductions", ())
    name = getattr(entry, "name", entry.__qualname__)
    if not isinstance(declared, tuple) or not all(isinstance(each, Reproduction) for each in declared):
        raise EntryError(f"{name}: reproductions must be a tuple of Reproduction, such as (Reproduction(...),).")
    for each in declared:
        if each.method != name:
            raise EntryError(
                f"{name}: its reproduction {each.name!r} is of the method {each.method!r}; write {name!r}."
            )
    return declared
