"""Subjects dealt to folds."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.errors import ProtocolError, UsageError
from merbench.protocol import checked_folds
from merbench.protocols.kfold import KFold, KFoldParameters


def table(subjects: int, clips: int = 2) -> pd.DataFrame:
    names = [f"{'de'[number % 2]}/{number:02d}" for number in range(subjects)]
    rows = [{"key": f"{name}/{clip}", "dataset": name[0], "subject": name, "label": "a"}
            for name in names for clip in range(clips)]  # fmt: skip
    return pd.DataFrame(rows).set_index("key")


def kfold(folds: int = 5, seed: int = 0) -> KFold:
    return KFold(KFoldParameters(folds=folds, seed=seed))


@given(subjects=st.integers(2, 30), folds=st.integers(2, 30), seed=st.integers(0, 99), data=st.data())
def test_folds_are_sound_even_and_the_same_for_any_order_of_rows(
    subjects: int, folds: int, seed: int, data: st.DataObject
) -> None:
    clips, protocol = table(subjects), kfold(min(folds, subjects), seed)
    found = checked_folds(protocol, clips)
    order = data.draw(st.permutations(range(len(clips))))
    assert checked_folds(protocol, clips.iloc[order]) == found
    sizes = [clips.loc[list(fold.test), "subject"].nunique() for fold in found]
    assert len(found) == min(folds, subjects)
    assert max(sizes) - min(sizes) <= 1


def test_the_seed_deals_the_subjects() -> None:
    dealt = {checked_folds(kfold(seed=seed), table(20)) for seed in range(3)}
    assert len(dealt) == 3


def test_folds_are_named_by_number_and_count() -> None:
    assert [fold.name for fold in checked_folds(kfold(3), table(7))] == ["1 of 3", "2 of 3", "3 of 3"]


def test_fewer_subjects_than_folds_are_refused_with_a_mend() -> None:
    with pytest.raises(ProtocolError) as refused:
        checked_folds(kfold(), table(3))
    assert str(refused.value) == (
        "kfold with folds=5 needs at least 5 subjects, but there are 3 (d/00, d/02, e/01); "
        "give data of further subjects, or --set protocol.folds=3."
    )


def test_one_subject_is_refused() -> None:
    with pytest.raises(ProtocolError, match="kfold needs at least 2 subjects, but all 2 clips are of d/00"):
        checked_folds(kfold(2), table(1))


def test_one_fold_is_no_split() -> None:
    with pytest.raises(UsageError, match="folds=1 is not possible"):
        kfold(1)
