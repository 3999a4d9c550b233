"""Printed numbers stand apart, as printed, with marks where the rule is oracle or unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from merbench.errors import DataError
from merbench.leaderboard.published import RULES, Published, page, read_published, summary

KEPT = Path(__file__).parents[2] / "leaderboard" / "published.csv"
ROW = {
    "method": "Net", "year": "2020", "venue": "FG", "doi": "", "data": "CASME2", "protocol": "LOSO", "classes": "5",
    "metric": "UF1", "value": "0.70", "unit": "ratio", "rule": "oracle", "rule_note": "", "evidence": "secondary",
    "source": "github.com/a/b README.md", "remark": "",
}  # fmt: skip


def test_the_kept_numbers_are_read_and_each_has_a_source() -> None:
    found = read_published(KEPT)
    assert len(found) == 504
    assert all(one.source and one.evidence for one in found)
    assert {one.rule for one in found} <= set(RULES)


def test_what_is_wrong_in_print_is_said() -> None:
    found = read_published(KEPT)
    [uar] = [one for one in found if (one.method, one.metric, one.value) == ("STSTNet", "UAR", "0.7605")]
    assert uar.remark == "macro precision, not UAR: from the released predictions of the 442 clips, UAR is 0.7186"
    wrong = [one for one in found if one.remark.startswith("no accuracy")]
    assert [(one.method, one.metric, one.value) for one in wrong] == [
        ("STSTNet", "Accuracy", "68.10"),
        ("STSTNet", "Accuracy", "70.13"),
    ]


@pytest.mark.parametrize(("rule", "marked"), [("oracle", True), ("unknown", True), ("last", False), ("none", False)])
def test_a_rule_that_is_oracle_or_unknown_is_marked(rule: str, marked: bool) -> None:
    text = page([Published(**{**ROW, "rule": rule})])
    assert (f"| {rule} † |" in text) is marked
    assert (f"| {rule} |" in text) is not marked


def test_scores_of_one_source_share_a_row_and_percent_is_kept() -> None:
    two = [Published(**ROW), Published(**{**ROW, "metric": "Accuracy", "value": "71.2", "unit": "percent"})]
    assert "UF1 0.70, Accuracy 71.2 %" in page(two)
    assert page(two).count("\n| Net") == 1


def test_sources_are_linked() -> None:
    assert "[github.com/a/b](https://github.com/a/b) README.md" in page([Published(**ROW)])
    assert "(https://arxiv.org/abs/2506.15298v1)" in page([Published(**{**ROW, "source": "arXiv 2506.15298v1 x"})])


@pytest.mark.parametrize("name", ["<script>", "a|b", "[x](http://e.org)", "net\u202e"])
def test_a_hostile_name_stays_inert(name: str) -> None:
    text = page([Published(**{**ROW, field: name}) for field in ("method", "source", "remark", "data")])
    assert "<script" not in text
    assert "\u202e" not in text
    assert "](http://e.org)" not in text.replace(r"\](http", "")


def test_the_summary_counts_them() -> None:
    text = summary([Published(**ROW), Published(**{**ROW, "rule": "last"})])
    assert "2 numbers of 1 methods from 1 sources" in text
    assert "| oracle | the best epoch on the test clips | 1 |" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has the columns none"),
        ("method,value\n", "has the columns method, value"),
        (",".join(ROW) + "\nNet\n", "line 2: it has not 15 cells"),
        (",".join(ROW) + "\n" + ",".join({**ROW, "value": "high"}.values()) + "\n", "value 'high' must be a number"),
        (",".join(ROW) + "\n" + ",".join({**ROW, "rule": "best"}.values()) + "\n", "rule 'best' one of last"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "published.csv"
    path.write_text(text)
    with pytest.raises(DataError) as refused:
        read_published(path)
    assert said in str(refused.value)
