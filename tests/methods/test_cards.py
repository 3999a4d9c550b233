"""Every card has the same sections, and prints no value that the table of printed results does not have as it says."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CARDS = sorted((ROOT / "methods").glob("*/README.md"))
SECTIONS = ["What it is", "Sources", "Departures that remain", "Printed results"]
COLUMNS = ["printed as", "data", "classes", "metric", "value", "epoch", "source"]


def published() -> list[dict[str, str]]:
    with (ROOT / "leaderboard" / "published.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def relabelled() -> set[str]:
    """Values that the table calls macro precision although they are printed as UAR."""
    return {row["value"] for row in published() if row["remark"].startswith("macro precision, not UAR")}


def contradictions(card: str, values: set[str]) -> list[str]:
    return [
        line for line in card.splitlines() if any(value in line for value in values) and "macro precision" not in line
    ]


def missing_sections(card: str) -> list[str]:
    """The sections that a card lacks, has twice, or has out of order."""
    there = [title for title in re.findall(r"^## (.*)$", card, re.MULTILINE) if title in SECTIONS]
    return [] if there == SECTIONS else [title for title in SECTIONS if there.count(title) != 1] or ["their order"]


def printed(card: str) -> list[dict[str, str]]:
    """The rows of the table of printed results, a metric each."""
    _, _, section = card.partition("\n## Printed results\n")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    tables = [row for row in cells if len(row) == len(COLUMNS) and not set("".join(row)) <= set(":-")]
    rows = []
    for row in tables:
        if row == COLUMNS:
            continue
        own = dict(zip(COLUMNS, row, strict=True))
        metrics, values = own["metric"].split(" / "), own["value"].split(" / ")
        rows += [{**own, "metric": one, "value": other} for one, other in zip(metrics, values, strict=True)]
    return rows


def unsupported(rows: list[dict[str, str]], table: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows that the table of printed results does not have as they are."""
    known = {(r["method"], r["data"], r["classes"], r["metric"], r["value"], r["rule"]) for r in table}
    return [row for row in rows if tuple(row[column] for column in COLUMNS[:6]) not in known]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.parent.name)
def test_a_card_has_every_section_and_prints_what_is_published(card: Path) -> None:
    text = card.read_text(encoding="utf-8")
    assert missing_sections(text) == []
    assert contradictions(text, relabelled()) == []
    assert unsupported(printed(text), published()) == []
    assert printed(text), "a card without a single printed result says so by a row of its own"


def test_a_card_that_contradicts_is_noticed() -> None:
    assert "0.7605" in relabelled()
    assert contradictions("| paper | 0.7353 / 0.7605 |", relabelled()) != []
    row = "| HTNet | MEGC2019-Full | 3 | UF1 / UAR | 0.8603 / 0.8475 | oracle | a table |"
    head = "\n## Printed results\n\n| " + " | ".join(COLUMNS) + " |\n|:--|:--|--:|:--|--:|:--|:--|\n"
    assert [own["value"] for own in printed(head + row)] == ["0.8603", "0.8475"]
    assert unsupported(printed(head + row), published()) == []
    for wrong in (("oracle", "last"), ("0.8475", "0.8574"), ("UAR", "Accuracy"), ("| 3 |", "| 5 |")):
        assert len(unsupported(printed(head + row.replace(*wrong)), published())) >= 1, wrong


def test_a_card_without_a_section_is_noticed() -> None:
    whole = "".join(f"\n## {title}\n" for title in SECTIONS)
    assert missing_sections(whole) == []
    assert missing_sections(whole.replace("## Sources\n", "")) == ["Sources"]
    assert missing_sections("".join(f"\n## {title}\n" for title in reversed(SECTIONS))) == ["their order"]
