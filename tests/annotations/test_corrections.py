"""The list of corrections: only cells that are as the ledger says they were, and only by a named revision."""

import pandas as pd
import pytest

from merbench.annotations.corrections import Correction, apply_corrections, read_revision
from merbench.errors import UsageError


def table() -> pd.DataFrame:
    rows = [("01", "a", 10, 15, 20, "sad"), ("01", "a", 30, None, 0, "sad"), ("02", "a", 10, 9, 20, "sad")]
    return pd.DataFrame(rows, columns=["subject", "clip", "onset", "apex", "offset", "emotion"]).astype(
        {"apex": "Int64"}
    )


def correction(clip: str, field: str, old: str, new: str, onset: int | None = None) -> Correction:
    return Correction(clip=clip, field=field, old=old, new=new, why="a typo", source="a test", onset=onset)  # type: ignore[arg-type]


def test_a_mend_changes_its_cell_alone() -> None:
    found, done = apply_corrections(table(), [correction("01/a", "offset", "0", "40", onset=30)], "merbench-1")
    assert list(found["offset"]) == [20, 40, 20]
    assert [str(one) for one in done] == ["01/a: offset 0 -> 40 (a typo; a test)"]
    assert found.drop(columns="offset").equals(table().drop(columns="offset"))


def test_a_missing_apex_and_an_emotion_can_be_mended() -> None:
    ledger = [correction("01/a", "apex", "", "35", onset=30), correction("02/a", "emotion", "sad", "fear")]
    found, done = apply_corrections(table(), ledger, "merbench-1")
    assert (list(found["apex"]), found["emotion"].iloc[2], len(done)) == ([15, 35, 9], "fear", 2)


def test_a_cell_that_is_mended_already_is_left_alone() -> None:
    found, done = apply_corrections(table(), [correction("02/a", "apex", "99", "15")], "merbench-1")
    assert done == ()
    assert found.equals(table())


def test_without_a_revision_nothing_is_mended() -> None:
    before = table()
    found, done = apply_corrections(before, [correction("02/a", "apex", "9", "15")], "none")
    assert found is before
    assert done == ()


def test_a_recording_of_several_expressions_is_mended_where_the_old_value_is() -> None:
    found, _ = apply_corrections(table(), [correction("01/a", "apex", "15", "16")], "merbench-1")
    assert found["apex"].iloc[0] == 16
    assert pd.isna(found["apex"].iloc[1])


def test_an_unknown_revision_is_refused() -> None:
    with pytest.raises(UsageError, match="corrections=all is not possible: it must be one of none, merbench-1"):
        read_revision("all")
