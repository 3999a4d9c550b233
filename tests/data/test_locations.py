"""Where data lies by the configuration."""

from pathlib import Path

import pytest

from merbench.data.locations import configured, configured_roots
from merbench.errors import UsageError
from merbench.experiments.specify import specification
from merbench.experiments.suite import read_suite
from merbench.registry import datasets


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MERBENCH_DATA", raising=False)
    return tmp_path


def test_nothing_is_configured_without_variable_and_file() -> None:
    assert configured("casme2") is None
    assert configured_roots() == {}


def test_the_variable_names_a_folder_with_one_folder_a_dataset(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "all" / "casme2").mkdir(parents=True)
    monkeypatch.setenv("MERBENCH_DATA", str(here / "all"))
    found = configured("casme2")
    assert found is not None
    assert (found.path, found.by) == (here / "all" / "casme2", "MERBENCH_DATA")
    assert configured("samm") is None


def test_the_file_names_paths_as_seen_from_it(here: Path) -> None:
    (here / "merbench.toml").write_text('[data]\ncasme2 = "faces/casme2"\n')
    found = configured("casme2")
    assert found is not None
    assert (found.path, found.by, found.exists) == ((here / "faces/casme2").resolve(), "merbench.toml", False)


def test_the_variable_comes_before_the_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "merbench.toml").write_text('[data]\ncasme2 = "other"\nsamm = "samm"\n')
    (here / "all" / "casme2").mkdir(parents=True)
    monkeypatch.setenv("MERBENCH_DATA", str(here / "all"))
    roots = {name: configured(name) for name in ("casme2", "samm")}
    assert {name: root and root.by for name, root in roots.items()} == {
        "casme2": "MERBENCH_DATA",
        "samm": "merbench.toml",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("data = 3", "data is 3, but must be a table"),
        ("[data]\ncasme2 = 3", "data.casme2 is 3, but must be a path in quotes"),
        ('[data]\ncasme2 = "\\u0000"', r"data.casme2 is '\x00', but must be a path in quotes"),
        ("[data", "cannot be read"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(here: Path, text: str, told: str) -> None:
    (here / "merbench.toml").write_text(text)
    with pytest.raises(UsageError, match=r"merbench\.toml") as refused:
        configured_roots()
    assert told in str(refused.value)


#: Usual spellings of every adapter, as folders and papers have them.
SPELLINGS = [
    ("casme", ("CASME", "Casme", "casme_")),
    ("casme2", ("CASME II", "CASMEII", "casme-2", "CASME_2")),
    ("cas-me-2", ("CAS(ME)^2", "CAS(ME)2", "cas_me_2")),
    ("cas-me-3a", ("CAS(ME)^3A", "CAS(ME)^3 A", "casme3a")),
    ("cas-me-3c", ("CAS(ME)^3C", "CAS(ME)3-C", "casme3c")),
    ("4dme", ("4DME", "4D ME", "4d-me")),
    ("dfme", ("DFME", "Dfme")),
    ("mmew", ("MMEW", "MMEW ")),
    ("samm", ("SAMM", "Samm")),
    ("smic-hs", ("SMIC-HS", "SMIC HS", "smic_hs", "SMICHS")),
    ("smic-vis", ("SMIC-VIS", "SMIC VIS")),
    ("smic-nir", ("SMIC-NIR", "Smic_NIR")),
    ("manifest", ("Manifest",)),
]
each_spelling = pytest.mark.parametrize(("name", "spelled"), [(name, text) for name, of in SPELLINGS for text in of])


@each_spelling
def test_a_line_and_a_folder_are_understood_however_they_are_spelled(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str, spelled: str
) -> None:
    (here / "merbench.toml").write_text(f'[data]\n"{spelled}" = "faces"\n')
    by_file = configured(name, datasets.canonical)
    assert by_file is not None
    assert (by_file.path, by_file.by) == (here / "faces", "merbench.toml")
    others = set(datasets.names()) - {name}
    assert all(configured(other, datasets.canonical) is None for other in others)
    (here / "all" / spelled).mkdir(parents=True)
    monkeypatch.setenv("MERBENCH_DATA", str(here / "all"))
    by_variable = configured(name, datasets.canonical)
    assert by_variable is not None
    assert (by_variable.path, by_variable.by) == (here / "all" / spelled, "MERBENCH_DATA")


@each_spelling
def test_a_run_and_a_file_of_runs_are_the_same_however_datasets_are_spelled(
    tmp_path: Path, name: str, spelled: str
) -> None:
    plain = specification("majority", dataset=name, data={name: tmp_path / "x"})
    assert specification("majority", dataset=spelled, data={spelled: tmp_path / "x"}) == plain
    assert specification("majority", dataset=spelled, data=tmp_path / "x") == plain
    assert specification("majority", dataset=name, data={spelled: tmp_path / "x"}) == plain
    file = tmp_path / "run.toml"
    file.write_text(f'method = "majority"\ndataset = "{spelled}"\ndata."{spelled}" = "x"\n')
    assert read_suite(file) == [plain]
    file.write_text(f'method = "majority"\ndatasets = ["{spelled}", "synthetic"]\ndata."{name}" = "x"\n')
    assert read_suite(file)[0] == plain


def test_two_folders_of_one_dataset_are_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--data casme2 and --data CASME II are both casme2; give it once"):
        specification("majority", data={"casme2": "a", "CASME II": "b"})
    (here / "merbench.toml").write_text('[data]\ncasme2 = "a"\nCASMEII = "b"\n')
    with pytest.raises(UsageError, match=r"two lines of \[data\] are casme2, CASMEII among them; leave one"):
        configured("casme2", datasets.canonical)
    for folder in ("CASME II", "CASMEII"):
        (here / "all" / folder).mkdir(parents=True)
    monkeypatch.setenv("MERBENCH_DATA", str(here / "all"))
    with pytest.raises(UsageError, match="several folders for casme2: CASME II, CASMEII; call the one to read casme2"):
        configured("casme2", datasets.canonical)
