"""Each check of a protocol is proven by one that is built to fail it; all that ship pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd
import pytest

from merbench.entries.parameters import Parameters
from merbench.protocol import Fold, Protocol, by_dataset, split
from merbench.registry import protocols
from merbench.testing import PROTOCOL_CHECKS, ProtocolChecks, check_protocol
from merbench.testing.conformance import Verdict, verdict_of


def verdict(name: str, protocol: Protocol) -> tuple[Verdict, str]:
    [check] = [check for check in PROTOCOL_CHECKS if check.name == name]
    return verdict_of(check, lambda: protocol, {})


class Fair(Protocol):
    """One subject out at a time."""

    name = "fair"
    title = "Made for a test"

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        for subject in sorted(set(clips["subject"])):
            yield split(subject, clips, clips["subject"] == subject)


class NoTitle(Fair):
    title = ""


class Twice(Fair):
    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        first, *rest = super().folds(clips)
        yield from (first, *rest, replace(first, name="again"))


class Shared(Fair):
    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        for fold in super().folds(clips):
            yield replace(fold, train=(*fold.train, fold.test[0]), test=fold.test[1:])


class ByRow(Fair):
    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        for subject in dict.fromkeys(clips["subject"]):
            yield split(subject, clips, clips["subject"] == subject)


class Changing(Fair):
    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        clips["seen"] = True
        return super().folds(clips)


class StraySubsets(Fair):
    subsets_note = "A part is nothing."

    def subsets(self, clips: pd.DataFrame) -> Mapping[str, str]:
        return {"no/such/clip/1": "a"}


class UnexplainedSubsets(Fair):
    def subsets(self, clips: pd.DataFrame) -> Mapping[str, str]:
        return by_dataset(clips)


class NeedsTwo(Fair):
    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        sorted(set(clips["subject"]))[1]
        return super().folds(clips)


class Lambda(Fair):
    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.order = lambda subject: subject


@pytest.mark.parametrize(
    ("name", "protocol", "why"),
    [
        ("declaration", NoTitle, "lacks a title"),
        ("audit", Twice, "held out exactly once"),
        ("subjects", Shared, "is trained on and held out"),
        ("order", ByRow, "order of rows"),
        ("table", Changing, "changes the table"),
        ("subsets", StraySubsets, "no clip"),
        ("subsets", UnexplainedSubsets, "belong together"),
        ("one-subject", NeedsTwo, "list index out of range"),
        ("pickle", Lambda, "cannot be pickled"),
    ],
)
def test_a_check_finds_what_it_is_there_for(name: str, protocol: type[Protocol], why: str) -> None:
    found, detail = verdict(name, protocol())
    assert (found, why in detail) == ("failed", True), detail


@pytest.mark.parametrize("name", protocols.names())
def test_every_protocol_passes(name: str) -> None:
    found = list(check_protocol(protocols.get(name)()))
    assert [f"{result.name}: {result.detail}" for result in found if result.verdict == "failed"] == []
    exempt = {result.name for result in found if result.verdict == "exempt"}
    assert exempt == ({"subjects"} if protocols.get(name).leaky else set())


class TestTheFace(ProtocolChecks):
    """Inherited with one fixture, it runs."""

    @pytest.fixture
    def protocol(self) -> Fair:
        return Fair()
