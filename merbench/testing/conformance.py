"""A check, and what comes of it: usable by the command and by pytest alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from merbench.errors import MerbenchError

Subject = TypeVar("Subject")
Verdict = Literal["passed", "failed", "exempt"]


class Failed(AssertionError):
    """Raised by a check that an entry does not pass, with the reason in a sentence."""


class NotApplicable(Exception):
    """Raised by a check that says nothing about an entry, with the reason; it is shown, and is no failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[Subject]):
    """One check: its name, what it says in a few words, and the function that raises `Failed`.

    Of one that `may_be_exempt`, an entry may say by `check_exempt` why it is none for it.
    """

    name: str
    says: str
    run: Callable[[Subject], None]
    may_be_exempt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a check, and how long it took."""

    name: str
    says: str
    verdict: Verdict
    detail: str
    seconds: float


def results(
    checks: Sequence[Check[Subject]], subject: Callable[[], Subject], exempt: Mapping[str, str]
) -> Iterator[Result]:
    """What comes of every check, one by one; what an entry raises is a failure and stops no other check."""
    for check in checks:
        start = time.perf_counter()
        verdict, detail = verdict_of(check, subject, exempt)
        yield Result(
            name=check.name, says=check.says, verdict=verdict, detail=detail, seconds=time.perf_counter() - start
        )


def verdict_of(check: Check[Subject], subject: Callable[[], Subject], exempt: Mapping[str, str]) -> tuple[Verdict, str]:
    """What comes of one check, and why."""
    try:
        if reason := exemption(check, exempt):
            return "exempt", reason
        check.run(subject())
    except NotApplicable as why:
        return "exempt", str(why)
    except (Failed, MerbenchError) as why:
        return "failed", str(why)
    except Exception as fault:  # noqa: BLE001 (a stranger's entry can fail in any way)
        return "failed", f"{type(fault).__name__}: {fault}"
    return "passed", ""


def exemption(check: Check[Subject], exempt: Mapping[str, str]) -> str:
    """Why an entry says that a check is none for it; empty where it does not.

    Raises:
        Failed: for a check from which nothing can be exempt, or an exemption without a reason.
    """
    if check.name not in exempt:
        return ""
    if not check.may_be_exempt:
        raise Failed(f"check_exempt names {check.name}, from which no entry can be exempt; take it out.")
    if not exempt[check.name].strip():
        raise Failed(f"check_exempt[{check.name!r}] gives no reason; say in a few words why.")
    return exempt[check.name]


def require_known(exempt: Collection[str], checks: Sequence[Check[Subject]]) -> None:
    """Nothing, if every name in `exempt` is a check's.

    Raises:
        Failed: naming one that is not.
    """
    for name in exempt:
        if name not in {check.name for check in checks}:
            raise Failed(f"check_exempt names {name}, but there is no such check; take it out.")
