"""What holds for every hand-crafted method: it learns the ground-truth motion, and sees each clip by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import merbench
from merbench.inputs import Inputs
from merbench.method import Samples, TrainInfo
from merbench.registry import methods
from merbench.training.bases.feature_method import FeatureMethod

#: Small settings of each, and how many values a clip has in them.
SMALL = {
    "flow-svm": ({"computed": 64, "flow": "farneback"}, 2 * 28 * 28),
    "lbp-top": ({"size": 64}, 1125),
    "bi-woof": ({"size": 64, "flow": "farneback"}, 200),
    "mdmo": ({"size": 64, "forehead": 5}, 72),
}
DRAWN = {"dataset.subjects": 3, "dataset.clips": 12}


def made(name: str) -> FeatureMethod:
    entry = methods.get(name)
    method = entry(entry.Parameters().changed(SMALL[name][0]))
    assert isinstance(method, FeatureMethod)
    return method


def noise(inputs: Inputs, count: int) -> Samples:
    """Clips of nothing in particular, of the shapes that are declared; landmarks lie in the picture."""
    rng = np.random.default_rng(5)
    return Samples(count=count, arrays=tuple(rng.uniform(0, 60, (count, *each.shape)) for each in inputs.arrays))


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_it_learns_the_planted_motion(name: str, tmp_path: Path) -> None:
    run = merbench.run(name, "loso", settings={**SMALL[name][0], **DRAWN}, runs=tmp_path)
    control = merbench.run("majority", "loso", settings=DRAWN, runs=tmp_path)
    assert run.scores("last").uf1 > control.scores("last").uf1 + 0.2


@pytest.mark.parametrize("name", SMALL)
def test_features_of_a_clip_do_not_depend_on_the_others(name: str) -> None:
    method = made(name)
    clips = noise(method.inputs(), 3)
    together = method.features(clips)
    assert together.shape == (3, SMALL[name][1])
    for clip in range(3):
        alone = Samples(count=1, arrays=tuple(array[clip : clip + 1] for array in clips.arrays))
        np.testing.assert_allclose(method.features(alone)[0], together[clip], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", SMALL)
def test_nothing_is_drawn_and_nothing_is_changed(name: str) -> None:
    clips = noise(made(name).inputs(), 6)
    labels = np.array([0, 0, 1, 1, 2, 2])
    info = TrainInfo(classes=tuple("abc"), labels=labels, subjects=tuple("aabbcc"), action_units=((),) * 6)
    before, found = np.random.get_state()[1].copy(), []  # noqa: NPY002 - it is the global state that must stay
    for seed in (0, 1):
        predictor = made(name).fit(info, clips, np.random.default_rng(seed))
        found.append(predictor.probabilities(clips))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("name", SMALL)
def test_it_has_both_recipes_and_a_card(name: str) -> None:
    assert set(methods.get(name).recipes) == {"published", "quick"}
    card = Path(methods.origins[name].place).with_name("README.md").read_text("utf-8")
    assert f"--method {name} " in card
