"""Each check of a dataset is proven by one that is built to fail it; all that ship pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from merbench.annotations.clips import Annotations, Clip
from merbench.annotations.schemes import LabelScheme
from merbench.data.export import export
from merbench.data.source import Source
from merbench.dataset import Dataset, Known
from merbench.errors import MissingData
from merbench.registry import EVERY, datasets
from merbench.testing import DATASET_CHECKS, DatasetChecks, check_dataset
from merbench.testing.conformance import Verdict, verdict_of
from merbench.testing.datasets import DatasetUnderTest, mock_dataset_under_test


class Fair(Dataset):
    """Four clips of two subjects."""

    name = "fair"
    title = "Made for a test"
    schemes = (LabelScheme(name="ab", classes=("a", "b"), mapping={"a": "a", "b": "b"}, source="a test"),)
    known = {"whole": Known(emotions={"a": 2, "b": 2}, subjects=2, source="a test")}  # noqa: RUF012

    def table(self, root: Path | None) -> Annotations:
        if root is None or not (root / "clips.csv").is_file():
            raise MissingData("fair: there is no clips.csv.")
        table = pd.read_csv(root / "clips.csv", dtype={"subject": str, "clip": str}).astype({"apex": "Int64"})
        return Annotations(table=self.mend(table), state="whole")

    def mend(self, table: pd.DataFrame) -> pd.DataFrame:
        return table

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        return {}

    def read(self, root: Path | None, clip: Clip, numbers: Sequence[int]) -> list[np.ndarray]:
        return [np.full((4, 4, 3), number, dtype=np.uint8) for number in numbers]


class NoTitle(Fair):
    title = ""


class Restless(Fair):
    def mend(self, table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(emotion=list(np.random.default_rng().permutation(list("abababab"))[:4]), more=id(table))


class Repeated(Fair):
    def mend(self, table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(subject="1", clip="1")


class Qualified(Fair):
    def mend(self, table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(subject="fair/" + table["subject"])


class Slashed(Fair):
    def mend(self, table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(clip="a/" + table["clip"])


class Counted(Fair):
    known = {"whole": Known(emotions={"a": 3, "b": 1}, subjects=2, source="a test")}  # noqa: RUF012


class OneClass(Fair):
    def mend(self, table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(emotion="a")


class Floats(Fair):
    def read(self, root: Path | None, clip: Clip, numbers: Sequence[int]) -> list[np.ndarray]:
        return [np.zeros((4, 4, 3)) for _ in numbers]


class Writing(Fair):
    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        assert root is not None
        (root / f"{clip.name}.txt").write_text("seen")
        return {}


class Raw(Fair):
    def table(self, root: Path | None) -> Annotations:
        assert root is not None
        (root / "clips.csv").read_text()
        return super().table(root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with four clips of two subjects."""
    rows = [(s, c, 1, 3, 5, "ab"[c], "", 100) for s in (1, 2) for c in (0, 1)]
    columns = ["subject", "clip", "onset", "apex", "offset", "emotion", "action_units", "fps"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "clips.csv", index=False)
    return tmp_path


def verdict(name: str, dataset: Dataset, root: Path) -> tuple[Verdict, str]:
    [check] = [check for check in DATASET_CHECKS if check.name == name]
    source = Source(dataset=dataset, root=root)
    return verdict_of(check, lambda: DatasetUnderTest(source=source, whole=source), {})


@pytest.mark.parametrize(
    ("name", "dataset", "why"),
    [
        ("declaration", NoTitle, "lacks a title"),
        ("table", Restless, "another one when it is read again"),
        ("identity", Repeated, "more than once"),
        ("subjects", Qualified, "already starts with its dataset"),
        ("subjects", Slashed, "must not have a /"),
        ("counts", Counted, "differ in a 2 of 3"),
        ("scheme", OneClass, "no clip of class b"),
        ("frames", Floats, "must be uint8"),
        ("folder", Writing, "other ones after reading"),
        ("empty", Raw, "FileNotFoundError"),
    ],
)
def test_a_check_finds_what_it_is_there_for(name: str, dataset: type[Dataset], why: str, root: Path) -> None:
    found, detail = verdict(name, dataset(), root)
    assert (found, why in detail) == ("failed", True), detail


@pytest.mark.parametrize("name", [check.name for check in DATASET_CHECKS if check.name != "frames"])
def test_a_fair_dataset_passes(name: str, root: Path) -> None:
    assert verdict(name, Fair(), root) == ("passed", "")


ELSEWHERE = """
import multiprocessing
import numpy as np
from merbench import Dataset, LabelScheme
from merbench.annotations.clips import Annotations
import pandas as pd


class Strange(Dataset):
    '''Reads other frames in other processes, or not.'''

    name = "strange"
    title = "Made for a test"
    synthetic = True
    schemes = (LabelScheme(name="ab", classes=("a", "b"), mapping={{"a": "a", "b": "b"}}, source="a test"),)

    def table(self, root):
        rows = [("1", c, 1, 3, 5, c, "", 100) for c in "ab"]
        columns = ["subject", "clip", "onset", "apex", "offset", "emotion", "action_units", "fps"]
        return Annotations(table=pd.DataFrame(rows, columns=columns).astype({{"apex": "Int64"}}), state="whole")

    def frames(self, root, clip):
        return {{}}

    def read(self, root, clip, numbers):
        more = {more}
        return [np.full((4, 4, 3), number + more, dtype=np.uint8) for number in numbers]
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "expected"), [("0", "passed"), ("int(multiprocessing.parent_process() is not None)", "failed")]
)
def test_frames_are_read_in_a_spawned_process(entry: Callable[..., Any], more: str, expected: str) -> None:
    kind = entry(ELSEWHERE.format(more=more), EVERY.index(datasets))
    source = Source(dataset=kind())
    [check] = [check for check in DATASET_CHECKS if check.name == "frames"]
    assert verdict_of(check, lambda: DatasetUnderTest(source=source, whole=source), {})[0] == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", datasets.names())
def test_every_dataset_passes(name: str, tmp_path: Path) -> None:
    kind = datasets.get(name)
    if kind.synthetic:
        held = DatasetUnderTest(source=Source(dataset=kind()), whole=Source(dataset=kind()))
    elif kind.root_may_be_file:
        stand_in = mock_dataset_under_test(datasets.get("casme2")(), tmp_path)
        export(stand_in.source, tmp_path / "clips.csv")
        source = Source(dataset=kind(), root=tmp_path / "clips.csv")
        held = DatasetUnderTest(source=source, whole=source)
    else:
        held = mock_dataset_under_test(kind(), tmp_path)
    found = list(check_dataset(held.source, held.whole))
    assert [f"{result.name}: {result.detail}" for result in found if result.verdict == "failed"] == []


class TestTheFace(DatasetChecks):
    """Inherited with one fixture, it runs; a check is taken out as any test is."""

    test_frames = None  # a class of a test file is not found by another process

    @pytest.fixture
    def source(self, root: Path) -> Source:
        return Source(dataset=Fair(), root=root)
