"""A table between two marks of a markdown file."""

from __future__ import annotations

from pathlib import Path

import pytest

from merbench.analysis.markdown_block import marks, placed, require_place
from merbench.errors import UsageError

BEGIN, END = marks("ablation")


def test_a_new_file_gets_marks_and_an_old_one_keeps_what_is_around_them(tmp_path: Path) -> None:
    path = tmp_path / "table.md"
    require_place(path, "ablation")
    path.write_text(placed("| a |\n", path, "ablation"))
    assert path.read_text() == f"{BEGIN}\n\n| a |\n\n{END}\n"
    path.write_text(f"# Mine\n\n{BEGIN}\nold\n{END}\n\nThe end: ä.\n")
    require_place(path, "ablation")
    path.write_text(placed("| b |\n", path, "ablation"))
    once = path.read_text()
    assert once == f"# Mine\n\n{BEGIN}\n\n| b |\n\n{END}\n\nThe end: ä.\n"
    path.write_text(placed("| b |\n", path, "ablation"))
    assert path.read_text() == once


@pytest.mark.parametrize("text", ["", "# A card", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}", f"{END}"])
def test_a_file_that_would_be_lost_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "card.md"
    path.write_text(text)
    with pytest.raises(UsageError, match="would be overwritten"):
        require_place(path, "ablation")
    assert path.read_text() == text


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read"):
        require_place(path, "ablation")
