"""Leave one dataset out, and from one dataset to another."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.errors import ProtocolError
from merbench.protocol import Protocol, checked_folds
from merbench.protocols.cross_dataset import CrossDataset
from merbench.protocols.transfer import Transfer, TransferParameters

CLIPS = pd.DataFrame(
    [
        {"key": f"{dataset}/{subject}/{clip}", "dataset": dataset, "subject": f"{dataset}/{subject}", "label": "a"}
        for dataset in "cab"
        for subject in ("01", "02")
        for clip in range(2)
    ]
).set_index("key")
TWO = CLIPS[CLIPS["dataset"] != "c"]


def transfer(train: str = "a", test: str = "b") -> Transfer:
    return Transfer(TransferParameters(train=train, test=test))


def of(*datasets: str) -> set[str]:
    return set(CLIPS.index[CLIPS["dataset"].isin(datasets)])


@pytest.mark.parametrize(("protocol", "clips"), [(CrossDataset(), CLIPS), (transfer(), TWO)])
@given(data=st.data())
def test_the_same_folds_for_any_order_of_rows(protocol: Protocol, clips: pd.DataFrame, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(clips))))
    assert checked_folds(protocol, clips.iloc[order]) == checked_folds(protocol, clips)


def test_each_dataset_is_held_out_once() -> None:
    folds = checked_folds(CrossDataset(), CLIPS)
    assert [fold.name for fold in folds] == ["a", "b", "c"]
    assert [set(fold.test) for fold in folds] == [of("a"), of("b"), of("c")]
    assert [set(fold.train) for fold in folds] == [of("b", "c"), of("a", "c"), of("a", "b")]
    assert set(CrossDataset().subsets(CLIPS).values()) == {"a", "b", "c"}


def test_transfer_has_a_direction() -> None:
    [there], [back] = checked_folds(transfer(), TWO), checked_folds(transfer("b", "a"), TWO)
    assert (there.name, back.name) == ("a to b", "b to a")
    assert (set(there.train), set(there.test)) == (of("a"), of("b"))
    assert (there.train, there.test) == (back.test, back.train)


@pytest.mark.parametrize("protocol", [CrossDataset(), transfer()])
def test_one_dataset_is_refused(protocol: Protocol) -> None:
    with pytest.raises(ProtocolError, match=f"{protocol.name} needs at least 2 datasets, but the run has a alone"):
        checked_folds(protocol, CLIPS[CLIPS["dataset"] == "a"])


@pytest.mark.parametrize(("train", "test", "clips"), [("a", "a", TWO), ("a", "x", TWO), ("a", "b", CLIPS)])
def test_other_than_the_two_datasets_are_refused(train: str, test: str, clips: pd.DataFrame) -> None:
    with pytest.raises(ProtocolError) as refused:
        checked_folds(transfer(train, test), clips)
    for word in (f"train={train} to test={test}", ", ".join(sorted(set(clips["dataset"]))), "--set protocol.train"):
        assert word in str(refused.value)
