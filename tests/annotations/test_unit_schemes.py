"""Schemes of action units: names, lists, labels, and what falls out."""

import pytest

from merbench.annotations.unit_schemes import CD6ME_UNITS, UnitScheme, scheme_name, unit_scheme
from merbench.errors import UnknownName, UsageError
from merbench.registry import datasets


def scheme(name: str) -> UnitScheme:
    found = unit_scheme(name)
    assert found is not None
    return found


def test_the_twelve_of_cd6me_are_those_of_its_code() -> None:
    # dataset_aus["cross"] of github.com/tvaranka/meb, meb/utils/utils.py
    assert CD6ME_UNITS == (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17)
    assert scheme("au-12").classes == tuple(f"AU{unit}" for unit in CD6ME_UNITS)


@pytest.mark.parametrize(
    ("cell", "label"),
    [
        ("4", "AU4"), ("4.0", "AU4"), ("L12+R1", "AU1+AU12"), ("25", "none"), ("4+7+25", "AU4+AU7"),
        ("14+1", "AU1+AU14"),        ("", None), ("?", None), ("nan", None), ("soft", None),
    ],
)  # fmt: skip
def test_labels_name_the_units_in_order_and_uncoded_clips_fall_out(cell: str, label: str | None) -> None:
    assert scheme("au-12").label("01", "a", cell) == label


def test_one_list_has_one_name_however_it_is_written() -> None:
    assert scheme_name("4,1,2") == scheme_name(" AU2, 1 ,04") == "au=1,2,4"
    assert scheme_name(",".join(map(str, reversed(CD6ME_UNITS)))) == "au-12"
    assert scheme_name([4, 1, 2]) == scheme_name(("AU2", 1, 4)) == "au=1,2,4"
    assert scheme("au=4,1").classes == ("AU1", "AU4")
    assert unit_scheme("5-class") is None


@pytest.mark.parametrize("units", ["", "1,,2", "1,1", "0", "123", "1;2", "all", "-4"])
def test_what_is_no_list_of_units_is_refused(units: str) -> None:
    with pytest.raises(UsageError, match=r"numbers of action units, each once, .*--set scheme\.units=1,2,4"):
        scheme_name(units)


def test_every_dataset_serves_them_and_names_the_first_where_none_is_found() -> None:
    casme2 = datasets.get("casme2")
    assert casme2.scheme("au=4,12").classes == ("AU4", "AU12")
    with pytest.raises(UnknownName, match="au-12"):
        casme2.scheme("au12-scheme")


def test_reasons_name_what_stands_in_the_cell() -> None:
    assert scheme("au-12").left_out("?") == "no action units coded (?)"
    assert scheme("au-12").left_out("nan") == scheme("au-12").left_out("") == "no action units coded"
