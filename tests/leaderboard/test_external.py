"""Somebody's predictions become a record only if every clip is there once, and nothing contradicts the task."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench.errors import DataError, StoreError, UsageError
from merbench.leaderboard.admission import require_fit
from merbench.leaderboard.external import Submission, external_record
from merbench.leaderboard.markdown import leaderboard
from merbench.results.audit import findings
from merbench.results.loading import record_of
from merbench.results.record import RunRecord

Give = Callable[[str], dict[str, Any]]
SUBMISSION = Submission(method="their-net", title="Their network", reference="A paper", url="https://example.org/net")


@pytest.fixture
def like(content: Give) -> RunRecord:
    return record_of("like", content("random-0"))


def keys_of(record: RunRecord) -> list[str]:
    return [key for fold in record.keys for key in fold]


def truth_of(record: RunRecord) -> list[str]:
    names = record.classes
    return [names[label] for fold in record.truth for label in fold]


def write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def test_probabilities_of_a_run_give_its_scores(like: RunRecord, tmp_path: Path) -> None:
    given = [clip for fold in like.by_rule["last"].probabilities for clip in fold]
    rows = [[key, *clip] for key, clip in zip(keys_of(like), given, strict=True)]
    path = write(tmp_path / "p.csv", ["key", *like.classes], rows[::-1])
    found = external_record(path, like, SUBMISSION)
    assert found.scores["last"] == like.scores["last"]
    assert found.task == like.task
    assert found.group != like.group
    require_fit(found)


def test_classes_give_their_scores_and_truth_is_compared(like: RunRecord, tmp_path: Path) -> None:
    rows = list(zip(keys_of(like), truth_of(like), truth_of(like), strict=True))
    path = write(tmp_path / "p.csv", ["key", "truth", "predicted"], rows)
    assert external_record(path, like, SUBMISSION).scores["last"].uf1 == 1.0
    rows[3] = (rows[3][0], "happiness" if rows[3][1] != "happiness" else "others", rows[3][2])
    with pytest.raises(DataError, match=r"line 5: .* is .* there, but .* in the task"):
        external_record(write(path, ["key", "truth", "predicted"], rows), like, SUBMISSION)


def test_it_is_marked_external_and_linked(like: RunRecord, tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", ["key", "predicted"], list(zip(keys_of(like), truth_of(like), strict=True)))
    found = external_record(path, like, SUBMISSION)
    assert "| [their-net](https://example.org/net) (external) |" in leaderboard([like, found])
    verdicts = {finding.what: finding.verdict for finding in findings(found)}
    held = dict.fromkeys(("clips", "scores", "folds", "classes"), "holds")
    assert verdicts == {"subjects": "cannot be checked", **held}


def test_seeds_are_of_one_group_and_other_predictions_another_run(like: RunRecord, tmp_path: Path) -> None:
    rows = list(zip(keys_of(like), truth_of(like), strict=True))
    path = write(tmp_path / "p.csv", ["key", "predicted"], rows)
    one = external_record(path, like, SUBMISSION)
    two = external_record(path, like, Submission(method="their-net", title="Their network", reference="A paper",
                                             url="https://example.org/net", seed=1))  # fmt: skip
    assert one.group == two.group
    assert one.identity != two.identity


def test_a_task_with_parts_has_their_scores(like: RunRecord, tmp_path: Path) -> None:
    keys = keys_of(like)
    like = like.updated(subsets={"one": tuple(sorted(keys[:9])), "two": tuple(sorted(keys[9:]))})
    path = write(tmp_path / "p.csv", ["key", "predicted"], list(zip(keys, truth_of(like), strict=True)))
    found = external_record(path, like, SUBMISSION)
    assert set(found.subset_scores["last"]) == {"one", "two"}
    assert np.sum(found.subset_scores["last"]["one"].support) == 9


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda rows: rows.pop(), "it lacks 1 (first synthetic/"),
        (lambda rows: rows.append(rows[0]), "appears before; give every clip once"),
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
def test_rows_that_are_wrong_are_named(like: RunRecord, tmp_path: Path, work: Any, said: str) -> None:
    rows = [list(row) for row in zip(keys_of(like), truth_of(like), strict=True)]
    work(rows)
    with pytest.raises(DataError) as refused:
        external_record(write(tmp_path / "p.csv", ["key", "predicted"], rows), like, SUBMISSION)
    assert said in str(refused.value)


@pytest.mark.parametrize("values", [(0.5, 0.4, 0, 0, 0), (1.2, -0.2, 0, 0, 0), ("nan", 1, 0, 0, 0), ("x", 1, 0, 0, 0)])
def test_probabilities_that_are_none_are_refused(like: RunRecord, tmp_path: Path, values: tuple[object, ...]) -> None:
    columns = ["key", *like.classes]
    rows = [[key, *values] for key in keys_of(like)]
    with pytest.raises(DataError, match="line 2: "):
        external_record(write(tmp_path / "p.csv", columns, rows), like, SUBMISSION)


@pytest.mark.parametrize(
    "columns", [["key"], ["clip", "predicted"], ["key", "predicted", "note"], ["key", "happiness"]]
)
def test_other_columns_are_refused(like: RunRecord, tmp_path: Path, columns: list[str]) -> None:
    with pytest.raises(DataError, match="has the columns"):
        external_record(write(tmp_path / "p.csv", columns, []), like, SUBMISSION)


@pytest.mark.parametrize("given", [b"", b"\xff\xfe\x00", b'key,predicted\n"'])
def test_what_is_no_csv_is_refused(like: RunRecord, tmp_path: Path, given: bytes) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(given)
    for place in (path, tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(DataError):
            external_record(place, like, SUBMISSION)


@pytest.mark.parametrize("name", ["", "../up", "<b>", "a" * 61, "=SUM(A1)", "net\u202e", "a|b", " x"])
def test_hostile_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--method"):
        Submission(method=name)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x", "https://x y", 'https://x"onclick="', "https://x<"])
def test_hostile_addresses_are_refused(url: str) -> None:
    with pytest.raises(UsageError, match="--url"):
        Submission(method="net", url=url)


def test_a_number_that_python_alone_reads_is_refused(like: RunRecord, tmp_path: Path) -> None:
    spread = ["1", *["0"] * (len(like.classes) - 1)]
    rows = [[key, *spread] for key in keys_of(like)]
    rows[2][1] = "0_1"
    path = write(tmp_path / "p.csv", ["key", *like.classes], rows)
    with pytest.raises(DataError, match=r"line 4: '0_1' is no number; write a probability for each class"):
        external_record(path, like, SUBMISSION)


@pytest.mark.parametrize("claim", ["", "nested, 40 trials"])
def test_predictions_that_claim_how_they_were_tuned_are_refused(like: RunRecord, tmp_path: Path, claim: str) -> None:
    rows = list(zip(keys_of(like), truth_of(like), strict=True))
    record = external_record(write(tmp_path / "p.csv", ["key", "predicted"], rows), like, SUBMISSION)
    with pytest.raises(StoreError, match="do not show how they were tuned"):
        require_fit(record.updated(tuned=claim))
