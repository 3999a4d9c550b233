"""Records are believed only as far as their own probabilities bear them out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench.errors import StoreError
from merbench.leaderboard.markdown import leaderboard
from merbench.metrics import scores
from merbench.results.loading import load_record, load_records, record_of
from merbench.results.record import RunRecord

MARKED = "synthetic (synthetic faces, dataset.subjects=3, dataset.clips=10)"

Content = dict[str, Any]
Give = Callable[[str], Content]
Write = Callable[..., Path]

#: What a page shows of a record, or needs to place it.
SHOWN = (
    "group",
    "description",
    "description.method",
    "description.protocol",
    "description.protocol_parameters",
    "description.datasets",
    "description.scheme",
    "description.labels",
    "description.classes",
    "description.alignment",
    "description.seed",
    "title",
    "family",
    "curve",
    "states",
    "recipe",
    "recipe.name",
    "settings",
    "drawn",
    "every_clip_once",
    "leaky",
    "parameter_count",
    "clips",
    "subjects",
    "counts",
    "parts",
    "keys",
    "folds",
    "numerics",
    "code",
    "code.dirty",
    "truth",
    "by_rule",
    "by_rule.last",
    "by_rule.last.scores",
    "by_rule.last.probabilities",
    "optimism",
    "seconds",
    "format",
)


def refusal(path: Path) -> str:
    with pytest.raises(StoreError) as refused:
        load_record(path)
    return str(refused.value)


def holder(content: Content, name: str) -> tuple[Content, str]:
    """What holds an entry, and the entry's name in it."""
    *outer, last = name.split(".")
    for part in outer:
        content = content[part]
    return content, last


@pytest.mark.parametrize("name", ["random-0", "majority", "three"])
def test_a_record_as_it_was_made_is_read_with_its_scores(content: Give, write: Write, name: str) -> None:
    given = content(name)
    record = load_record(write(given))
    assert record.name == "record"
    assert record.scores["last"].uf1 == given["by_rule"]["last"]["scores"]["uf1"]
    truth = [np.array(fold) for fold in given["truth"]]
    predicted = [np.array(fold).argmax(1) for fold in given["by_rule"]["last"]["probabilities"]]
    expected = scores(list(zip(truth, predicted, strict=True)), len(given["description"]["classes"]))
    assert record.scores["last"] == pytest.approx(expected)


def test_records_are_read_in_the_order_of_their_names(content: Give, write: Write) -> None:
    for name, given in (("b", "random-0"), ("c", "random-1"), ("a", "majority")):
        path = write(content(given), name)
    assert [record.name for record in load_records(path.parent)] == ["a", "b", "c"]


def test_two_records_of_one_run_are_refused(content: Give, write: Write) -> None:
    # else one seed would count twice
    paths = [write(content("random-0"), name) for name in ("one", "two")]
    with pytest.raises(StoreError, match=r"(?s)one.*two"):
        load_records(paths[0].parent)


def test_what_must_be_equal_to_share_a_table(records: list[RunRecord]) -> None:
    tasks = {record.name: record.task for record in records}
    assert tasks["random-0"] == tasks["random-1"] == tasks["majority"]
    assert tasks["random-0"] != tasks["three"]
    assert tasks["random-0"][:3] == ("loso", MARKED, "5-class")
    groups = {record.name: record.group for record in records}
    assert groups["random-0"] == groups["random-1"] == groups["random-2"] != groups["majority"]


@pytest.mark.parametrize("rule", ["last", "oracle"])
@pytest.mark.parametrize(
    "score",
    ["uf1", "uar", "accuracy", "weighted_f1", "fold_mean_accuracy", "fold_mean_f1_absent_zero", "fold_mean_f1_present"],
)
def test_a_score_that_was_raised_is_refused(content: Give, write: Write, rule: str, score: str) -> None:
    given = content("random-0")
    honest = given["by_rule"][rule]["scores"][score]
    given["by_rule"][rule]["scores"][score] = honest + 0.001
    assert refusal(write(given)) == (
        f"Record record: {score} under {rule} is given as {honest + 0.001:.6f}, but its probabilities give "
        f"{honest:.6f}; write it again from the run with merbench leaderboard add."
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "0.9", True])
def test_a_score_that_is_no_number_is_refused(content: Give, write: Write, value: object) -> None:
    given = content("random-0")
    given["by_rule"]["last"]["scores"]["uf1"] = value
    refusal(write(given))


@pytest.mark.parametrize("score", ["f1", "recall", "support"])
def test_a_score_of_one_class_that_was_raised_is_refused(content: Give, write: Write, score: str) -> None:
    given = content("random-0")
    given["by_rule"]["last"]["scores"][score][0] += 1
    assert f"{score} under last" in refusal(write(given))


def test_a_score_that_is_missing_is_refused(content: Give, write: Write) -> None:
    given = content("random-0")
    del given["by_rule"]["last"]["scores"]["uar"]
    refusal(write(given))


def test_probabilities_that_were_changed_are_refused(content: Give, write: Write) -> None:
    given = content("random-0")
    wrong, right = given["by_rule"]["last"]["probabilities"][0][0], given["truth"][0][0]
    for place in range(len(wrong)):
        wrong[place] = float(place == (right if wrong[right] == 0 else (right + 1) % len(wrong)))
    assert "but its probabilities give" in refusal(write(given))


def test_truth_that_was_changed_is_refused(content: Give, write: Write) -> None:
    given = content("random-0")
    given["truth"][0] = [int(np.argmax(clip)) for clip in given["by_rule"]["last"]["probabilities"][0]]
    refusal(write(given))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.5, 7.0, None, "1"])
def test_probabilities_that_are_none_are_refused(content: Give, write: Write, value: object) -> None:
    given = content("random-0")
    clip = given["by_rule"]["last"]["probabilities"][0][0]
    clip[clip.index(0)] = value
    refusal(write(given))


def test_probabilities_of_a_missing_class_are_refused(content: Give, write: Write) -> None:
    given = content("majority")
    for fold in given["by_rule"]["last"]["probabilities"]:
        for clip in fold:
            clip.append(0.0)
    refusal(write(given))


@pytest.mark.parametrize("changed", ["truth", "probabilities"])
def test_folds_of_other_sizes_are_refused(content: Give, write: Write, changed: str) -> None:
    given = content("random-0")
    folds = given["truth"] if changed == "truth" else given["by_rule"]["last"]["probabilities"]
    folds[0] = folds[0][:1]
    refusal(write(given))


def test_a_fold_whose_clips_share_one_truth_is_refused(content: Give, write: Write) -> None:
    # numpy would compare one truth with every clip
    given = content("random-0")
    lost = len(given["truth"][0]) - 1
    given["truth"][0] = given["truth"][0][:1]
    given["keys"][0] = given["keys"][0][:1]
    given["clips"] -= lost
    refusal(write(given))


def test_a_fold_that_was_dropped_is_refused(content: Give, write: Write) -> None:
    given = content("random-0")
    clips = len(given["truth"][-1])
    for folds in (given["truth"], given["keys"], *(kept["probabilities"] for kept in given["by_rule"].values())):
        del folds[-1]
    assert refusal(write(given)) == (
        f"Record record: it holds {30 - clips} clips in 2 folds, but claims 30 in 3; "
        "write it again from the run with merbench leaderboard add."
    )


def test_optimism_that_was_changed_is_refused(content: Give, write: Write) -> None:
    given = content("random-0")
    given["optimism"] -= 0.01
    assert "optimism" in refusal(write(given))


def test_counts_that_are_not_those_of_the_truth_are_refused(content: Give, write: Write) -> None:
    given = content("random-0")
    given["counts"] = dict.fromkeys(given["counts"], 99)
    assert "counts" in refusal(write(given))


@pytest.mark.parametrize("name", SHOWN)
def test_a_record_that_lacks_what_a_page_shows_is_refused(content: Give, write: Write, name: str) -> None:
    given = content("random-0")
    inner, last = holder(given, name)
    del inner[last]
    refusal(write(given))


@pytest.mark.parametrize("name", SHOWN)
def test_a_record_of_odd_types_is_refused_or_shown(content: Give, write: Write, name: str) -> None:
    given = content("random-0")
    inner, last = holder(given, name)
    inner[last] = ["odd"]
    try:
        record = load_record(write(given))
    except StoreError as refused:
        assert "record" in str(refused)  # noqa: PT017
    else:
        assert leaderboard([record])


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"text"', "{}", "\udcff"])
def test_a_file_that_is_no_record_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert refusal(path).startswith(f"{path} ")


def test_a_file_without_a_format_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text("{}")
    assert "it has no format version; name a run folder or a record" in refusal(tmp_path / "record.json")


def test_another_format_is_refused(content: Give, write: Write) -> None:
    path = write({**content("random-0"), "format": 99})
    assert refusal(path) == f"{path} has the format 99, this merbench reads format 1."


def test_plain_data_that_never_was_a_file_is_checked_alike(content: Give) -> None:
    given = content("random-0")
    assert record_of("mine", given).name == "mine"
    given["by_rule"]["last"]["scores"]["uf1"] = 1.0
    with pytest.raises(StoreError, match="Record mine: uf1 under last is given as 1"):
        record_of("mine", given)


def test_a_record_holds_no_path_of_this_machine(content: Give, tmp_path: Path) -> None:
    text = json.dumps(content("random-0"))
    for place in (Path.home(), Path(__file__).parents[2], tmp_path.parents[1]):
        assert f"{place}/" not in text


@pytest.mark.parametrize(("values", "said"), [([0.5] * 5, "must sum to 1, not to 2.5"), ([0.0] * 5, "not to 0")])
def test_probabilities_that_do_not_sum_to_one_are_refused(
    content: Give, write: Write, values: list[float], said: str
) -> None:
    changed = content("random-0")
    changed["by_rule"]["last"]["probabilities"][0][0] = values
    with pytest.raises(StoreError, match=said):
        load_record(write(changed))
