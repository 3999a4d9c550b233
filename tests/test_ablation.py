"""Which settings an ablation compares, and what its table says."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

import merbench
from merbench.analysis.ablation import ablation_table, left_out, read_over, variants
from merbench.analysis.render import render
from merbench.analysis.statistics import paired_difference
from merbench.errors import UnknownName, UsageError
from merbench.experiments.experiment import Experiment
from merbench.experiments.resolve import resolve
from merbench.results.run import Run


def experiment(method: str = "mmnet", **settings: Any) -> Experiment:
    return resolve(method, settings=settings, device="cpu")


def labels(text: str, own: Experiment, *, grid: bool = False) -> list[str]:
    return [each.label for each in variants(read_over(text, own), own, grid=grid)]


def test_one_change_at_a_time_from_the_published_setting() -> None:
    assert labels("fusion,position_depth=1,2,3", experiment()) == [
        "published values (fusion=add, position_depth=2)",
        "fusion=concat",
        "fusion=multiply",
        "fusion=gated",
        "position_depth=1",
        "position_depth=3",
    ]


def test_the_grid_has_every_combination_once_and_the_own_setting_first() -> None:
    own = experiment(position="learned")
    over = read_over("position=vit,none,fusion=concat", own)
    assert over == {"position": ("learned", "vit", "none"), "fusion": ("add", "concat")}
    found = variants(over, own, grid=True)
    assert found[0].label == "own values (position=learned, fusion=add)"
    assert [each.changed for each in found] == [
        {}, {"fusion": "concat"},
        {"position": "vit"}, {"position": "vit", "fusion": "concat"},
        {"position": "none"},
    ]  # fmt: skip
    assert left_out(over, found) == 1


def test_what_has_no_effect_is_declared_and_not_run_twice() -> None:
    own = experiment()
    over = read_over("", own)
    assert len(variants(over, own, grid=True)) == 5 * 5 * (3 * 4 + 1)
    assert len(variants(over, own, grid=False)) == 1 + 4 + 4 + 3 + 3
    depth = variants(read_over("position=vit,conv,position_depth=1,2", own), own, grid=True)
    assert [each.changed for each in depth] == [{}, {"position_depth": 1}, {"position": "conv"}]
    with pytest.raises(UsageError, match="--over fusion: it has no effect with position=none"):
        labels("fusion", experiment(position="none"))
    assert labels("fusion,position=vit", experiment(position="none"), grid=True) == [
        "own values (fusion=add, position=none)", "position=vit", "fusion=concat, position=vit",
        "fusion=multiply, position=vit", "fusion=gated, position=vit",
    ]  # fmt: skip


def test_equal_networks_are_what_is_left_out() -> None:
    """Parameters that are declared to be without effect change no number of the network."""
    for settings, name, values in [
        ({"position": "none"}, "fusion", ("concat", "gated")),
        ({"position": "conv"}, "position_depth", (1, 3)),
        ({"position": "learned"}, "position_antialias", (False,)),
        ({}, "flow", ("dis",)),
    ]:
        method = experiment(size=16, **settings).method
        for value in values:
            other = type(method)(method.parameters.changed({name: value}))
            assert other.inputs() == method.inputs()
            assert other.parameter_count(5) == method.parameter_count(5)


def test_every_part_is_gone_through_if_nothing_is_named() -> None:
    assert list(read_over("", experiment())) == ["motion", "attention", "position", "fusion"]


def test_what_is_no_part_can_be_gone_through_too() -> None:
    over = read_over("position_antialias,loss,epochs=1,2", experiment(epochs=3))
    assert over == {
        "position_antialias": (True, False), "loss": ("cross-entropy", "focal", "margin"), "epochs": (3, 1, 2)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "text", "said"),
    [
        ("mmnet", "atention", "Did you mean 'attention'"),
        ("mmnet", "attention=mine", "attention=mine is not possible"),
        ("mmnet", "position_depth", "give values, such as --over position_depth=2"),
        ("mmnet", "position_depth=2", "--over position_depth: 2 is what it is already"),
        ("mmnet", "fusion,fusion=add", "--over fusion is given twice"),
        ("mmnet", "fusion=add,nothing", "fusion=nothing is not possible"),
        ("majority", "", "majority declares no parts"),
    ],
)
def test_mistakes_get_a_sentence(method: str, text: str, said: str) -> None:
    with pytest.raises((UsageError, UnknownName)) as refused:
        read_over(text, experiment(method))
    assert said in str(refused.value)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Run]]:
    """Two methods of three seeds each."""
    folder, settings = tmp_path_factory.mktemp("runs"), {"dataset.clips": 10, "dataset.subjects": 4, "epochs": 3}
    return [
        [merbench.run("random", settings=settings, seed=seed, runs=folder) for seed in seeds]
        for seeds in ((0, 1, 2), (3, 4, 5))
    ]


def test_the_table_gives_each_setting_and_its_difference_to_the_first(runs: list[list[Run]]) -> None:
    table = ablation_table([("own", runs[0]), ("other", runs[1])])
    own, other = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    assert [own[name] for name in ("setting", "UF1 difference", "from", "to", "seeds")] == ["own", "–", "–", "–", "3"]
    found = paired_difference(runs[1], runs[0])
    assert other["UF1 difference"] == f"{found.difference:+.3f}"
    assert (other["from"], other["to"]) == (f"{found.low:+.3f}", f"{found.high:+.3f}")
    mean = sum(run.scores("last").uf1 for run in runs[1]) / 3
    assert other["UF1"].startswith(f"{mean:.3f} ± ")
    gain = sum(run.optimism or 0.0 for run in runs[1]) / 3
    assert other["optimism"] == f"{gain:+.3f}"
    rows = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    assert float(rows[1]["UF1"]) == pytest.approx(mean, abs=5e-4)
    assert float(rows[1]["UF1 difference"]) == pytest.approx(found.difference, abs=5e-4)
