"""Numbers in print stand beside a table of real faces, under the rule that they were printed for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from merbench.leaderboard.html import html
from merbench.leaderboard.in_print import in_print
from merbench.leaderboard.markdown import by_task, leaderboard
from merbench.leaderboard.published import Published, read_published
from merbench.results.record import RunRecord
from merbench.results.seed_groups import Group

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def published() -> list[Published]:
    return read_published(ROOT / "leaderboard" / "published.csv")


def groups_of(records: list[RunRecord], synthetic: bool) -> list[Group]:
    return next(groups for groups in by_task(records).values() if groups[0].first.synthetic is synthetic)


def number(published: list[Published], method: str, rule: str) -> set[str]:
    return {
        one.value
        for one in published
        if (one.data, one.metric, one.rule) == ("MEGC2019-Full", "UF1", rule) and one.method.startswith(method)
    }


def test_each_number_is_in_the_column_of_its_rule(
    committed_records: list[RunRecord], published: list[Published]
) -> None:
    table = in_print(groups_of(committed_records, synthetic=False), published)
    assert table is not None
    [row] = [dict(zip(table.columns, row, strict=True)) for row in table.rows if row[0] == "STSTNet"]
    assert {*row["last"].split(", ")} == number(published, "STSTNet", "last") == {"0.7209", "0.7127"}
    assert {*row["oracle †"].split(", ")} == number(published, "STSTNet", "oracle")
    assert {*row["rule not stated †"].split(", ")} == number(published, "STSTNet", "unknown")
    assert re.search(r"0\.\d{3} \(short\)", row["here, last"])
    [sssnet] = [dict(zip(table.columns, row, strict=True)) for row in table.rows if row[0] == "SSSNet"]
    assert sssnet["last"] == "0.7394"  # printed as UF1 (pooled macro), which is UF1, beside F1 of other definitions
    assert {row[0] for row in table.rows}.isdisjoint({"Majority class", "Random labels"})


def test_variants_share_the_numbers_of_their_name_and_others_do_not(
    committed_records: list[RunRecord], published: list[Published]
) -> None:
    [group] = [g for g in groups_of(committed_records, synthetic=False) if g.first.method == "flow-svm"]
    for title, values in (("RCN-A", {"0.7432"}), ("RCN", {"0.7432"}), ("RCNX", set()), ("ststnet", set())):
        record = group.first.model_copy(update={"title": title})
        table = in_print([Group(name=title, records=(record,))], published)
        assert ({table.rows[0][table.columns.index("last")]} if table else set()) == values, title


def test_synthetic_faces_and_other_class_sets_have_none(
    committed_records: list[RunRecord], published: list[Published]
) -> None:
    assert in_print(groups_of(committed_records, synthetic=True), published) is None
    assert in_print(groups_of(committed_records, synthetic=False), []) is None


def test_what_is_never_ranked_is_left_out_and_changed_settings_are_named(
    committed_records: list[RunRecord], published: list[Published]
) -> None:
    [group] = [g for g in groups_of(committed_records, synthetic=False) if g.name == "ststnet (short)"]
    changed = Group(name="ststnet (short, dropout=0.1)", records=group.records)
    table = in_print([changed], published)
    assert table is not None
    assert table.rows[0][1].endswith(" (short, dropout=0.1)")
    start = {"weights": "0" * 64, "unknown": True}
    seen = group.first.updated(description=group.first.description.updated(start=start))
    assert in_print([Group(name="ststnet (short)", records=(seen,))], published) is None


def test_both_pages_show_it(committed_records: list[RunRecord], published: list[Published]) -> None:
    real = [record for record in committed_records if not record.synthetic]
    assert "| STSTNet | " in leaderboard(real, published)
    assert "In print" not in leaderboard(real)
    data = html(real, published).partition('id="data">')[2].partition("</script>")[0]
    [task] = json.loads(data)["tasks"]
    assert sorted(row[0] for row in task["in_print"]["rows"]) == ["HTNet", "OFF-ApexNet", "SSSNet", "STSTNet"]
