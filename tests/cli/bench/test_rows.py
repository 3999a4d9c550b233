"""Figures: medians of interleaved pairs, and what is kept of them."""

import json
from collections.abc import Callable
from pathlib import Path

from merbench.cli.bench.report import Row, as_table, interleaved, write
from merbench.cli.text_table import table_lines

ROOT = Path(__file__).parents[3]
ROWS = [
    Row(name="one", value=1.23456, unit="×", target="≤ 1.05", note="two pairs"),
    Row(name="two", value=None, unit="%"),
]


def timed(name: str, seconds: list[float], told: list[str]) -> Callable[[], float]:
    left = iter(seconds)

    def work() -> float:
        told.append(name)
        return next(left)

    return work


def test_the_ratio_is_the_median_of_pairs_taken_in_turns_after_a_first_that_does_not_count() -> None:
    told: list[str] = []
    one, other = timed("a", [99.0, 4.0, 2.0, 6.0], told), timed("b", [1.0, 2.0, 2.0, 2.0], told)
    assert interleaved(one, other, 3) == 2.0
    assert told == ["a", "b", "b", "a", "a", "b", "b", "a"]


def test_rows_are_kept_with_their_command_and_device(tmp_path: Path) -> None:
    write(tmp_path / "kept.json", "merbench bench", "a processor", ROWS)
    kept = json.loads((tmp_path / "kept.json").read_text(encoding="utf-8"))
    assert (kept["command"], kept["device"]) == ("merbench bench", "a processor")
    assert kept["rows"][0] == {"name": "one", "value": 1.23456, "unit": "×", "target": "≤ 1.05", "note": "two pairs"}
    assert kept["rows"][1]["value"] is None


def test_what_was_not_measured_is_a_dash() -> None:
    assert as_table("a processor", ROWS).rows == (
        ("one", "two pairs", "1.235 ×", "≤ 1.05"),
        ("two", "–", "–", "–"),
    )


def test_figures_that_were_measured_fit_80_columns() -> None:
    content = json.loads((ROOT / "tests" / "benchmarks" / "results" / "cpu-full.json").read_text("utf-8"))
    lines = table_lines(as_table(content["device"], [Row(**row) for row in content["rows"]]), 80)
    assert len(lines) > 10
    assert [line for line in lines if len(line) > 80] == []
