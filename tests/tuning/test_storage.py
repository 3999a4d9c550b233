"""Databases that are not of studies: refused before anything is written to them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from merbench.errors import UsageError
from merbench.tuning.storage import require_usable, storage_at


def database(path: Path, *statements: str) -> str:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return f"sqlite:///{path}"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "CREATE TABLE studies (study_id INTEGER PRIMARY KEY, title TEXT)",
            "its table studies .* no column study_name",
        ),
        ("CREATE TABLE trials (number TEXT)", "its table trials .* no column .*study_id"),
        ("CREATE TABLE alembic_version (version_num TEXT, x TEXT)", ""),
    ],
)
def test_tables_of_another_program_are_refused_and_left_alone(tmp_path: Path, statement: str, said: str) -> None:
    where = database(tmp_path / "other.db", statement)
    before = (tmp_path / "other.db").read_bytes()
    if not said:
        require_usable(where, 15)
        return
    with pytest.raises(UsageError, match=f"--storage sqlite:///.*other.db cannot be used \\({said}"):
        require_usable(where, 15)
    assert (tmp_path / "other.db").read_bytes() == before


def test_tables_beside_those_of_studies_do_no_harm(tmp_path: Path) -> None:
    where = database(tmp_path / "shared.db", "CREATE TABLE guests (name TEXT)", "INSERT INTO guests VALUES ('a')")
    with storage_at(where, tmp_path, 15):
        pass
    with closing(sqlite3.connect(tmp_path / "shared.db")) as connection, connection:
        assert connection.execute("SELECT name FROM guests").fetchall() == [("a",)]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_bytes(b"no database, but notes of a meeting; " * 200)
    with pytest.raises(UsageError, match="file is not a database"):
        require_usable(f"sqlite:///{tmp_path / 'notes.db'}", 15)
    assert (tmp_path / "notes.db").read_bytes().startswith(b"no database")
