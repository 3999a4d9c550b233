"""The benchmarks' page: made from their results, which tell nothing of whose machine they ran on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[1] / "benchmarks"
RESULTS = sorted((HOME / "results").glob("*.json"))


def test_the_page_is_made_from_the_results() -> None:
    done = subprocess.run([sys.executable, HOME / "table.py", "--check"], check=False)
    assert done.returncode == 0, "run: python tests/benchmarks/table.py"


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_result_has_its_command_and_no_name_or_folder_of_a_machine(path: Path) -> None:
    text = path.read_text("utf-8")
    result = json.loads(text)
    assert re.findall(r"(?<![\w.])/(?:home|work|tmp|root|Users)/", text) == []
    if "rows" in result:
        assert result["command"].startswith(("merbench bench ", "python tests/benchmarks/same_scores.py "))
        assert set(result) == {"command", "device", "rows"}
        return
    assert result["command"].startswith("pytest tests/benchmarks/")
    assert set(result["machine_info"]) <= {"cpu", "cores", "python", "packages", "gpu"}
    assert set(result["commit_info"]) <= {"id", "time", "dirty"}
    assert not any("data" in each["stats"] for each in result["benchmarks"])
