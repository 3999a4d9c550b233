from __future__ import annotations

import pytest

from merbench.entries.names import require_name, same_name
from merbench.errors import EntryError, UnknownName
from merbench.registry import datasets, methods, protocols


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("casme-2", "casme2"), ("CASMEII", "casme2"), ("CASME II", "casme2"), ("CASME2", "casme2"),
        ("casme_2", "casme2"),
        ("CAS(ME)^2", "cas-me-2"), ("CAS_ME_2", "cas-me-2"), ("cas-me2", "cas-me-2"), ("CASME", "casme"),
        ("SAMM", "samm"), ("smic_hs", "smic-hs"), ("SMIC HS", "smic-hs"), ("CAS(ME)^3A", "cas-me-3a"),
    ],
)  # fmt: skip
def test_a_dataset_is_understood_however_it_is_spelled(spelled: str, name: str) -> None:
    assert datasets.canonical(spelled) == name
    assert datasets.get(spelled).name == name
    assert spelled in datasets


def test_protocols_and_methods_are_understood_too() -> None:
    assert protocols.get("LOSO").name == "loso"
    assert protocols.get("leave one clip out").name == "leave-one-clip-out"
    assert methods.get("MMNet").name == "mmnet"
    assert methods.get("Flow_SVM").name == "flow-svm"


@pytest.mark.parametrize("name", [*datasets.names(), *methods.names(), *protocols.names()])
def test_every_name_is_its_own_spelling(name: str) -> None:
    for registry in (datasets, methods, protocols):
        if name in registry.names():
            assert registry.canonical(name) == name
            assert registry.canonical(name.upper()) == name


@pytest.mark.parametrize(
    ("unknown", "others"),
    [
        ("casme3", ("casme2", "cas-me-2")), ("casme4", ("casme",)), ("samm2", ("samm",)), ("fdme", ("dfme", "4dme")),
        ("cas-me-ii", ("casme2", "cas-me-2")), ("dmme", ("dfme", "mmew")),
    ],
)  # fmt: skip
def test_no_dataset_is_taken_for_another(unknown: str, others: tuple[str, ...]) -> None:
    assert datasets.canonical(unknown) == unknown
    with pytest.raises(UnknownName) as refused:
        datasets.get(unknown)
    guesses = str(refused.value).partition("Did you mean ")[2].partition("?")[0]
    assert [other for other in others if f"'{other}'" in guesses] == []


def test_few_names_that_begin_alike_are_all_guessed() -> None:
    refused = str(UnknownName("reproduction", "mmnet", ["htnet", "mmnet-3-class", "mmnet-5-class"]))
    assert "Did you mean 'mmnet-3-class' or 'mmnet-5-class'?" in refused
    assert "Did you mean 'rcn-a' or 'rcn-s' or 'rcn-w'?" in str(UnknownName("method", "rcn", methods.names()))
    assert "Did you mean 'smic-hs' or 'smic-nir' or 'smic-vis'?" in str(
        UnknownName("dataset", "smic", datasets.names())
    )


@pytest.mark.parametrize(
    ("word", "meant"),
    [("svm", "flow-svm"), ("OFF_ApexNet", "off-apexnet"), ("mment", "mmnet"), ("Probe", "linear-probe")],
)
def test_a_part_or_another_case_of_a_name_is_guessed(word: str, meant: str) -> None:
    assert f"Did you mean {meant!r}?" in str(UnknownName("method", word, methods.names()))


@pytest.mark.parametrize("word", ["transformer", "cnn", "mobilenet", "foo", "bert", ""])
def test_a_word_unlike_any_name_gets_no_guess(word: str) -> None:
    assert "Did you mean" not in str(UnknownName("method", word, methods.names()))


def test_an_ambiguous_spelling_is_none_of_them() -> None:
    assert same_name("MY NET", ["my-net", "my_net"]) is None
    assert same_name("mynet", ["my-net", "other"]) == "my-net"


@pytest.mark.parametrize("name", ["", "-x", "a/b", "..", "a b", "a\nb", "\x1b[31m", "naïve", "a\u202eb", 7, None])
def test_names_that_cannot_be_are_refused(name: object) -> None:
    with pytest.raises(EntryError, match="is not possible: a name consists of"):
        require_name("Mine", name)


@pytest.mark.parametrize("name", ["timm", "timm:resnet34", "vit.tiny_1", "4dme", "A-1"])
def test_names_that_can_be_are_kept(name: str) -> None:
    assert require_name("Mine", name) == name


def test_components_may_be_sums() -> None:
    assert require_name("Mine", "onset+apex", plus=True) == "onset+apex"
    with pytest.raises(EntryError, match=r"name = 'onset\+apex' is not possible"):
        require_name("Mine", "onset+apex")
