"""Plans: what a clip is made of before it is drawn."""

import pickle
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from merbench.synthetic.rendering import DIFFICULTIES, EMOTIONS, ActionUnit, ClipPlan, Difficulty, plan_clip


def plan(**given: object) -> ClipPlan:
    values = {"identity": 1, "seed": 2, "emotion": "happiness", "onset": 10, "apex": 30, "offset": 60}
    return plan_clip(**(values | given))  # type: ignore[arg-type]


def test_the_same_seeds_give_an_equal_hashable_plan() -> None:
    assert plan() == plan()
    assert hash(plan()) == hash(plan())
    assert plan() != plan(seed=3)


def test_a_plan_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(plan())) == plan()


def test_an_unknown_emotion_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'hapiness'.*happiness"):
        plan(emotion="hapiness")


def test_an_unknown_action_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="action unit 99"):
        plan(action_units=[99])


@pytest.mark.parametrize(("onset", "apex", "offset"), [(5, 5, 9), (5, 4, 9), (5, 9, 8)])
def test_frames_out_of_order_are_refused(onset: int, apex: int, offset: int) -> None:
    with pytest.raises(ValueError, match="apex"):
        plan(onset=onset, apex=apex, offset=offset)


def test_given_action_units_are_planted_on_both_sides() -> None:
    units = plan(action_units=[12, 4]).action_units
    assert [unit.number for unit in units] == [12, 4]
    assert all(unit.side is None for unit in units)


@pytest.mark.parametrize("name", ["normal", "hard"])
def test_peaks_lie_in_the_difficulty_s_range(name: str) -> None:
    difficulty = DIFFICULTIES[name]
    for seed in range(40):
        (unit,) = plan(seed=seed, action_units=[12], difficulty=difficulty).action_units
        assert difficulty.peak_low <= unit.strength <= difficulty.peak_high


@pytest.mark.parametrize("emotion", sorted(EMOTIONS))
def test_every_emotion_plants_one_of_its_sets(emotion: str) -> None:
    sets = {expression.units for expression in EMOTIONS[emotion]}
    drawn = {tuple(u.number for u in plan(emotion=emotion, seed=seed).action_units) for seed in range(20)}
    assert drawn <= sets
    assert len(drawn) > 1


def test_some_clips_are_one_sided_and_most_are_not() -> None:
    sides = Counter(plan(seed=seed, emotion="repression").action_units[0].side for seed in range(200))
    assert 100 < sides[None] < 195
    assert sides["L"] > 0
    assert sides["R"] > 0


def test_the_resting_face_does_not_depend_on_the_emotion() -> None:
    assert len({plan(emotion=emotion).resting for emotion in EMOTIONS}) == 1


def test_resting_faces_are_about_as_strong_as_the_planted_motion() -> None:
    strengths = [abs(unit.strength) for seed in range(50) for unit in plan(seed=seed).resting]
    assert 2 < sum(strengths) / len(strengths) < 5


def test_a_difficulty_without_resting_strength_has_a_neutral_face() -> None:
    assert plan(difficulty=replace(DIFFICULTIES["normal"], resting=0)).resting == ()


def test_wrong_records_cannot_exist() -> None:
    with pytest.raises(ValueError, match="peaks"):
        Difficulty(name="odd", peak_low=3, peak_high=2)
    with pytest.raises(ValueError, match="noise"):
        Difficulty(name="odd", peak_low=1, peak_high=2, noise=-1)
    with pytest.raises(ValueError, match="side"):
        ActionUnit(number=12, strength=1, side="both")  # type: ignore[arg-type]


def test_importing_loads_neither_torch_nor_matplotlib() -> None:
    heavy = "any(m in sys.modules for m in ('torch', 'matplotlib', 'cv2'))"
    code = f"import sys, merbench.synthetic.rendering; sys.exit({heavy})"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
