"""Names that may be of one person, and those that are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.annotations.alike_names import alike_datasets, alike_subjects

SAME = ("01", "1", "001", "sub01", "Sub 1", "SUB_01", "sub-1", "subject1", "s1", "S01", "spNO.1")


@pytest.mark.parametrize("spelling", SAME[1:])
def test_spellings_of_one_subject(spelling: str) -> None:
    assert alike_subjects([f"lab/{SAME[0]}", f"lab/{spelling}"]) == (
        tuple(sorted((f"lab/{SAME[0]}", f"lab/{spelling}"))),
    )


def test_spellings_of_one_dataset_with_one_subject() -> None:
    assert alike_subjects(["CASME2/01", "casme-2/sub01"]) == (("CASME2/01", "casme-2/sub01"),)
    assert alike_datasets(["CASME2", "casme-2", "samm"]) == (("CASME2", "casme-2"),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "2"),
        ("1_1", "11"),
        ("S1", "P1"),
        ("A1", "B1"),
        ("anna", "anne"),
        ("10", "1"),
        ("1", "1a"),
        ("spNO.1", "spNO.11"),
    ],
)
def test_different_people(one: str, other: str) -> None:
    assert alike_subjects([f"lab/{one}", f"lab/{other}"]) == ()


def test_one_number_in_two_databases_is_two_people() -> None:
    assert alike_subjects(["casme2/01", "samm/01", "cas-me-3a/01"]) == ()


@pytest.mark.parametrize("other", ["smic-vis/s11", "SMIC_NIR/11", "smic/s011"])
def test_the_cameras_of_smic_show_the_same_people(other: str) -> None:
    assert alike_subjects(["smic-hs/11", other, "smic-hs/12"]) == (tuple(sorted(("smic-hs/11", other))),)


def test_a_bare_number_may_be_that_of_any_word() -> None:
    assert alike_subjects(["lab/S1", "lab/P1", "lab/1"]) == (("lab/1", "lab/P1", "lab/S1"),)


@given(st.lists(st.text(max_size=8), max_size=6))
def test_every_name_is_in_one_group_at_most(names: list[str]) -> None:
    groups = alike_subjects(f"lab/{name}" for name in names)
    listed = [name for group in groups for name in group]
    assert len(listed) == len(set(listed))
    assert all(len(group) > 1 for group in groups)


@given(
    st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=8).filter(
        lambda name: name.casefold() != name.upper().casefold() or name != name.upper()
    )
)
def test_case_does_not_matter(name: str) -> None:
    if name.upper().casefold() == name.casefold():
        assert len(alike_subjects([f"lab/{name}", f"lab/{name.upper()}"])) == 1
