"""A mock tree that is cut short: refused by readers, begun anew by writers; a refusal leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from merbench.data.source import Source
from merbench.dataset import UNFINISHED_MARK
from merbench.datasets.casme2 import Casme2
from merbench.errors import MissingData, UsageError
from merbench.synthetic.mock_tree import write_mock


def contents(root: Path) -> dict[str, bytes]:
    """The files of a tree; workbooks by their names alone, as they hold the time they were written."""
    paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return {str(path.relative_to(root)): b"" if path.suffix == ".xlsx" else path.read_bytes() for path in paths}


def stop(done: int, total: int) -> None:
    raise KeyboardInterrupt


def test_a_tree_cut_short_is_refused_and_begun_anew(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    write_mock(Casme2(), whole, subjects=2, clips=2, frames="none")
    with pytest.raises(KeyboardInterrupt):
        write_mock(Casme2(), cut, subjects=3, clips=3, frames="none", progress=stop)
    assert (cut / UNFINISHED_MARK).is_file()
    with pytest.raises(MissingData, match=r"is a mock tree that is not finished; write it again.*--out"):
        Source(dataset=Casme2(), root=cut)
    write_mock(Casme2(), cut, subjects=2, clips=2, frames="none")
    assert contents(cut) == contents(whole)
    Source(dataset=Casme2(), root=cut)


@pytest.mark.parametrize("there", [True, False])
def test_a_refusal_leaves_the_folder_as_it_was(tmp_path: Path, there: bool) -> None:
    out = tmp_path / "out"
    if there:
        out.mkdir()
    with pytest.raises(UsageError, match="subjects"):
        write_mock(Casme2(), out, subjects=999, clips=1)
    assert out.exists() == there
    assert not there or not list(out.iterdir())


def test_what_somebody_else_put_there_stays(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds mine\.txt"):
        write_mock(Casme2(), tmp_path, subjects=1, clips=1)
    assert contents(tmp_path) == {"mine.txt": b"mine"}
