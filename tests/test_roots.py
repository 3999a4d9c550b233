"""Where data lies by the configuration."""

from pathlib import Path

import pytest

from merbench.data.locations import configured, configured_roots
from merbench.errors import UsageError


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
    assert (found.path, found.by, found.found) == ((here / "faces/casme2").resolve(), "merbench.toml", False)


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
        ("[data", "cannot be read"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(here: Path, text: str, told: str) -> None:
    (here / "merbench.toml").write_text(text)
    with pytest.raises(UsageError, match=r"merbench\.toml") as refused:
        configured_roots()
    assert told in str(refused.value)
