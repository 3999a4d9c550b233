"""Which clips each step sees."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.entries.recipe import Training
from merbench.training.sampling import epoch_order, epoch_shape, repeated, steps_an_epoch

SAMPLING = ("plain", "balanced")


@given(clips=st.integers(1, 60), batch=st.integers(1, 80), seed=st.integers(0, 9))
@pytest.mark.parametrize("sampling", SAMPLING)
def test_every_step_has_exactly_as_many_clips(sampling: str, clips: int, batch: int, seed: int) -> None:
    labels = np.arange(clips) % 3
    order = epoch_order(labels, Training(batch=batch, sampling=sampling), np.random.default_rng(seed))
    assert order.shape == (steps_an_epoch(clips, batch), min(batch, clips))
    assert order.min() >= 0
    assert order.max() < clips


@given(clips=st.integers(1, 60), batch=st.integers(1, 80), seed=st.integers(0, 9))
def test_every_clip_is_seen_and_the_last_step_wraps_round(clips: int, batch: int, seed: int) -> None:
    order = epoch_order(np.zeros(clips, dtype=np.int64), Training(batch=batch), np.random.default_rng(seed))
    drawn = order.ravel()
    assert sorted(drawn[:clips]) == list(range(clips))
    np.testing.assert_array_equal(drawn[clips:], drawn[: len(drawn) - clips])
    assert all(len(set(step)) == len(step) for step in order.tolist())


@pytest.mark.parametrize(("clips", "batch"), [(10, 3), (9, 3), (3, 9), (1, 1), (100, 32), (32, 32), (33, 32)])
def test_steps_are_as_few_as_will_show_every_clip(clips: int, batch: int) -> None:
    assert steps_an_epoch(clips, batch) == math.ceil(clips / min(clips, batch))


def test_epochs_differ_and_equal_generators_agree() -> None:
    labels, draws = np.zeros(20, dtype=np.int64), np.random.default_rng(1)
    first, second = (epoch_order(labels, Training(batch=6), draws) for _ in range(2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, epoch_order(labels, Training(batch=6), np.random.default_rng(1)))


def test_balanced_sampling_draws_every_class_equally_often() -> None:
    labels = np.array([0] * 90 + [2] * 9 + [3])  # class 1 has no clip
    draws = np.random.default_rng(1)
    drawn = np.concatenate(
        [epoch_order(labels, Training(batch=10, sampling="balanced"), draws).ravel() for _ in range(300)]
    )
    shares = np.bincount(labels[drawn], minlength=4) / len(drawn)
    np.testing.assert_allclose(shares, [1 / 3, 0, 1 / 3, 1 / 3], atol=0.01)
    within = np.bincount(drawn, minlength=100)[90:99] / len(drawn)
    np.testing.assert_allclose(within, 1 / 27, atol=0.01)


def test_by_class_nothing_is_shuffled_and_classes_follow_each_other() -> None:
    labels = np.array([2, 0, 1, 0, 2, 0])
    training = Training(batch=4, order="by-class", last_batch="short")
    first, second = (epoch_order(labels, training, np.random.default_rng(seed)) for seed in (0, 1))
    np.testing.assert_array_equal(first, second)
    shape = epoch_shape(training, labels)
    assert (shape.size, shape.steps, shape.last) == (4, 2, 2)
    assert first.ravel()[:6].tolist() == [1, 3, 5, 2, 0, 4]


@pytest.mark.parametrize(
    ("last_batch", "clips", "expected"),
    [
        ("wrapped", 10, (4, 3, 4)),
        ("short", 10, (4, 3, 2)),
        ("short", 8, (4, 2, 4)),
        ("dropped", 10, (4, 2, 4)),
        ("dropped", 8, (4, 2, 4)),
        ("dropped", 3, (3, 1, 3)),
    ],
)
def test_the_last_batch_is_wrapped_short_or_dropped(last_batch: str, clips: int, expected: tuple[int, ...]) -> None:
    shape = epoch_shape(Training(batch=4, last_batch=last_batch), np.zeros(clips, dtype=np.int64))
    assert (shape.size, shape.steps, shape.last) == expected


def test_rare_classes_are_repeated_until_they_balance() -> None:
    labels = np.array([0] * 10 + [1] * 5 + [3] * 4)  # class 2 has no clip
    assert np.bincount(labels[repeated(labels)]).tolist() == [10, 10, 0, 8]  # 10 / 4 rounds to 2
    training = Training(batch=28, sampling="repeated")
    assert epoch_shape(training, labels).size == 28
    order = epoch_order(labels, training, np.random.default_rng(0))
    assert np.bincount(labels[order.ravel()]).tolist() == [10, 10, 0, 8]


def test_settings_that_came_later_leave_identities_as_they_were() -> None:
    later = {
        "order",
        "last_batch",
        "margin_present",
        "margin_absent",
        "interpolation",
        "colour_jitter",
        "frozen",
        "frozen_statistics",
        "layer_decay",
        "head_epochs",
    }
    assert not later & set(Training().described())
    assert Training(last_batch="short").described()["last_batch"] == "short"
