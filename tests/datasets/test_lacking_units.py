"""A table without action units is read, and says that it has none: most schemes need none."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from merbench.registry import datasets
from merbench.synthetic.mock_tree import write_mock


def _cut(root: Path) -> int:
    """Blank the header of the action units in every workbook, and return how many had one."""
    cut = 0
    for path in root.rglob("*.xlsx"):
        workbook = load_workbook(path)
        for sheet in workbook.worksheets:
            for row in sheet.iter_rows(max_row=20):
                for cell in row:
                    if str(cell.value).lower() in ("au", "action units"):
                        cell.value, cut = None, cut + 1
        workbook.save(path)
    return cut


@pytest.mark.parametrize("name", ["casme2", "cas-me-3a", "cas-me-3c", "dfme", "mmew", "samm"])
def test_a_table_without_action_units_is_read(tmp_path: Path, name: str) -> None:
    dataset = datasets.get(name)()
    write_mock(dataset, tmp_path / "tree", subjects=2, clips=3, frames="none")
    whole = dataset.table(tmp_path / "tree")
    assert _cut(tmp_path / "tree")
    read = dataset.table(tmp_path / "tree")
    assert read.table["clip"].tolist() == whole.table["clip"].tolist()
    assert read.table["emotion"].tolist() == whole.table["emotion"].tolist()
    assert set(read.table["action_units"]) == {""}
    assert any("there is no column of action units, so they count as not coded" in note for note in read.notes)
    assert not any("no column of action units" in note for note in whole.notes)
