"""The page: one file, the same bytes for the same records, and no name in it is read as HTML or script."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from merbench.leaderboard.html import embedded, html
from merbench.leaderboard.published import Published
from merbench.results.loading import record_of
from merbench.results.record import RunRecord

Give = Callable[[str], dict[str, Any]]
HOSTILE = "</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>\u202e&amp;\u2028{{script}}"


def data_of(page: str) -> Any:
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def test_the_page_is_the_same_for_any_order_of_records(records: list[RunRecord]) -> None:
    assert len({html(order) for order in itertools.islice(itertools.permutations(records), 0, 120, 13)}) == 1


def test_the_page_holds_what_the_records_give(records: list[RunRecord]) -> None:
    found = data_of(html([record for record in records if record.name != "three"]))
    [task] = found["tasks"]
    assert found["drawn"] is True
    names = [row["name"] for row in task["rows"]]
    assert names == ["random (epochs=4)", "majority", "random (epochs=4), epoch picked on the test clips"]
    majority = next(record for record in records if record.name == "majority")
    row = task["rows"][1]
    assert row["headline"] == pytest.approx(majority.scores["last"].uf1, abs=1e-6)
    assert row["f1"] == pytest.approx(list(majority.scores["last"].f1), abs=1e-6)
    assert row["recall"] == pytest.approx(list(majority.scores["last"].recall), abs=1e-6)
    assert all(low <= value <= high for value, (low, high) in zip(row["f1"], row["f1_ends"], strict=True))
    assert sum(clips for _, _, clips in row["reliability"]) == 30
    assert (row["calibration_error"] is None) == (not row["reliability"])
    assert sum(map(sum, row["confusion"])) == 30
    assert [sum(line) for line in row["confusion"]] == task["support"]
    assert sum(share * clips for share, clips in zip(row["by_subject"], task["subject_clips"], strict=True)) == (
        pytest.approx(30 * majority.scores["last"].accuracy, abs=1e-4)
    )
    assert len(task["rows"][0]["curve"]) == 4
    assert task["rows"][2]["ranked"] is False


def test_nothing_is_asked_for_from_elsewhere(records: list[RunRecord]) -> None:
    page = html(records)
    assert "default-src 'none'" in page
    code = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    assert not re.search(r'(src|href)="(?!#|README\.md|results/|data:,)', code)
    assert not re.search(
        r"@import|url\(|fetch\(|XMLHttpRequest|innerHTML|insertAdjacentHTML|document\.write|eval\(", code
    )


def test_hostile_names_are_inert(content: Give) -> None:
    given = content("majority")
    given["description"]["method"] = given["recipe"]["name"] = given["tuned"] = HOSTILE
    given["description"]["scheme"] = HOSTILE
    classes = given["description"]["classes"]
    given["counts"] = {HOSTILE if name == classes[0] else name: count for name, count in given["counts"].items()}
    given["description"]["classes"] = [HOSTILE, *classes[1:]]
    printed = Published(**dict.fromkeys(Published.__dataclass_fields__, HOSTILE))
    page = html([record_of("a", given)], [printed])
    plain = html([record_of("a", content("majority"))])
    for mark in ("<script", "</script", "<!--", "<img"):
        assert page.count(mark) == plain.count(mark)
    assert "\u202e" not in page
    assert "\\u202e" not in page
    assert data_of(page)["tasks"][0]["rows"][0]["name"].startswith("</script><script>alert(1)")


def test_a_script_as_an_address_is_left_out(content: Give) -> None:
    for url in ("javascript:alert(1)", 'https://x" onclick=', "data:text/html,x"):
        page = html(
            [record_of("a", {**content("majority"), "external": {"url": url, "reference": "", "given": "classes"}})]
        )
        assert data_of(page)["tasks"][0]["rows"][0]["url"] == ""


def test_embedded_data_cannot_end_the_script_and_comes_back() -> None:
    text = embedded({"a": ["</script>&<!--", 0.1234567891, float("nan"), None, True]})
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"a": ["</script>&<!--", 0.123457, None, None, True]}


def test_a_page_without_records() -> None:
    assert data_of(html([])) == {
        "title": "Leaderboard", "drawn": False, "tasks": [], "curves": [], "published": [], "runs": []
    }  # fmt: skip
