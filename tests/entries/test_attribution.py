from __future__ import annotations

from pathlib import Path

import pytest

from merbench.annotations.clips import Annotations
from merbench.annotations.schemes import LabelScheme
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.entries.attribution import attributed, described
from merbench.entries.origins import Origin, record_origin
from merbench.errors import EntryFault, UsageError

TWO = LabelScheme(name="two", classes=("a", "b"), mapping={"a": "a", "b": "b"}, source="this test")


def _entry(fault: Exception) -> type[Dataset]:
    class Faulty(Dataset):
        name, title, schemes = "faulty", "A dataset that fails", (TWO,)

        def table(self, root: Path | None) -> Annotations:
            raise fault

        def frames(self, root: Path | None, clip: object) -> dict[int, Path]:
            return {}

    return Faulty


def test_an_error_in_an_entry_names_the_entry_its_file_and_its_line(tmp_path: Path) -> None:
    source = Source(dataset=_entry(ValueError("no\nsuch column"))(), root=tmp_path)
    expected = r"^The dataset faulty failed reading its table: ValueError: no such column \(at .*test_attribution\.py, "
    with pytest.raises(EntryFault, match=expected + r"line \d+, in table\)$"):
        source.annotations()


def test_a_sentence_for_the_user_passes_as_it_is(tmp_path: Path) -> None:
    source = Source(dataset=_entry(UsageError("choose another folder"))(), root=tmp_path)
    with pytest.raises(UsageError, match=r"^choose another folder$"):
        source.annotations()


def test_an_error_elsewhere_is_not_attributed_to_the_entry() -> None:
    class Innocent:
        name = "innocent"

    with pytest.raises(ZeroDivisionError), attributed(Innocent()):
        _ = 1 / 0


def test_a_description_says_the_package_of_foreign_entries_alone() -> None:
    foreign, shipped, unknown = (_entry(ValueError()) for _ in range(3))
    record_origin(foreign, Origin(place="x.py", package="lab-clips", version="2.1"))
    record_origin(shipped, Origin(place="x.py", package="merbench", version="0.1.0"))
    described_as = [described(kind) for kind in (foreign, shipped, unknown)]
    assert described_as == ["The dataset faulty of lab-clips 2.1", "The dataset faulty", "The dataset faulty"]
