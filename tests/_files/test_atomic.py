import errno
import os
from multiprocessing import get_context
from pathlib import Path

import pytest

from merbench._files.atomic import atomic_create, atomic_write
from merbench._files.names import safe_name
from merbench.errors import StoreError

_SIZE = 200_000


def _write_often(path: Path, letter: str) -> None:
    for _ in range(40):
        atomic_write(path, letter.encode() * _SIZE)


def test_several_processes_write_one_file_and_every_reader_sees_one_of_their_texts(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    atomic_write(path, b"a" * _SIZE)
    writers = [get_context("fork").Process(target=_write_often, args=(path, letter)) for letter in "abc"]
    for writer in writers:
        writer.start()
    texts = []
    while any(writer.is_alive() for writer in writers):
        texts.append(path.read_bytes())
    for writer in writers:
        writer.join()
    texts.append(path.read_bytes())

    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert {(text[:1] * _SIZE) == text for text in texts} == {True}
    assert [file.name for file in tmp_path.iterdir()] == ["page.md"]


def test_a_file_that_cannot_be_written_keeps_its_text_and_the_error_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"file/page\.md cannot be written: .*\. Name another folder\.$"):
        atomic_write(tmp_path / "file" / "page.md", b"text", "Name another folder.")
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_very_long_name_is_written_too(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".csv")
    atomic_write(path, b"text")
    assert path.read_bytes() == b"text"


@pytest.mark.parametrize("text", ["../../etc/passwd", "a b/c\\d\n", "timm:resnet34", "é" * 300, ""])
def test_a_safe_name_has_no_separators_and_stays_short(text: str) -> None:
    name = safe_name(text)
    assert len(name) <= 120
    assert not set(name) & set("/\\: \n")


def test_a_new_file_is_made_whole_and_never_replaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "a.csv"
    atomic_create(path, b"one")
    with pytest.raises(FileExistsError):
        atomic_create(path, b"two")
    assert path.read_bytes() == b"one"

    def unsupported(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", unsupported)
    with pytest.raises(FileExistsError):
        atomic_create(path, b"two")
    atomic_create(path.with_name("b.csv"), b"three")
    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == {"a.csv": b"one", "b.csv": b"three"}
