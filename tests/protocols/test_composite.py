"""Several datasets as one, and their scores by part."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.errors import ProtocolError
from merbench.protocol import checked_folds
from merbench.protocols.composite import Composite

CLIPS = pd.DataFrame(
    [
        {"key": f"{dataset}/{subject}/{clip}", "dataset": dataset, "subject": f"{dataset}/{subject}", "label": "a"}
        for dataset, subjects in (("smic", ("01", "02")), ("casme2", ("01", "02", "03")))
        for subject in subjects
        for clip in range(2)
    ]
).set_index("key")


@given(order=st.permutations(range(len(CLIPS))))
def test_the_same_folds_and_parts_for_any_order_of_rows(order: list[int]) -> None:
    shuffled = CLIPS.iloc[order]
    assert checked_folds(Composite(), shuffled) == checked_folds(Composite(), CLIPS)
    assert Composite().subsets(shuffled) == Composite().subsets(CLIPS)


def test_a_fold_a_subject_of_any_dataset_and_training_on_all_others() -> None:
    folds = checked_folds(Composite(), CLIPS)
    assert [fold.name for fold in folds] == ["casme2/01", "casme2/02", "casme2/03", "smic/01", "smic/02"]
    assert all(len(fold.train) + len(fold.test) == len(CLIPS) for fold in folds)
    assert {"casme2/01/0", "smic/02/1"} <= set(folds[3].train)  # 01 of the other dataset is another person


def test_parts_are_datasets() -> None:
    parts = Composite().subsets(CLIPS)
    assert list(parts) == list(CLIPS.index)
    assert {key.split("/")[0] for key in parts} == set(parts.values())
    assert all(key.startswith(part) for key, part in parts.items())


def test_one_dataset_is_no_composite() -> None:
    with pytest.raises(ProtocolError) as refused:
        checked_folds(Composite(), CLIPS[CLIPS["dataset"] == "smic"])
    assert str(refused.value) == (
        "composite needs at least 2 datasets, but the run has smic alone; "
        "give --data NAME=DIR for each, or none for synthetic ones."
    )
