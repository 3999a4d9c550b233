"""Leave one subject out, and the audit that refuses unsound folds."""

from collections.abc import Iterator, Sequence

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.errors import ProtocolError
from merbench.protocol import Fold, Protocol, checked_folds, untrained_classes
from merbench.protocols.loso import LeaveOneSubjectOut

SUBJECTS = ("d/02", "d/01", "e/01", "d/10")
CLIPS = pd.DataFrame(
    [
        {
            "key": f"{subject}/{clip}",
            "dataset": subject[0],
            "subject": subject,
            "label": "ab"[(clip + len(subject)) % 2],
        }
        for subject in SUBJECTS
        for clip in range(3)
    ]
).set_index("key")


class Given(Protocol):
    """Folds as a test hands them in."""

    name = "given"
    title = "Made for a test"

    def __init__(self, folds: Sequence[Fold]) -> None:
        super().__init__()
        self.given = folds

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        return iter(self.given)


class Sampled(Given):
    """Folds that need not hold every clip out."""

    every_clip_once = False


def of(*subjects: str) -> tuple[str, ...]:
    return tuple(CLIPS.index[CLIPS["subject"].isin(subjects)])


def halves() -> list[Fold]:
    one, two = of("d/01", "e/01"), of("d/02", "d/10")
    return [Fold(name="one", train=two, test=one), Fold(name="two", train=one, test=two)]


def refusal(*folds: Fold, kind: type[Given] = Given) -> str:
    with pytest.raises(ProtocolError) as refused:
        checked_folds(kind(folds), CLIPS)
    return str(refused.value)


def test_sound_folds_pass_as_they_are() -> None:
    assert checked_folds(Given(halves()), CLIPS) == tuple(halves())


def test_a_subject_on_both_sides_is_refused() -> None:
    first, second = halves()
    leaking = Fold(name="one", train=(*first.train, first.test[0]), test=first.test[1:])
    assert refusal(leaking, second) == (
        "given, fold one: subject d/01 is trained on and held out; subjects must differ."
    )


def test_a_clip_that_is_never_held_out_is_refused() -> None:
    first, second = halves()
    assert refusal(first, Fold(name="two", train=second.train, test=second.test[1:])) == (
        "given: every clip must be held out exactly once, but 0 are held out again and 1 never."
    )


def test_a_clip_that_is_held_out_in_two_folds_is_refused() -> None:
    first, second = halves()
    again = Fold(name="again", train=of("d/01"), test=of("d/10"))
    assert "3 are held out again and 0 never" in refusal(first, second, again)


def test_folds_that_sample_may_hold_clips_out_twice_or_never() -> None:
    folds = [Fold(name="one", train=of("d/01"), test=of("d/10")), Fold(name="two", train=of("d/02"), test=of("d/10"))]
    assert len(checked_folds(Sampled(folds), CLIPS)) == 2


@pytest.mark.parametrize("side", ["train", "test"])
def test_an_empty_side_is_refused(side: str) -> None:
    first, second = halves()
    sides = {"train": first.train, "test": first.test, side: ()}
    assert refusal(Fold(name="one", **sides), second) == "given, fold one: one side of the split is empty."


@pytest.mark.parametrize("side", ["train", "test"])
def test_an_unknown_clip_is_refused(side: str) -> None:
    first, second = halves()
    sides = {"train": first.train, "test": first.test}
    sides[side] = (*sides[side], "d/99/0")
    assert refusal(Fold(name="one", **sides), second) == "given, fold one: unknown clip d/99/0."


@pytest.mark.parametrize("side", ["train", "test"])
def test_a_clip_twice_on_one_side_is_refused(side: str) -> None:
    first, second = halves()
    sides = {"train": first.train, "test": first.test}
    sides[side] = (*sides[side], sides[side][0])
    assert refusal(Fold(name="one", **sides), second) == "given, fold one: a clip stands twice on one side."


def test_two_folds_of_one_name_are_refused() -> None:
    first, second = halves()
    assert (
        refusal(first, Fold(name="one", train=second.train, test=second.test)) == "given: two folds have the same name."
    )


def test_no_folds_at_all_are_refused() -> None:
    assert refusal() == "given: no folds come of 12 clips."


def test_the_audit_also_holds_for_folds_that_sample() -> None:
    assert "is trained on and held out" in refusal(Fold(name="x", train=of("d/01"), test=of("d/01")), kind=Sampled)


def test_leave_one_subject_out_has_a_fold_a_subject_in_their_order() -> None:
    folds = checked_folds(LeaveOneSubjectOut(), CLIPS)
    assert [fold.name for fold in folds] == sorted(SUBJECTS)
    for fold in folds:
        assert set(fold.test) == set(of(fold.name))
        assert set(fold.train) == set(CLIPS.index) - set(fold.test)


@given(order=st.permutations(range(len(CLIPS))))
def test_leave_one_subject_out_does_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    assert checked_folds(LeaveOneSubjectOut(), CLIPS.iloc[order]) == checked_folds(LeaveOneSubjectOut(), CLIPS)


def test_equal_subject_ids_of_two_datasets_are_two_subjects() -> None:
    folds = {fold.name: fold for fold in checked_folds(LeaveOneSubjectOut(), CLIPS)}
    assert set(of("e/01")) <= set(folds["d/01"].train)


@pytest.mark.parametrize(("clips", "named"), [(CLIPS[CLIPS["subject"] == "d/01"], "d/01"), (CLIPS[:0], "none")])
def test_leave_one_subject_out_needs_two_subjects(clips: pd.DataFrame, named: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        checked_folds(LeaveOneSubjectOut(), clips)
    assert str(refused.value) == (
        f"loso needs at least 2 subjects, but all {len(clips)} clips are of {named}; give data of further subjects."
    )


def test_classes_held_out_without_a_training_clip_are_named() -> None:
    labels = ["rare" if key.startswith("d/10") else "b" for key in CLIPS.index]
    labels[0] = "a"
    labels[3] = "a"
    clips = CLIPS.assign(label=labels)
    assert untrained_classes(checked_folds(LeaveOneSubjectOut(), clips), clips) == {"d/10": ("rare",)}
    assert untrained_classes(checked_folds(LeaveOneSubjectOut(), CLIPS), CLIPS) == {}
