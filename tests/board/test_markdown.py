"""The leaderboard's page: the same bytes for the same records, and tables that compare like with like."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from merbench.board.markdown import leaderboard
from merbench.board.records import Record, checked

MARKED = "synthetic (drawn faces, dataset.subjects=3, dataset.clips=10)"

Content = dict[str, Any]
Give = Callable[[str], Content]
HOSTILE = ("a|b", "<script>alert(1)</script>", "two\n\n# lines", "*bold*", "`code", "![x](https://e.org/x.png)")


def rows(page: str) -> list[list[str]]:
    """The cells of every row of every table, heads and rules left out."""
    lines = [line for line in page.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0] != "method" and not row[0].startswith(":--")]


def by_method(page: str) -> dict[str, list[str]]:
    return {row[0].split(" ")[0]: row for row in rows(page)}


def test_a_page_is_the_same_for_any_order_of_records(records: list[Record]) -> None:
    pages = {leaderboard(order) for order in itertools.permutations(records)}
    assert len(pages) == 1


def test_methods_that_tie_keep_their_order(content: Give) -> None:
    tied = []
    for name, group in (("b", "one"), ("a", "two"), ("z", "two"), ("c", "one")):
        tied.append(checked(name, {**content("majority"), "group": group, "title": group}))
        tied[-1].content["description"]["method"] = group  # type: ignore[index]
    pages = {leaderboard(order) for order in itertools.permutations(tied)}
    assert len(pages) == 1


def test_a_group_of_several_devices_names_them_whatever_the_order(content: Give) -> None:
    numerics = {"device_name": "A", "precision": "float32"}
    mixed = [
        checked("a", {**content("random-0"), "numerics": numerics}),
        checked("b", {**content("random-1"), "numerics": {**numerics, "device_name": "B"}}),
    ]
    assert leaderboard(mixed) == leaderboard(mixed[::-1])
    assert {"A", "B"} <= set(re.findall(r"\b[AB]\b", " ".join(row[2] for row in rows(leaderboard(mixed)))))


def test_seeds_share_a_row_with_mean_and_deviation(records: list[Record]) -> None:
    row = next(row for row in rows(leaderboard(records)) if row[7] == "3")
    uf1 = [record.scores["last"].uf1 for record in records if record.name.startswith("random")]
    assert row[3] == f"{np.mean(uf1):.3f} ± {np.std(uf1, ddof=1):.3f}"
    gains = [record.content["optimism"] for record in records if record.name.startswith("random")]
    assert row[6] == f"{np.mean(gains):+.3f}"


def test_rows_are_ranked_by_uf1_under_last(records: list[Record]) -> None:
    page = leaderboard([record for record in records if record.name != "three"])
    found = [float(row[3].split(" ")[0]) for row in rows(page)]
    assert len(found) == 2
    assert found == sorted(found, reverse=True)


def test_rows_of_other_labels_never_share_a_table(records: list[Record]) -> None:
    page = leaderboard(records)
    sections = page.split("\n## ")[1:]
    assert [section.splitlines()[0] for section in sections] == [
        f"loso on {MARKED}, 3-class",
        f"loso on {MARKED}, 5-class",
    ]
    assert [len(rows(section)) for section in sections] == [1, 2]


@pytest.mark.parametrize("entry", ["labels", "protocol", "scheme"])
def test_each_part_of_the_task_parts_tables(content: Give, entry: str) -> None:
    other = content("majority")
    other["description"][entry] = "another"
    page = leaderboard([checked("a", content("majority")), checked("b", other)])
    assert page.count("\n## ") == 2


def test_other_parameters_of_the_protocol_are_another_table(content: Give) -> None:
    other = content("majority")
    other["description"]["protocol_parameters"] = {"folds": 3}
    page = leaderboard([checked("a", content("majority")), checked("b", other)])
    assert page.count("\n## ") == 2
    assert "## loso (folds=3) on synthetic" in page


def test_other_data_are_another_table(content: Give) -> None:
    other = content("majority")
    other["description"]["datasets"]["second"] = ["", {}]
    page = leaderboard([checked("a", content("majority")), checked("b", other)])
    assert f"## loso on {MARKED.replace('synthetic', 'synthetic + second')}, 5-class" in page


def test_a_method_without_epochs_has_no_optimism(content: Give) -> None:
    row = by_method(leaderboard([checked("a", content("majority"))]))["majority"]
    assert row[6] == "–"
    assert row[2] == "–"


def test_changed_settings_and_uncommitted_code_are_shown(content: Give) -> None:
    given = content("random-0")
    given["code"]["dirty"] = True
    [row] = rows(leaderboard([checked("a", given)]))
    assert row[0] == "random (epochs=4) (uncommitted code)"


def test_drawn_faces_are_said_to_be_drawn(content: Give) -> None:
    given = content("majority")
    assert "drawn by code" in leaderboard([checked("a", given)])
    assert "drawn by code" not in leaderboard([checked("a", {**given, "drawn": False})])


def test_a_page_without_records_says_how_to_add_one() -> None:
    assert leaderboard([]).endswith("No records yet: `merbench leaderboard add RUN` adds one.\n")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("place", ["method", "recipe", "device", "setting", "protocol", "dataset", "scheme", "class"])
def test_a_hostile_name_stays_inert(content: Give, place: str, name: str) -> None:
    given = content("majority")
    description = given["description"]
    if place in ("method", "protocol", "scheme"):
        description[place] = name
    elif place == "recipe":
        given["recipe"]["name"] = name
    elif place == "device":
        given["numerics"] = {"device_name": name, "precision": "float32"}
    elif place == "setting":
        given["settings"] = {name.replace(".", ""): name}
    elif place == "dataset":
        description["datasets"] = {name: ["", {}]}
    else:
        counts = list(given["counts"].values())
        description["classes"] = [name, *description["classes"][1:]]
        given["counts"] = dict(zip(description["classes"], counts, strict=True))
    page = leaderboard([checked("a", given)])
    plain = leaderboard([checked("a", content("majority"))])
    assert len(page.splitlines()) == len(plain.splitlines())
    assert [line[:2] for line in page.splitlines()] == [line[:2] for line in plain.splitlines()]
    assert [len(row) for row in rows(page)] == [10]
    assert not re.search(r"<[a-zA-Z!/?]", page)
    assert not re.search(r"(?<!\\)\[x\]\(", page)
