"""The table of methods in a guide: made between its marks, everything else left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from merbench.analysis.markdown_block import marks
from merbench.errors import UsageError
from merbench.leaderboard.cards import card
from merbench.leaderboard.methods_table import with_table
from merbench.registry import methods
from merbench.results.record import RunRecord

BEGIN, END = marks("methods")


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    path = tmp_path / "README.md"
    path.write_text(f"# Methods\n\nBefore.\n\n{BEGIN}\nan old table\n{END}\n\nAfter.\n", encoding="utf-8")
    return path


def test_the_table_lists_every_method_and_leaves_the_rest(guide: Path, records: list[RunRecord]) -> None:
    made = with_table(guide, [record for record in records if record.name != "three"])
    assert made.startswith(f"# Methods\n\nBefore.\n\n{BEGIN}\n")
    assert made.endswith(f"{END}\n\nAfter.\n")
    assert "an old table" not in made
    for name in methods.names():
        assert f"\n| {name} |" in made
    majority = next(record for record in records if record.name == "majority")
    assert f"| majority (control) | {majority.scores['last'].uf1:.3f} |" in made
    assert "30 clips, 3 subjects" in made
    assert "faces are synthetic" in made
    guide.write_text(made, encoding="utf-8")
    assert with_table(guide, [record for record in records if record.name != "three"]) == made


def test_a_guide_without_marks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(f"{BEGIN} but no end", encoding="utf-8")
    with pytest.raises(UsageError, match="no table goes there"):
        with_table(tmp_path / "README.md", [])


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("mmnet", "mmnet/README.md"),
        ("rcn-a", "rcn/README.md"),
        ("lbp-top", "lbp_top/README.md"),
        ("timm:resnet34", "timm/README.md"),
        ("other", None),
        ("../mmnet", None),
    ],
)
def test_a_card_is_found_by_the_methods_name(tmp_path: Path, name: str, place: str | None) -> None:
    for folder in ("mmnet", "rcn", "lbp_top", "timm"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "README.md").touch()
    assert card(tmp_path, name) == place
