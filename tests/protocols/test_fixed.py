"""The split that a dataset comes with."""

import pandas as pd
import pytest

from merbench.errors import ProtocolError
from merbench.protocol import checked_folds
from merbench.protocols.fixed import Fixed

SPLITS = {"01": "train", "02": "testB", "03": "train", "04": "testA"}
CLIPS = pd.DataFrame(
    [
        {"key": f"d/{subject}/{clip}", "dataset": "d", "subject": f"d/{subject}", "label": "a", "split": split}
        for subject, split in SPLITS.items()
        for clip in range(2)
    ]
).set_index("key")


def refused(clips: pd.DataFrame) -> str:
    with pytest.raises(ProtocolError) as refusal:
        checked_folds(Fixed(), clips)
    return str(refusal.value)


def test_a_fold_a_test_split_all_trained_on_the_same_clips() -> None:
    one, two = checked_folds(Fixed(), CLIPS)
    assert (one.name, two.name) == ("testA", "testB")
    assert one.train == two.train == ("d/01/0", "d/01/1", "d/03/0", "d/03/1")
    assert (one.test, two.test) == (("d/04/0", "d/04/1"), ("d/02/0", "d/02/1"))
    assert Fixed().subsets(CLIPS) == {"d/02/0": "testB", "d/02/1": "testB", "d/04/0": "testA", "d/04/1": "testA"}


def test_a_subject_on_both_sides_is_refused() -> None:
    assert "subject d/01 is trained on and held out" in refused(CLIPS.assign(split=["train", "testA"] * 4))


def test_a_table_without_a_split_is_refused() -> None:
    assert "8 of 8 clips have none there (d/01/0); fill it" in refused(CLIPS.assign(split=""))
    assert "fixed needs the column split of the clips" in refused(CLIPS.drop(columns="split"))


@pytest.mark.parametrize("word", ["train", "testA"])
def test_one_split_alone_is_refused(word: str) -> None:
    assert f"has {word} alone" in refused(CLIPS.assign(split=word))


def test_one_clip_without_a_split_is_not_left_out_in_silence() -> None:
    assert "1 of 8 clips have none there (d/04/1)" in refused(CLIPS.assign(split=[*CLIPS["split"][:-1], ""]))
