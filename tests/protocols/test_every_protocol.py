"""What holds of every protocol that ships: the same folds in any row order, and what the audit proves of them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.metrics import keys_by_subset
from merbench.protocol import Protocol, checked_folds, untrained_classes, untrained_subjects
from merbench.registry import protocols

SHIPPED = tuple(name for name in protocols.names() if protocols.origins[name].package == "merbench")
DATASETS = ("synthetic-a", "synthetic-b")  # those that transfer goes between unless told otherwise
SPLITS = ("train", "testA", "testB")


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Clips of two datasets in any order; subjects bear the same names in both, a split each, and any classes."""
    rows = []
    for dataset in DATASETS:
        for subject in range(draw(st.integers(3, 5))):
            split = SPLITS[subject % 3] if dataset == DATASETS[0] else draw(st.sampled_from(SPLITS))
            rows += [
                {
                    "key": f"{dataset}/{subject:02d}/{clip}/1",
                    "dataset": dataset,
                    "subject": f"{dataset}/{subject:02d}",
                    "label": draw(st.sampled_from("abc")),
                    "split": split,
                }
                for clip in range(draw(st.integers(1, 3)))
            ]
    return pd.DataFrame(draw(st.permutations(rows))).set_index("key")


def of(name: str) -> Protocol:
    kind: type[Protocol] = protocols.get(name)
    return kind()


def test_those_of_the_documentation_are_here() -> None:
    assert set(SHIPPED) >= {
        "loso", "kfold", "composite", "objective-cde", "objective-hde", "cross-dataset", "transfer", "fixed",
        "leave-one-clip-out",
    }  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
@given(clips=tables(), data=st.data())
def test_folds_and_parts_are_the_same_for_any_order_of_rows(
    name: str, clips: pd.DataFrame, data: st.DataObject
) -> None:
    shuffled = clips.iloc[data.draw(st.permutations(range(len(clips))))]
    assert checked_folds(of(name), shuffled) == checked_folds(of(name), clips)
    assert keys_by_subset(of(name).subsets(shuffled)) == keys_by_subset(of(name).subsets(clips))


@pytest.mark.parametrize("name", SHIPPED)
@given(clips=tables())
def test_folds_are_sound(name: str, clips: pd.DataFrame) -> None:
    protocol = of(name)
    folds = checked_folds(protocol, clips)
    tested = [key for fold in folds for key in fold.test]
    assert len(set(tested)) == len(tested)
    if protocol.every_clip_once:
        assert sorted(tested) == sorted(clips.index)
    untrained = untrained_subjects(folds, clips)
    lacking = untrained_classes(folds, clips)
    for fold in folds:
        trained = clips.loc[list(fold.train)]
        held_out = clips.loc[list(fold.test)]
        if not protocol.leaky:
            assert not set(trained["subject"]) & set(held_out["subject"])
            assert set(held_out["subject"]) <= set(untrained[fold.name])
        assert set(lacking.get(fold.name, ())) == set(held_out["label"]) - set(trained["label"])


@pytest.mark.parametrize("name", SHIPPED)
@given(clips=tables())
def test_parts_hold_each_tested_clip_once_or_there_are_none(name: str, clips: pd.DataFrame) -> None:
    protocol = of(name)
    parts = protocol.subsets(clips)
    if parts:
        assert sorted(parts) == sorted(key for fold in protocol.folds(clips) for key in fold.test)
        assert protocol.subsets_note.endswith(".")
    else:
        assert protocol.subsets_note == ""
