"""The picture of the intervals: well-formed, a line a method, and names that stay text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from merbench.leaderboard.plots import forest
from merbench.leaderboard.ranking import ranking
from merbench.results.loading import record_of
from merbench.results.record import RunRecord
from merbench.results.seed_groups import grouped

Give = Callable[[str], dict[str, Any]]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(records: list[RunRecord], title: str = "task") -> ET.Element:
    return ET.fromstring(forest(ranking(grouped(records)), title))


def test_a_point_a_bar_and_where_there_are_epochs_a_diamond(content: Give) -> None:
    record = record_of("a", content("random-0"))
    picture = drawn([record, record_of("b", content("majority"))])
    points = [float(point.attrib["cx"]) for point in picture.iter(f"{SVG}circle")]
    scale = 760 - 270 - 25
    expected = [record.scores["last"].uf1, content("majority")["by_rule"]["last"]["scores"]["uf1"]]
    assert points == pytest.approx([270 + uf1 * scale for uf1 in expected], abs=0.06)
    assert len(list(picture.iter(f"{SVG}path"))) == 1
    assert [t.text for t in picture.iter(f"{SVG}text") if "class" not in t.attrib] == ["random (epochs=4)", "majority"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><a href="x">', "a&b", "net\u202e", "n\x00", "x" * 99])
def test_hostile_names_stay_text(content: Give, name: str) -> None:
    given = content("majority")
    given["description"]["method"] = name
    picture = drawn([record_of("a", given)], title=name)
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} <= {
        "svg", "title", "style", "rect", "line", "text", "circle", "path",
    }  # fmt: skip
    assert all("\u202e" not in (element.text or "") for element in picture.iter())
