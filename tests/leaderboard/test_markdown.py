"""The leaderboard's page: the same bytes for the same records, and tables that compare like with like."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from merbench.leaderboard.html import html
from merbench.leaderboard.markdown import leaderboard
from merbench.results.loading import record_of
from merbench.results.record import RunRecord

MARKED = "synthetic (synthetic faces, dataset.subjects=3, dataset.clips=10)"

Content = dict[str, Any]
Give = Callable[[str], Content]
HOSTILE = (
    "a|b",
    "net\u202eten",
    "<script>alert(1)</script>",
    "two\n\n# lines",
    "*bold*",
    "`code",
    "![x](https://e.org/x.png)",
    "a\\|b",
    "_www.x.org_ ~me@x.org~",
)

NUMERICS = {
    "device": "cpu",
    "device_name": "A",
    "precision": "float32",
    "threads": 1,
    "packing": 1,
    "torch_version": "2",
    "numpy_version": "2",
    "together": "threaded",
    "tf32": False,
}


def rows(page: str) -> list[list[str]]:
    """The cells of every row of every table, heads and rules left out."""
    lines = [line for line in page.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0] not in ("rank", "method") and not row[0].startswith(":--")]


def by_method(page: str) -> dict[str, list[str]]:
    return {row[2].split(" ")[0]: row for row in rows(page) if "epoch picked" not in row[2]}


def test_a_page_is_the_same_for_any_order_of_records(records: list[RunRecord]) -> None:
    pages = {leaderboard(order) for order in itertools.permutations(records)}
    assert len(pages) == 1


def test_methods_that_tie_keep_their_order(content: Give) -> None:
    tied = []
    for name, group in (("b", "one"), ("a", "two"), ("z", "two"), ("c", "one")):
        record = {**content("majority"), "group": group, "title": group}
        record["description"]["method"] = group
        tied.append(record_of(name, record))
    pages = {leaderboard(order) for order in itertools.permutations(tied)}
    assert len(pages) == 1


def test_a_group_of_several_devices_names_them_whatever_the_order(content: Give) -> None:
    mixed = [
        record_of("a", {**content("random-0"), "numerics": NUMERICS}),
        record_of("b", {**content("random-1"), "numerics": {**NUMERICS, "device_name": "B"}}),
    ]
    assert leaderboard(mixed) == leaderboard(mixed[::-1])
    assert {"A", "B"} <= set(re.findall(r"\b[AB]\b", " ".join(row[4] for row in rows(leaderboard(mixed)))))


def test_seeds_share_a_row_with_mean_and_deviation(records: list[RunRecord]) -> None:
    row = by_method(leaderboard([record for record in records if record.name != "three"]))["random"]
    uf1 = [record.scores["last"].uf1 for record in records if record.name.startswith("random")]
    assert row[5] == f"{np.mean(uf1):.3f}"
    assert row[9:11] == ["[3](results/random-0.json)", f"{np.std(uf1, ddof=1):.3f}"]
    gains = [record.optimism for record in records if record.name.startswith("random")]
    assert row[11] == f"{np.mean(gains):+.3f}"


def test_rows_are_ranked_by_uf1_under_last(records: list[RunRecord]) -> None:
    page = leaderboard([record for record in records if record.name != "three"])
    found = [float(row[5]) for row in rows(page) if "epoch picked" not in row[2]]
    assert len(found) == 2
    assert found == sorted(found, reverse=True)


def test_rows_of_other_labels_never_share_a_table(records: list[RunRecord]) -> None:
    page = leaderboard(records)
    sections = page.split("\n## ")[1:]
    assert [section.splitlines()[0] for section in sections] == [
        f"loso on {MARKED}, 5-class",  # of more clips
        f"loso on {MARKED}, 3-class",
        "All tasks",
    ]
    assert [len(rows(section)) for section in sections] == [3, 2, 2]


@pytest.mark.parametrize("entry", ["labels", "protocol", "scheme", "alignment"])
def test_each_part_of_the_task_parts_tables(content: Give, entry: str) -> None:
    other = content("majority")
    other["description"][entry] = "another"
    page = leaderboard([record_of("a", content("majority")), record_of("b", other)])
    assert page.count("\n## ") == 3


def test_other_parameters_of_the_protocol_are_another_table(content: Give) -> None:
    other = content("majority")
    other["description"]["protocol_parameters"] = {"folds": 3}
    page = leaderboard([record_of("a", content("majority")), record_of("b", other)])
    assert page.count("\n## ") == 3
    assert "## loso (folds=3) on synthetic" in page


def test_other_data_are_another_table(content: Give) -> None:
    other = content("majority")
    other["description"]["datasets"]["second"] = ["", {}]
    page = leaderboard([record_of("a", content("majority")), record_of("b", other)])
    assert f"## loso on {MARKED.replace('synthetic', 'synthetic + second', 1)}, 5-class" in page


def test_a_method_without_epochs_has_no_optimism(content: Give) -> None:
    row = by_method(leaderboard([record_of("a", content("majority"))]))["majority"]
    assert row[11] == "–"
    assert row[4] == "–"


def test_changed_settings_and_uncommitted_code_are_shown(content: Give) -> None:
    given = content("random-0")
    given["code"]["dirty"] = True
    row = rows(leaderboard([record_of("a", given)]))[0]
    assert row[2] == "random (epochs=4) (control, 2 more seeds to be ranked, uncommitted code)"


def test_synthetic_faces_are_said_to_be_synthetic(content: Give) -> None:
    given = content("majority")
    assert "are synthetic" in leaderboard([record_of("a", given)])
    assert "are synthetic" not in leaderboard([record_of("a", {**given, "drawn": False})])


def test_tables_of_real_faces_come_first_and_each_says_what_it_can_tell(content: Give) -> None:
    other = {**content("majority"), "drawn": False}
    other["description"]["scheme"] = "zz"  # the last by its name
    synthetic, real = record_of("a", content("majority")), record_of("b", other)
    for records in ([synthetic, real], [real, synthetic]):
        page = leaderboard(records)
        assert 0 < page.index("The faces are real") < page.index("The faces are synthetic")


def test_a_page_without_records_says_how_to_add_one() -> None:
    assert leaderboard([]).endswith("No records yet: `merbench leaderboard add RUN` adds one.\n")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("place", ["method", "recipe", "device", "setting", "protocol", "dataset", "scheme", "class"])
def test_a_hostile_name_stays_inert(content: Give, place: str, name: str) -> None:
    given, other = content("majority"), content("majority")
    description = given["description"]
    description["method"] = other["description"]["method"] = "net"
    if place in ("method", "protocol", "scheme"):
        description[place] = name
    elif place == "recipe":
        given["recipe"]["name"] = name
    elif place == "device":
        given["numerics"] = {**NUMERICS, "device_name": name}
    elif place == "setting":
        given["settings"] = {name.replace(".", ""): name}
    elif place == "dataset":
        description["datasets"] = {name: ["", {}]}
    else:
        counts = list(given["counts"].values())
        description["classes"] = [name, *description["classes"][1:]]
        given["counts"] = dict(zip(description["classes"], counts, strict=True))
    page = leaderboard([record_of("a", given)])
    plain = leaderboard([record_of("a", other)])
    assert len(page.splitlines()) == len(plain.splitlines())
    assert [line[:2] for line in page.splitlines()] == [line[:2] for line in plain.splitlines()]
    assert [len(row) for row in rows(page)] == [15]
    assert not re.search(r"<[a-zA-Z!/?]", page.replace("<!-- -->", ""))
    assert not re.search(r"(?<!\\)\[x\]\(", page)
    assert "\u202e" not in page


def test_the_random_control_under_oracle_stands_in_every_table_without_a_rank(content: Give) -> None:
    given = [record_of("a", content("random-0")), record_of("b", content("majority"))]
    row = next(row for row in rows(leaderboard(given)) if "epoch picked" in row[2])
    assert row[0] == "–"
    assert row[5] == f"{given[0].scores['oracle'].uf1:.3f}"
    assert "4 epochs" in row[2]


def test_controls_that_are_missing_are_said_to_be_missing(content: Give) -> None:
    page = leaderboard([record_of("a", content("random-0"))])
    assert "Missing: the control majority" in page
    assert "Missing: the control random" not in page


def test_a_random_control_of_other_epochs_than_the_longest_entry_is_told(content: Give) -> None:
    entry = content("random-1")
    entry["description"]["method"], entry["family"], entry["group"] = "net", "image network", "another"
    entry["curve"] = [0.1] * 7
    page = leaderboard([record_of("a", content("random-0")), record_of("b", entry)])
    assert "picks among 4 epochs here, the longest entry has 7" in page
    assert "--set epochs=7" in page


def test_optimism_that_was_not_run_is_missing(content: Give) -> None:
    given = content("random-0")
    del given["by_rule"]["oracle"]
    given["optimism"] = None
    assert by_method(leaderboard([record_of("a", given)]))["random"][11] == "missing"


def test_a_method_that_lacks_a_task_is_said_to_be_missing_there(records: list[RunRecord]) -> None:
    overview = leaderboard(records).split("\n## ")[-1]
    cells = {row[0]: row[1:] for row in rows(overview)}
    assert cells["majority"][1] == "missing"
    assert "missing" not in (cells["majority"][0], *cells["random (epochs=4)"])


def test_a_row_leads_to_the_record_of_its_first_seed(content: Give) -> None:
    page = leaderboard([record_of("seed 0 (a)", content("random-0")), record_of("b", content("random-1"))])
    assert [row[9] for row in rows(page)] == ["[2](results/seed%200%20%28a%29.json)"] * 2


def test_too_few_subjects_rank_nothing(records: list[RunRecord]) -> None:
    page = leaderboard([record for record in records if record.name != "three"])
    assert "Nothing can be separated here: with 3 subjects no p is below 0.25" in page
    assert {row[0] for row in rows(page)} == {"–"}


def test_a_card_and_an_address_are_linked(content: Give) -> None:
    page = leaderboard([record_of("a", content("majority"))], cards={"majority": "../methods/majority/README.md"})
    assert "[majority](../methods/majority/README.md) (control)" in page


def test_what_was_tuned_is_shown(content: Give) -> None:
    page = leaderboard([record_of("a", {**content("majority"), "tuned": "nested, 20 trials"})])
    assert by_method(page)["majority"][12] == "nested, 20 trials"


def test_methods_of_one_name_are_told_apart(content: Give) -> None:
    other = {**content("majority"), "group": "another", "recipe": {"name": "published", "source": ""}}
    third = {**content("majority"), "group": "third", "recipe": {"name": "published", "source": ""}}
    page = leaderboard([record_of("a", content("majority")), record_of("b", other), record_of("c", third)])
    names = [row[2] for row in rows(page)]
    assert names == [
        r"majority \[published\] \[anothe\] (control)",
        r"majority \[published\] \[third\] (control)",
        r"majority \[quick\] (control)",
    ]


def test_a_record_without_a_commit_says_so_where_it_is_ranked(content: Give) -> None:
    nameless = content("random-0")
    nameless["code"]["commit"] = None
    given = [record_of("a", nameless), record_of("b", content("random-1")), record_of("c", content("majority"))]
    marks = {row[2].split(" ")[0]: row[2] for row in rows(leaderboard(given)) if "epoch picked" not in row[2]}
    assert "no commit known" in marks["random"], "one seed of the group is enough"
    assert "no commit known" not in marks["majority"]
    assert '"no commit known' in html(given) or ", no commit known" in html(given)
    assert "no commit known" not in html(given[1:])
