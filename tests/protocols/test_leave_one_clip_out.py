"""Leave one clip out, which alone may share subjects."""

from collections.abc import Iterator

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.errors import ProtocolError
from merbench.protocol import Fold, checked_folds, untrained_subjects
from merbench.protocols.leave_one_clip_out import LeaveOneClipOut
from merbench.protocols.loso import LeaveOneSubjectOut

CLIPS = pd.DataFrame(
    [{"key": f"d/{s}/{clip}", "dataset": "d", "subject": f"d/{s}", "label": "a"} for s in "21" for clip in range(3)]
).set_index("key")


class Honest(LeaveOneClipOut):
    """The same folds, without the label."""

    name = "honest"
    leaky = False


@given(order=st.permutations(range(len(CLIPS))))
def test_a_fold_a_clip_the_same_for_any_order_of_rows(order: list[int]) -> None:
    folds = checked_folds(LeaveOneClipOut(), CLIPS.iloc[order])
    assert folds == checked_folds(LeaveOneClipOut(), CLIPS)
    assert [fold.test for fold in folds] == [(key,) for key in sorted(CLIPS.index)]
    assert all(len(fold.train) == len(CLIPS) - 1 for fold in folds)


def test_the_audit_refuses_such_folds_without_the_label() -> None:
    with pytest.raises(ProtocolError, match="subject d/1 is trained on and held out"):
        checked_folds(Honest(), CLIPS)


class SameClip(LeaveOneClipOut):
    """Trains on the very clip."""

    name = "same-clip"

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        yield Fold(name="all", train=tuple(clips.index), test=tuple(clips.index))


def test_a_clip_on_both_sides_is_refused_even_so() -> None:
    with pytest.raises(ProtocolError, match="clip d/1/0 is trained on and held out"):
        checked_folds(SameClip(), CLIPS)


def test_one_subject_is_refused() -> None:
    with pytest.raises(ProtocolError, match="leave-one-clip-out needs at least 2 subjects"):
        checked_folds(LeaveOneClipOut(), CLIPS[:3])


def test_subjects_of_whom_nothing_is_trained_on() -> None:
    assert untrained_subjects(checked_folds(LeaveOneSubjectOut(), CLIPS), CLIPS) == {"d/1": ["d/1"], "d/2": ["d/2"]}
    assert set(map(tuple, untrained_subjects(checked_folds(LeaveOneClipOut(), CLIPS), CLIPS).values())) == {()}
