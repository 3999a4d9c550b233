"""Labelled clips: apexes, what is left out, and the fingerprint that defines the task."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.annotations.clips import COLUMNS, Annotations, Clip
from merbench.annotations.schemes import LabelScheme
from merbench.data.labelled_clips import APEX_POLICIES, LabelledClips, LeftOut
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.errors import AnnotationError, DataError, MerbenchError, UnknownName

Row = tuple[str, str, int, int | None, int, str, str]
ROWS: tuple[Row, ...] = (
    ("01", "a", 10, 15, 20, "Happy", "6+12"),
    ("01", "b", 30, 33, 40, " sad ", "L4+R15"),
    ("02", "a", 10, 15, 20, "happy", "?"),
    ("02", "c", 0, 5, 9, "odd", ""),
)


class Tiny(Dataset):
    """A dataset whose table a test hands in."""

    name = "tiny"
    title = "Made for a test"
    synthetic = True
    schemes = (
        LabelScheme(name="mood", classes=("up", "down"), mapping={"happy": "up", "sad": "down"}, source="a test"),
        LabelScheme(name="all", classes=("up", "odd"), mapping={"happy": "up", "odd": "odd"}, source="a test"),
    )

    def __init__(self, rows: Sequence[Row] = ROWS, notes: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.rows, self.notes = rows, notes

    def table(self, root: Path | None) -> Annotations:
        rows = [(*row, 200.0) for row in self.rows]
        table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"apex": "Int64"})
        return Annotations(table=table, state=f"{len(rows)} rows", notes=self.notes)

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        return {}


class Other(Tiny):
    """A second dataset, with the same subjects and clips."""

    name = "other"


class Different(Tiny):
    """A dataset with a scheme of the same name and other classes."""

    name = "different"
    schemes = (LabelScheme(name="mood", classes=("up", "odd"), mapping={"happy": "up", "odd": "odd"}, source="a test"),)


def task_of(*rows: Row, apex: str = "middle", scheme: str | None = None) -> LabelledClips:
    return labelled([Source(dataset=Tiny(rows or ROWS))], scheme, apex)  # type: ignore[arg-type]


def refusal(kind: type[MerbenchError], *rows: Row, apex: str = "middle") -> str:
    with pytest.raises(kind) as refused:
        task_of(*ROWS, *rows, apex=apex)
    return str(refused.value)


def with_apex(apex: int | None) -> Row:
    return ("03", "x", 100, apex, 111, "sad", "4")


def test_clips_are_labelled_sorted_and_qualified() -> None:
    task = task_of()
    assert list(task.clips.index) == ["tiny/01/a/10", "tiny/01/b/30", "tiny/02/a/10"]
    assert list(task.clips["label"]) == ["up", "down", "up"]
    assert list(task.clips["action_units"]) == [(6, 12), (4, 15), ()]
    assert task.counts == {"up": 2, "down": 1}
    assert task.labels().tolist() == [0, 1, 0]
    assert task.subjects == ("tiny/01", "tiny/02")
    assert task.states == {"tiny": "4 rows"}


def test_clips_come_back_as_records() -> None:
    expected = Clip(dataset="tiny", subject="01", name="b", onset=30, apex=33, offset=40)
    assert task_of().as_clips()[1] == expected
    assert [clip.key for clip in task_of().as_clips()] == list(task_of().clips.index)


def test_the_default_scheme_is_the_first_and_others_are_found_by_name() -> None:
    assert (task_of().scheme, task_of(scheme="all").classes) == ("mood", ("up", "odd"))
    with pytest.raises(UnknownName, match=r"Unknown label scheme of tiny 'moods'\. Did you mean 'mood'\?"):
        task_of(scheme="moods")


def test_clips_that_fall_out_of_the_scheme_are_counted_with_their_emotion() -> None:
    assert task_of().left_out == (LeftOut(key="tiny/02/c/0", why="scheme", reason="odd"),)


def test_clips_excluded_by_name_fall_out() -> None:
    class Excluding(Tiny):
        schemes = (dataclasses.replace(Tiny.schemes[0], excluded=frozenset({"02/a"})),)

    task = labelled([Source(dataset=Excluding())], None, "middle")
    assert [lost.key for lost in task.left_out] == ["tiny/02/a/10", "tiny/02/c/0"]


@pytest.mark.parametrize(
    ("apex", "fault"),
    [
        (None, "no apex is annotated"),
        (99, "the apex 99 lies outside 100..111"),
        (112, "the apex 112 lies outside 100..111"),
        (0, "the apex 0 lies outside 100..111"),
    ],
)
def test_a_missing_or_outlying_apex(apex: int | None, fault: str) -> None:
    row = with_apex(apex)
    middle = task_of(*ROWS, row, apex="middle")
    assert (middle.clips.loc["tiny/03/x/100", "apex"], middle.apexes) == (105, ("tiny/03/x/100",))
    drop = task_of(*ROWS, row, apex="drop")
    assert len(drop.clips) == 3
    assert drop.left_out[-1] == LeftOut(key="tiny/03/x/100", why="apex", reason=fault)
    assert drop.apexes == ()
    assert refusal(AnnotationError, row, apex="error").startswith(f"tiny/03/x/100: {fault}. Choose --apex middle ")


@pytest.mark.parametrize("apex", [100, 105, 111])
@pytest.mark.parametrize("policy", [policy for policy in APEX_POLICIES if policy != "spot-all"])
def test_an_apex_within_the_clip_stays_as_annotated(apex: int, policy: str) -> None:
    task = task_of(*ROWS, with_apex(apex), apex=policy)
    assert (task.clips.loc["tiny/03/x/100", "apex"], task.apexes) == (apex, ())


def test_every_apex_is_spotted_anew_where_that_is_asked_for() -> None:
    task = task_of(*ROWS, with_apex(100), apex="spot-all")
    assert task.clips.loc["tiny/03/x/100", "apex"] == 105
    assert task.apexes == tuple(task.clips.index)


def test_a_clip_of_one_frame_is_a_clip() -> None:
    task = task_of(*ROWS, ("03", "x", 7, None, 7, "sad", ""))
    assert task.clips.loc["tiny/03/x/7", "apex"] == 7


@pytest.mark.parametrize("policy", APEX_POLICIES)
def test_a_clip_that_ends_before_its_onset_is_left_out(policy: str) -> None:
    task = task_of(*ROWS, ("03", "x", 12, None, 11, "sad", "4"), apex=policy)
    (lost,) = (lost for lost in task.left_out if lost.why == "range")
    assert (lost.key, lost.reason) == ("tiny/03/x/12", "onset 12 lies after offset 11")


def test_an_absent_class_is_refused_with_the_counts() -> None:
    with pytest.raises(DataError) as refused:
        task_of(ROWS[0], ROWS[2])
    assert str(refused.value) == (
        "Scheme 'mood': no clip of class down in the table (up 2, down 0); "
        "choose another --scheme, or give data that has the class."
    )


def test_a_table_of_which_nothing_is_left_is_refused() -> None:
    with pytest.raises(DataError, match=r"tiny: scheme 'mood' leaves none of 1 clip \(.*\); choose another --scheme"):
        task_of(ROWS[3])


def test_a_repeated_clip_is_refused() -> None:
    assert refusal(AnnotationError, ROWS[0]).startswith(
        "tiny/01/a/10 stands in the table more than once (1 repeated rows)"
    )


def test_one_recording_may_hold_several_expressions() -> None:
    assert len(task_of(*ROWS, ("01", "a", 50, 55, 60, "sad", "")).clips) == 4


def test_an_action_unit_that_cannot_be_read_counts_as_not_coded() -> None:
    task = task_of(*ROWS, ("03", "x", 1, 2, 3, "sad", "4+x"))
    assert task.clips.loc["tiny/03/x/1", "action_units"] == ()


def test_equal_ids_of_two_datasets_stay_apart() -> None:
    task = labelled([Source(dataset=Tiny()), Source(dataset=Other())], None, "middle")
    assert task.subjects == ("other/01", "other/02", "tiny/01", "tiny/02")
    assert task.counts == {"up": 4, "down": 2}
    assert {clip.dataset for clip in task.as_clips()} == {"tiny", "other"}
    assert task.states == {"tiny": "4 rows", "other": "4 rows"}


def test_two_datasets_must_mean_the_same_classes_by_a_scheme() -> None:
    with pytest.raises(DataError, match="mood"):
        labelled([Source(dataset=Tiny()), Source(dataset=Different())], "mood", "middle")


def test_notes_of_every_dataset_are_kept() -> None:
    sources = [Source(dataset=Tiny(notes=("one",))), Source(dataset=Other(notes=("two",)))]
    assert labelled(sources, None, "middle").notes == ("one", "two")


def test_a_table_that_lacks_a_column_is_refused() -> None:
    with pytest.raises(AnnotationError, match="lacks the columns apex, fps"):
        Annotations(table=pd.DataFrame(columns=[c for c in COLUMNS if c not in ("apex", "fps")]), state="")


@given(order=st.permutations(ROWS))
def test_the_fingerprint_does_not_depend_on_the_order_of_rows(order: list[Row]) -> None:
    task = task_of(*order)
    assert task.fingerprint == task_of().fingerprint
    pd.testing.assert_frame_equal(task.clips, task_of().clips)


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, "09"), (1, "z"), (2, 31), (3, 34), (4, 41), (5, "happy")],
    ids=["subject", "clip", "onset", "apex", "offset", "emotion"],
)
def test_the_fingerprint_changes_with_what_defines_a_clip(place: int, value: object) -> None:
    rows = [*ROWS, ("03", "x", 1, 2, 3, "sad", "")]
    changed = list(rows)
    changed[1] = (*rows[1][:place], value, *rows[1][place + 1 :])  # type: ignore[assignment]
    assert task_of(*changed).fingerprint != task_of(*rows).fingerprint


def test_the_fingerprint_changes_with_the_scheme_and_with_what_is_left_out() -> None:
    class Renamed(Tiny):
        schemes = (dataclasses.replace(Tiny.schemes[0], name="other mood"),)

    task = task_of()
    assert labelled([Source(dataset=Renamed())], None, "middle").fingerprint != task.fingerprint
    assert task.without({"tiny/01/a/10": "gone"}).fingerprint != task.fingerprint


def test_the_fingerprint_does_not_see_what_falls_out_anyway() -> None:
    assert task_of(*ROWS[:3]).fingerprint == task_of().fingerprint


def test_clips_whose_frames_fail_are_left_out_and_counted() -> None:
    task = task_of().without({"tiny/02/a/10": "no file for frame 15"})
    assert list(task.clips.index) == ["tiny/01/a/10", "tiny/01/b/30"]
    assert task.left_out[-1] == LeftOut(key="tiny/02/a/10", why="frames", reason="no file for frame 15")
    assert len(task.left_out) == 2
    assert task_of().without({}).left_out == task_of().left_out


def test_a_clip_left_out_is_no_longer_among_the_apexes_that_were_set() -> None:
    task = task_of(*ROWS, with_apex(None))
    assert task.without({"tiny/03/x/100": "gone"}).apexes == ()


def test_leaving_out_the_last_clip_of_a_class_is_refused() -> None:
    with pytest.raises(DataError, match=r"no clip of class down in the table \(up 2, down 0\)"):
        task_of().without({"tiny/01/b/30": "gone"})


class Split(Tiny):
    """A table that says who is for training."""

    splits = ("train", " test", pd.NA, "")

    def table(self, root: Path | None) -> Annotations:
        found = super().table(root)
        return dataclasses.replace(found, table=found.table.assign(split=list(self.splits)))


def test_the_split_of_a_table_is_carried_and_empty_where_there_is_none() -> None:
    assert labelled([Source(dataset=Split())], None, "middle").clips["split"].tolist() == ["train", "test", ""]
    assert task_of().clips["split"].tolist() == ["", "", ""]


def test_the_split_defines_the_task_only_where_it_is_asked_for() -> None:
    class Swapped(Split):
        splits = ("test", "train", "", "")

    one, other = (labelled([Source(dataset=kind())], None, "middle") for kind in (Split, Swapped))
    assert one.fingerprint == other.fingerprint == task_of().fingerprint == one.fingerprint_with(())
    assert len({one.fingerprint, one.fingerprint_with(["split"]), other.fingerprint_with(["split"])}) == 3
