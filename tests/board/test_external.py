"""Somebody's predictions become a record only if every clip is there once, and nothing contradicts the task."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench.errors import DataError, UsageError
from merbench.leaderboard.admission import require_fit
from merbench.leaderboard.external import Origin, external_record
from merbench.leaderboard.markdown import leaderboard
from merbench.results.audit import findings
from merbench.results.record import Record, checked

Give = Callable[[str], dict[str, Any]]
ORIGIN = Origin(method="their-net", title="Their network", reference="A paper", url="https://example.org/net")


@pytest.fixture
def like(content: Give) -> Record:
    return checked("like", content("random-0"))


def keys_of(record: Record) -> list[str]:
    return [key for fold in record.content["keys"] for key in fold]


def truth_of(record: Record) -> list[str]:
    names = record.content["description"]["classes"]
    return [names[label] for fold in record.content["truth"] for label in fold]


def write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def test_probabilities_of_a_run_give_its_scores(like: Record, tmp_path: Path) -> None:
    given = [clip for fold in like.content["by_rule"]["last"]["probabilities"] for clip in fold]
    rows = [[key, *clip] for key, clip in zip(keys_of(like), given, strict=True)]
    path = write(tmp_path / "p.csv", ["key", *like.content["description"]["classes"]], rows[::-1])
    found = external_record(path, like, ORIGIN)
    assert found.scores["last"] == like.scores["last"]
    assert found.task == like.task
    assert found.group != like.group
    require_fit(found)


def test_classes_give_their_scores_and_truth_is_compared(like: Record, tmp_path: Path) -> None:
    rows = list(zip(keys_of(like), truth_of(like), truth_of(like), strict=True))
    path = write(tmp_path / "p.csv", ["key", "truth", "predicted"], rows)
    assert external_record(path, like, ORIGIN).scores["last"].uf1 == 1.0
    rows[3] = (rows[3][0], "happiness" if rows[3][1] != "happiness" else "others", rows[3][2])
    with pytest.raises(DataError, match=r"line 5: .* is .* there, but .* in the task"):
        external_record(write(path, ["key", "truth", "predicted"], rows), like, ORIGIN)


def test_it_is_marked_external_and_linked(like: Record, tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", ["key", "predicted"], list(zip(keys_of(like), truth_of(like), strict=True)))
    found = external_record(path, like, ORIGIN)
    assert "| [their-net](https://example.org/net) (external) |" in leaderboard([like, found])
    verdicts = {finding.what: finding.verdict for finding in findings("x", found.content)}
    held = dict.fromkeys(("clips", "scores", "folds", "classes"), "holds")
    assert verdicts == {"subjects": "cannot be checked", **held}


def test_seeds_are_of_one_group_and_other_predictions_another_run(like: Record, tmp_path: Path) -> None:
    rows = list(zip(keys_of(like), truth_of(like), strict=True))
    path = write(tmp_path / "p.csv", ["key", "predicted"], rows)
    one = external_record(path, like, ORIGIN)
    two = external_record(path, like, Origin(method="their-net", title="Their network", reference="A paper",
                                             url="https://example.org/net", seed=1))  # fmt: skip
    assert one.group == two.group
    assert one.content["identity"] != two.content["identity"]


def test_a_task_with_parts_has_their_scores(like: Record, tmp_path: Path) -> None:
    keys = keys_of(like)
    like.content["parts"].update({"one": sorted(keys[:9]), "two": sorted(keys[9:])})  # type: ignore[index]
    path = write(tmp_path / "p.csv", ["key", "predicted"], list(zip(keys, truth_of(like), strict=True)))
    found = external_record(path, like, ORIGIN)
    assert set(found.parts["last"]) == {"one", "two"}
    assert np.sum(found.parts["last"]["one"].support) == 9


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda rows: rows.pop(), "it lacks 1 (first synthetic/"),
        (lambda rows: rows.append(rows[0]), "was given before; give every clip once"),
        (
            lambda rows: rows.append(["synthetic/99/x/0", "others"]),
            "it has 1 that are not in the task (first synthetic/99",
        ),
        (lambda rows: rows[0].__setitem__(1, "joy"), "predicted 'joy' is no class of the task: happiness"),
        (lambda rows: rows[0].append("more"), "line 2: it has not 2 cells"),
        (lambda rows: rows[0].pop(), "line 2: it has not 2 cells"),
        (lambda rows: rows.clear(), "has 0 clips, the task 30"),
    ],
)
def test_rows_that_are_wrong_are_named(like: Record, tmp_path: Path, work: Any, said: str) -> None:
    rows = [list(row) for row in zip(keys_of(like), truth_of(like), strict=True)]
    work(rows)
    with pytest.raises(DataError) as refused:
        external_record(write(tmp_path / "p.csv", ["key", "predicted"], rows), like, ORIGIN)
    assert said in str(refused.value)


@pytest.mark.parametrize("values", [(0.5, 0.4, 0, 0, 0), (1.2, -0.2, 0, 0, 0), ("nan", 1, 0, 0, 0), ("x", 1, 0, 0, 0)])
def test_probabilities_that_are_none_are_refused(like: Record, tmp_path: Path, values: tuple[object, ...]) -> None:
    columns = ["key", *like.content["description"]["classes"]]
    rows = [[key, *values] for key in keys_of(like)]
    with pytest.raises(DataError, match="line 2: "):
        external_record(write(tmp_path / "p.csv", columns, rows), like, ORIGIN)


@pytest.mark.parametrize(
    "columns", [["key"], ["clip", "predicted"], ["key", "predicted", "note"], ["key", "happiness"]]
)
def test_other_columns_are_refused(like: Record, tmp_path: Path, columns: list[str]) -> None:
    with pytest.raises(DataError, match="has the columns"):
        external_record(write(tmp_path / "p.csv", columns, []), like, ORIGIN)


@pytest.mark.parametrize("given", [b"", b"\xff\xfe\x00", b'key,predicted\n"'])
def test_what_is_no_csv_is_refused(like: Record, tmp_path: Path, given: bytes) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(given)
    for place in (path, tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(DataError):
            external_record(place, like, ORIGIN)


@pytest.mark.parametrize("name", ["", "../up", "<b>", "a" * 61, "=SUM(A1)", "net\u202e", "a|b", " x"])
def test_hostile_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--method"):
        Origin(method=name)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x", "https://x y", 'https://x"onclick="', "https://x<"])
def test_hostile_addresses_are_refused(url: str) -> None:
    with pytest.raises(UsageError, match="--url"):
        Origin(method="net", url=url)
