"""What an ablation's table says: scores, and differences to the first setting with corrected p and intervals."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

import merbench
from merbench.analysis.ablation_table import ablation_table
from merbench.analysis.render import render
from merbench.analysis.statistics import against_first, method_runs, table_inference
from merbench.results.run import Run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Run]]:
    """Three settings of three seeds each."""
    folder, settings = tmp_path_factory.mktemp("runs"), {"dataset.clips": 10, "dataset.subjects": 8, "epochs": 3}
    return [
        [merbench.run("random", settings=settings, seed=seed, runs=folder) for seed in range(first, first + 3)]
        for first in (0, 3, 6)
    ]


def test_the_table_gives_each_setting_and_its_difference_to_the_first(runs: list[list[Run]]) -> None:
    labels = ["own", "other", "third"]
    table = ablation_table(list(zip(labels, runs, strict=True)))
    own, other, _ = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    assert [own[name] for name in ("setting", "UF1 difference", "from", "to", "p (Holm)", "seeds")] == [
        "own", "–", "–", "–", "–", "3",
    ]  # fmt: skip
    pair = against_first([method_runs(name, each) for name, each in zip(labels, runs, strict=True)]).pairs[0]
    assert other["UF1 difference"] == f"{pair.difference:+.3f}"
    assert (other["from"], other["to"]) == (f"{pair.low:+.3f}", f"{pair.high:+.3f}")
    assert other["p (Holm)"] == f"{pair.p_corrected:.3f}"
    mean = np.mean([run.scores("last").uf1 for run in runs[1]])
    assert other["UF1"].startswith(f"{mean:.3f} ± ")
    gain = np.mean([run.optimism or 0.0 for run in runs[1]])
    assert other["optimism"] == f"{gain:+.3f}"
    rows = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    assert float(rows[1]["UF1"]) == pytest.approx(mean, abs=5e-4)
    assert float(rows[1]["UF1 difference"]) == pytest.approx(pair.difference, abs=5e-4)


def test_intervals_are_wider_than_those_of_a_single_comparison(runs: list[list[Run]]) -> None:
    labels = ["own", "other", "third"]
    methods = [method_runs(name, each) for name, each in zip(labels, runs, strict=True)]
    single = table_inference(methods).pairs[0]
    table = ablation_table(list(zip(labels, runs, strict=True)))
    row = dict(zip(table.columns, table.rows[1], strict=True))
    assert float(row["to"]) - float(row["from"]) > 1.05 * (single.high - single.low)


def test_one_seed_gives_no_p_and_the_table_says_why(runs: list[list[Run]]) -> None:
    table = ablation_table([("own", runs[0][:1]), ("other", runs[1][:1])])
    row = dict(zip(table.columns, table.rows[1], strict=True))
    assert row["p (Holm)"] == "–"
    assert row["from"] != "–"
    assert any("fewer than three seeds (--seeds 3)" in note for note in table.notes)


def test_what_cannot_be_separated_by_design_is_said_before_the_table(runs: list[list[Run]]) -> None:
    many = ablation_table([(str(place), runs[place % 3]) for place in range(8)])
    assert many.title.endswith(
        "With 8 subjects no p is below 0.00781 (2 / 2^8), and 7 comparisons need 9 subjects: "
        "no difference can be significant"
    )
    assert not any("Smallest difference" in note for note in many.notes)
    few = ablation_table([(str(place), runs[place]) for place in range(3)])
    assert "no difference can be" not in few.title
    assert any("Smallest difference" in note for note in few.notes)


def test_a_single_setting_has_nothing_beside_it(runs: list[list[Run]]) -> None:
    [row] = ablation_table([("own", runs[0])]).rows
    assert row[4:8] == ("–",) * 4
