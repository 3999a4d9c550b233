"""Label schemes: closed ones, open ones, and those of another column than the emotion."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from merbench.annotations.clips import Annotations, Clip
from merbench.annotations.schemes import LabelScheme, counted
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.errors import AnnotationError, EntryError, MissingData

OPEN = LabelScheme(name="as-found", classes=(), mapping={}, source="a test")


class Own(Dataset):
    """A dataset of one file, with open schemes."""

    name = "own"
    title = "Made for a test"
    root_may_be_file = True
    schemes = (OPEN, dataclasses.replace(OPEN, name="group", column="group"))

    def table(self, root: Path | None) -> Annotations:
        emotions, groups = (" Sad", "happy", "sad", "happy"), ("B", "a", "", "A ")
        rows = [("01", f"{n}", 1, 2, 3, emotion, "", 25.0) for n, emotion in enumerate(emotions)]
        table = pd.DataFrame(
            rows, columns=["subject", "clip", "onset", "apex", "offset", "emotion", "action_units", "fps"]
        )
        return Annotations(table=table.assign(group=groups), state="")

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        return {}


class Folder(Own):
    """The same in a folder."""

    name = "folder"
    root_may_be_file = False


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "table.csv"
    path.touch()
    return Source(dataset=Own(), root=path)


def test_an_open_scheme_takes_its_classes_from_the_table(source: Source) -> None:
    assert source.scheme(None).classes == ("happy", "sad")
    assert source.scheme("group").classes == ("a", "b")
    task = labelled([source], None, "middle")
    assert (task.scheme, task.counts) == ("as-found", {"happy": 2, "sad": 2})


def test_another_column_is_mapped_and_empty_cells_fall_out(source: Source) -> None:
    task = labelled([source], "group", "middle")
    assert task.clips["label"].tolist() == ["b", "a", "a"]
    assert [(lost.key, lost.reason) for lost in task.left_out] == [("own/01/2/1", "no group")]


def test_a_closed_scheme_stays(source: Source) -> None:
    closed = LabelScheme(name="x", classes=("b", "a"), mapping={"sad": "b"}, source="a test")
    assert closed.closed(Own().table(None).table) is closed


@pytest.mark.parametrize(("column", "found"), [("subject", "01"), ("nothing", "none")])
def test_fewer_than_two_classes_are_refused(column: str, found: str) -> None:
    scheme = dataclasses.replace(OPEN, column=column)
    with pytest.raises(AnnotationError, match=f"from the column '{column}' of the table, which has {found} there"):
        scheme.closed(Own().table(None).table)
    with pytest.raises(EntryError, match="must be at least two or none"):
        LabelScheme(name="x", classes=("a",), mapping={}, source="a test")


def test_a_file_is_a_root_only_where_the_adapter_says_so(source: Source, tmp_path: Path) -> None:
    assert not source.synthetic
    with pytest.raises(MissingData, match=r"table\.csv is a file; name the folder"):
        Source(dataset=Folder(), root=source.root)
    with pytest.raises(MissingData, match=r"^own: the data file or folder .*none does not exist\.$"):
        Source(dataset=Own(), root=tmp_path / "none")
    with pytest.raises(
        MissingData,
        match=r"^own: no data file given\. Add --data own=FILE to .* or --data FILE to .*; .* check own FILE\.$",
    ):
        Source(dataset=Own())
    with pytest.raises(
        MissingData, match=r"^folder: no data folder given\. Add --data folder=DIR .*; .* check folder DIR\.$"
    ):
        Source(dataset=Folder())


def test_a_counted_scheme_says_how_many_clips_of_whom_must_come_out_and_for_whom() -> None:
    scheme = counted(
        "2-class",
        {"joy": "up", "fear": "down", "anger": "down"},
        {"2014": {"joy": 3, "fear": 1, "anger": 4, "others": 9}},
        "a test",
        subjects={"2014": 5},
        users="nobody",
    )
    assert scheme.counts == {"2014": {"up": 3, "down": 5}}
    assert (scheme.subjects, scheme.users) == ({"2014": 5}, "nobody")
    assert (OPEN.subjects, OPEN.users) == ({}, "")
