"""Runs, and the tables that are made of them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench.analysis.tables import class_table, confusion_table, fold_table, heading, score_table, subset_table
from merbench.errors import StoreError
from merbench.results.fold_result import FoldResult
from merbench.results.header import RunHeader
from merbench.results.record import ScoresRecord
from merbench.results.run import Run
from merbench.selection import Rule

CLASSES = ("up", "down")
TRUTH = {"d/01": [0, 0, 1], "d/02": [0, 1]}
#: Predicted classes by fold, then epoch: fold 2 is best early, fold 1 late.
PREDICTED = {"d/01": [[1, 1, 1], [0, 0, 1]], "d/02": [[0, 1], [1, 0]]}
INNER = {"d/01": [[0, 1], [1, 0]], "d/02": [[1, 0], [0, 1]]}


def outcome(fold: str, kind: str, truth: list[int], predicted: list[list[int]], has_epochs: bool = True) -> FoldResult:
    probabilities = np.eye(2, dtype=np.float32)[np.array(predicted)] * np.float32(0.8) + np.float32(0.1)
    return FoldResult(
        fold=fold,
        kind=kind,
        keys=tuple(f"{fold}/{clip}" for clip in range(len(truth))),
        truth=np.array(truth),
        probabilities=probabilities,
        has_epochs=has_epochs,
        seconds=1.5,
        peak_memory=100,
    )


#: The header of some run, whose values are replaced here.
GOLDEN = json.loads((Path(__file__).parents[1] / "results" / "golden" / "format-1" / "run.json").read_text())


def header(**changed: Any) -> RunHeader:
    description = {
        **GOLDEN["description"],
        "method": "mynet",
        "seed": changed.pop("seed", 0),
        "classes": list(CLASSES),
        "protocol": "loso",
        "datasets": {"d": ["", {}]},
        "scheme": "mood",
        **({"tuning": {"kind": "nested"}} if "tuned" in changed else {}),
    }
    content = {
        **GOLDEN,
        "description": description,
        "group": "g",
        "rules": ["last", "inner", "oracle"],
        "settings": {},
        "recipe": {"name": "quick", "source": "chosen here"},
        "drawn": False,
        "counts": {"up": 3, "down": 2},
        "clips": 5,
        "subjects": 2,
        "folds": list(TRUTH),
        "left_out": [{"key": "d/03/x/1", "why": "scheme", "reason": "odd"}],
        "parts": {},
        **changed,
    }
    return RunHeader.from_dict(content, "the header")


def run(predicted: dict[str, list[list[int]]] | None = None, **changed: Any) -> Run:
    predicted = predicted or PREDICTED
    return Run(
        header=header(**changed),
        outer=tuple(outcome(fold, "outer", TRUTH[fold], predicted[fold]) for fold in TRUTH),
        inner=tuple(outcome(fold, "inner", [0, 1], INNER[fold]) for fold in TRUTH),
    )


def control(**changed: Any) -> Run:
    given = run({fold: epochs[-1:] for fold, epochs in PREDICTED.items()}, **changed)
    outer = tuple(replace(each, has_epochs=False) for each in given.outer)
    return Run(header=given.header.updated(rules=("last", "oracle")), outer=outer, inner=())


def test_each_rule_chooses_its_epochs() -> None:
    assert run().epochs("last") == (1, 1)
    assert run().epochs("oracle") == (1, 0)
    assert run().epochs("inner") == (0, 1)


def test_scores_follow_the_rule() -> None:
    assert run().scores("oracle").uf1 == 1
    assert run().scores("last").accuracy == pytest.approx(3 / 5)
    assert run().scores().f1 == pytest.approx((2 / 3, 1 / 2))
    assert run().scores("inner").accuracy == pytest.approx(1 / 5)


def test_optimism_is_oracle_less_last() -> None:
    assert run().optimism == pytest.approx(1 - (2 / 3 + 1 / 2) / 2)
    assert control().optimism is None


def test_the_curve_is_pooled_uf1_after_each_epoch() -> None:
    assert run().curve == pytest.approx((((2 * 1) / (2 * 1 + 2) + (2 * 2) / (2 * 2 + 2)) / 2, (2 / 3 + 1 / 2) / 2))


def test_a_rule_that_was_not_run_is_refused() -> None:
    without = Run(header=header(), outer=run().outer, inner=())
    assert without.rules == ("last", "oracle")
    with pytest.raises(StoreError, match="rule inner was not run"):
        without.epochs("inner")


def test_a_record_brings_back_every_probability_to_the_bit() -> None:
    given = run()
    draws = np.random.default_rng(1).dirichlet(np.ones(2), (2, 3)).astype(np.float32)
    given = Run(header=given.header, outer=(replace(given.outer[0], probabilities=draws), given.outer[1]), inner=())
    kept = given.record().as_dict()["by_rule"]["last"]["probabilities"][0]
    assert np.array(kept, dtype=np.float32).tobytes() == draws[-1].tobytes()


def test_a_record_counts_what_was_left_out_and_numbers_epochs_from_1() -> None:
    record = run().record()
    assert record.left_out == 1
    assert record.by_rule["oracle"].epochs == (2, 1)
    assert record.truth == ((0, 0, 1), (0, 1))
    assert record.optimism == run().optimism
    assert record.seconds == 6.0


def test_recall_without_clips_is_none_in_plain_data() -> None:
    found = replace(run().scores(), recall=(1.0, float("nan")))
    assert ScoresRecord.of(found).as_dict()["recall"] == [1.0, None]


def test_the_heading_says_what_was_measured() -> None:
    assert heading(run()) == "loso on d, mood: 5 clips, 2 subjects (up 3, down 2)"


def test_a_row_for_each_rule_with_oracle_marked() -> None:
    table = score_table([run()])
    assert table.columns == ("method", "rule", "UF1", "UAR", "accuracy", "weighted F1", "optimism", "seeds")
    assert [row[:2] for row in table.rows] == [("mynet (quick)", rule) for rule in ("last", "inner", "oracle*")]
    assert table.rows[0][2:] == ("0.583", "0.583", "0.600", "0.600", "+0.417", "1")
    assert table.rows[2][6] == "–"
    assert any(note.startswith("* oracle") for note in table.notes)


def test_a_method_without_epochs_has_one_row_and_no_optimism() -> None:
    table = score_table([control()])
    assert [(row[1], row[6]) for row in table.rows] == [("last", "–")]
    assert not any("oracle picks" in note for note in table.notes)


def test_runs_that_differ_in_their_seed_alone_share_a_row() -> None:
    worse = {"d/01": PREDICTED["d/01"][::-1], "d/02": PREDICTED["d/02"]}
    group = [run(seed=0), run(worse, seed=1)]
    uf1 = [each.scores().uf1 for each in group]
    row = score_table([*group, control(group="c")]).rows[0]
    assert row[2] == f"{np.mean(uf1):.3f} ± {np.std(uf1, ddof=1):.3f}"
    assert row[7] == "2"
    assert [row[7] for row in score_table([*group, control(group="c")]).rows] == ["2", "2", "2", "1"]
    assert "Mean ± standard deviation over seeds." in score_table(group).notes


@pytest.mark.parametrize("rule", ["last", "inner", "oracle"])
def test_tables_by_class_and_of_confusions_agree_with_the_scores(rule: Rule) -> None:
    found = run().scores(rule)
    table = class_table([run()])
    first = table.columns.index(f"F1 {rule}{'*' if rule == 'oracle' else ''}")
    by_class = table.rows
    assert [row[1] for row in by_class] == ["3", "2"]
    assert [row[first] for row in by_class] == [f"{value:.3f}" for value in found.f1]
    assert [row[first + 1] for row in by_class] == [f"{value:.3f}" for value in found.recall]
    counts = np.array([[int(cell) for cell in row[1:]] for row in confusion_table(run(), rule).rows])
    assert counts.sum() == 5
    assert np.trace(counts) / 5 == pytest.approx(found.accuracy)
    assert counts.sum(1).tolist() == [3, 2]


def test_rows_of_the_confusion_table_are_the_true_classes() -> None:
    wrong = {"d/01": [[1, 1, 1]], "d/02": [[1, 1]]}
    assert confusion_table(run(wrong)).rows == (("up", "0", "3"), ("down", "0", "2"))


def test_the_fold_table_has_correct_clips_under_each_rule() -> None:
    table = fold_table(run())
    assert table.columns == ("fold", "clips", "last", "inner", "oracle", "seconds")
    assert table.rows == (("d/01", "3", "3", "1", "3", "1.5"), ("d/02", "2", "0", "0", "2", "1.5"))
    assert fold_table(control()).columns == ("fold", "clips", "last", "seconds")


def test_a_mean_of_seeds_in_the_class_table() -> None:
    worse = {"d/01": PREDICTED["d/01"][::-1], "d/02": PREDICTED["d/02"]}
    assert all(" ± " in row[2] for row in class_table([run(), run(worse, seed=1)]).rows)


def test_an_averaged_run_has_the_mean_of_its_folds_everywhere() -> None:
    pooled, averaged = run(), run(averaged=True)
    # last: fold 1 is right, fold 2 predicts (1, 0) of (0, 1); first epoch: fold 1 all 1, fold 2 right
    assert averaged.scores().uf1 == pytest.approx((1 + 0) / 2)
    assert averaged.curve == pytest.approx(((0 + 1 / 2) / 2 / 2 + 1 / 2, 1 / 2))
    assert averaged.optimism == pytest.approx(1 - 1 / 2)
    assert averaged.record().as_dict()["by_rule"]["last"]["scores"]["uf1"] == averaged.scores().uf1
    assert pooled.scores().uf1 != averaged.scores().uf1
    row = score_table([averaged]).rows[0]
    assert (row[2], row[6]) == ("0.500", "+0.500")
    assert "mean of the folds' own" in score_table([averaged]).notes[0]
    assert "pooled over folds" in score_table([pooled]).notes[0]
    assert "Means of the folds' own" in class_table([averaged]).notes[0]


def test_the_table_of_parts_has_a_row_a_part_and_full_first() -> None:
    keys = {key for fold in run().keys for key in fold}
    parts = {"one": sorted(key for key in keys if key.startswith("d/01")), "two": ["d/02/0", "d/02/1"]}
    given = run(parts=parts, parts_note="A part is half.")
    table = subset_table([given, control(parts=parts, group="c")])
    assert table.columns == ("method", "rule", "part", "clips", "subjects", "UF1", "UAR")
    assert [row[1:4] for row in table.rows[:3]] == [("last", "full", "5"), ("last", "one", "3"), ("last", "two", "2")]
    assert table.rows[1][5] == f"{given.scores('last', 'one').uf1:.3f}" == "1.000"
    assert [row[1] for row in table.rows[3:9]] == ["inner"] * 3 + ["oracle*"] * 3
    assert [row[1] for row in table.rows[9:]] == ["last"] * 3
    assert table.notes == ("A part is half.",)
