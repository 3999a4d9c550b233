"""Which clips each step sees."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.training.sampling import epoch_order, steps_an_epoch

SAMPLING = ("plain", "balanced")


@given(clips=st.integers(1, 60), batch=st.integers(1, 80), seed=st.integers(0, 9))
@pytest.mark.parametrize("sampling", SAMPLING)
def test_every_step_has_exactly_as_many_clips(sampling: str, clips: int, batch: int, seed: int) -> None:
    labels = np.arange(clips) % 3
    order = epoch_order(labels, batch, sampling, np.random.default_rng(seed))
    assert order.shape == (steps_an_epoch(clips, batch), min(batch, clips))
    assert order.min() >= 0
    assert order.max() < clips


@given(clips=st.integers(1, 60), batch=st.integers(1, 80), seed=st.integers(0, 9))
def test_every_clip_is_seen_and_the_last_step_wraps_round(clips: int, batch: int, seed: int) -> None:
    order = epoch_order(np.zeros(clips, dtype=np.int64), batch, "plain", np.random.default_rng(seed))
    drawn = order.ravel()
    assert sorted(drawn[:clips]) == list(range(clips))
    np.testing.assert_array_equal(drawn[clips:], drawn[: len(drawn) - clips])
    assert all(len(set(step)) == len(step) for step in order.tolist())


@pytest.mark.parametrize(("clips", "batch"), [(10, 3), (9, 3), (3, 9), (1, 1), (100, 32), (32, 32), (33, 32)])
def test_steps_are_as_few_as_will_show_every_clip(clips: int, batch: int) -> None:
    assert steps_an_epoch(clips, batch) == math.ceil(clips / min(clips, batch))


def test_epochs_differ_and_equal_generators_agree() -> None:
    labels, draws = np.zeros(20, dtype=np.int64), np.random.default_rng(1)
    first, second = (epoch_order(labels, 6, "plain", draws) for _ in range(2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, epoch_order(labels, 6, "plain", np.random.default_rng(1)))


def test_balanced_sampling_draws_every_class_equally_often() -> None:
    labels = np.array([0] * 90 + [2] * 9 + [3])  # class 1 has no clip
    draws = np.random.default_rng(1)
    drawn = np.concatenate([epoch_order(labels, 10, "balanced", draws).ravel() for _ in range(300)])
    shares = np.bincount(labels[drawn], minlength=4) / len(drawn)
    np.testing.assert_allclose(shares, [1 / 3, 0, 1 / 3, 1 / 3], atol=0.01)
    within = np.bincount(drawn, minlength=100)[90:99] / len(drawn)
    np.testing.assert_allclose(within, 1 / 27, atol=0.01)
