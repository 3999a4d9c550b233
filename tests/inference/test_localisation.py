"""Shares inside the planted motion, against cases worked by hand and against what was drawn."""

from __future__ import annotations

import numpy as np
import pytest

from merbench.inference.localisation import EVERY, localisation_table, located, region, share
from merbench.synthetic.rendering import ground_truth_motion, ground_truth_motion_by_unit, plan_clip


def field(length: list[list[float]]) -> np.ndarray:
    """A displacement downwards of those lengths."""
    down = np.array(length, dtype=np.float32)
    return np.stack([np.zeros_like(down), down], axis=-1)


def test_the_region_is_where_motion_is_half_its_longest_or_more() -> None:
    found = region(field([[0, 1, 2], [3, 4, 1.9]]))
    assert found.tolist() == [[False, False, True], [True, True, False]]
    assert not region(field([[0, 0]])).any()


def test_a_share_is_as_worked_by_hand() -> None:
    corner = np.zeros((4, 4), dtype=bool)
    corner[:2, :2] = True
    # 2x2 to 4x4, bilinear: each row of the corner becomes 1, 3/4, 1/4, 0, so 4 in all and (7/4)^2 inside
    weights = np.array([[1, 0], [0, 0]], dtype=np.float32)
    assert share(weights, corner) == pytest.approx((7 / 4) ** 2 / 4)
    assert share(np.ones((3, 3), dtype=np.float32), corner) == pytest.approx(1 / 4)
    assert share(np.zeros((3, 3), dtype=np.float32), corner) == pytest.approx(1 / 4)
    assert share(corner.astype(np.float32), corner) == 1


def test_each_unit_has_its_own_region_and_all_have_theirs_together() -> None:
    left, right = field([[2, 0, 0, 0]]), field([[0, 0, 0, 1]])
    flow, map_ = np.array([[3, 0, 0, 1]], np.float32), np.array([[1, 1, 1, 1]], np.float32)
    found = located({4: left, 12: right, 17: field([[0, 0, 0, 0]])}, flow, [map_, None])
    assert [(each.unit, each.chance, each.flow, each.blocks) for each in found] == [
        ("4", 0.25, 0.75, (0.25, None)), ("12", 0.25, 0.25, (0.25, None)), (EVERY, 0.5, 1.0, (0.5, None)),
    ]  # fmt: skip
    table = localisation_table([found, found[:1]], "mine", "farneback")
    assert table.columns == ("action unit", "clips", "chance", "flow", "block 1", "block 2")
    assert table.rows == (
        ("4", "2", "0.250", "0.750", "0.250", "–"),
        ("12", "1", "0.250", "0.250", "0.250", "–"),
        (EVERY, "1", "0.500", "1.000", "0.500", "–"),
    )


def test_what_the_units_plant_adds_up_to_what_is_planted() -> None:
    plan = plan_clip(identity=3, seed=17, emotion="surprise", onset=0, apex=20, offset=45)
    for number in (0, 12, 20, 45):
        units = ground_truth_motion_by_unit(plan, number)
        assert list(units) == [unit.number for unit in plan.action_units]
        total = np.sum(list(units.values()), axis=0)
        np.testing.assert_allclose(total, ground_truth_motion(plan, number), atol=1e-4)
    apex = ground_truth_motion_by_unit(plan, 20)
    for unit in plan.action_units:
        assert np.hypot(*np.moveaxis(apex[unit.number], 2, 0)).max() == pytest.approx(unit.strength, rel=0.02)
