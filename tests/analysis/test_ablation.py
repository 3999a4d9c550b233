"""Which settings an ablation compares."""

from __future__ import annotations

from typing import Any

import pytest

from merbench.analysis.ablation import left_out, read_over, variants
from merbench.errors import UnknownName, UsageError
from merbench.experiments.experiment import Experiment
from merbench.experiments.resolve import resolve
from merbench.experiments.specify import specification


def experiment(method: str = "mmnet", **settings: Any) -> Experiment:
    return resolve(specification(method, settings=settings, device="cpu"))


def labels(text: str, own: Experiment, *, grid: bool = False) -> list[str]:
    return [each.label for each in variants(read_over(text, own), own, grid=grid)]


def test_one_change_at_a_time_from_the_published_setting() -> None:
    assert labels("fusion,position_depth=1,2,3", experiment()) == [
        "unchanged (fusion=add, position_depth=2)",
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
    assert found[0].label == "unchanged (position=learned, fusion=add)"
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
    with pytest.raises(UsageError, match="--vary fusion: it has no effect with position=none"):
        labels("fusion", experiment(position="none"))
    assert labels("fusion,position=vit", experiment(position="none"), grid=True) == [
        "unchanged (fusion=add, position=none)", "position=vit", "fusion=concat, position=vit",
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
        ("mmnet", "position_depth", "give values, such as --vary position_depth=2"),
        ("mmnet", "position_depth=2", "--vary position_depth: 2 is what it is already"),
        ("mmnet", "fusion,fusion=add", "--vary fusion is given twice"),
        ("mmnet", "fusion=add,nothing", "fusion=nothing is not possible"),
        ("majority", "", "majority has no components"),
    ],
)
def test_mistakes_get_a_sentence(method: str, text: str, said: str) -> None:
    with pytest.raises((UsageError, UnknownName)) as refused:
        read_over(text, experiment(method))
    assert said in str(refused.value)
