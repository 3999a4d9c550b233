"""Learning rates, step by step."""

import numpy as np
import pytest
import torch

from merbench.entries.recipe import Training
from merbench.training.optim import learning_rates


def test_a_constant_rate_is_constant() -> None:
    np.testing.assert_array_equal(learning_rates(Training(epochs=3, learning_rate=0.1), 4), np.full((3, 4), 0.1))


def test_exponential_decay_equals_torchs_stepped_in_the_first_50_epochs() -> None:
    # as MMNet's released code has it: `for epoch in range(1, ...)`, and after each `if epoch <= 50: scheduler.step()`
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=8e-4)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimiser, gamma=0.987)
    expected = []
    for epoch in range(1, 75):
        expected.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if epoch <= 50:
            scheduler.step()
    training = Training(epochs=74, learning_rate=8e-4, schedule="exponential", decay=0.987, decay_epochs=50)
    found = learning_rates(training, 7)
    np.testing.assert_allclose(found, np.repeat(np.array(expected)[:, None], 7, axis=1), rtol=1e-12)
    assert found[49, 0] > found[50, 0] == found[51, 0] == found[73, 6]


def test_cosine_equals_torchs_and_ends_near_zero() -> None:
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=60)
    expected = []
    for _ in range(60):
        expected.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    found = learning_rates(Training(epochs=10, learning_rate=0.5, schedule="cosine"), 6)
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-9)
    assert (np.diff(found.ravel()) < 0).all()
    assert 0 < found[-1, -1] < 0.5 / 500


@pytest.mark.parametrize("schedule", ["constant", "exponential", "cosine"])
def test_warm_up_is_a_line_from_zero(schedule: str) -> None:
    plain = Training(epochs=10, learning_rate=1.0, schedule=schedule)
    warm = Training(epochs=10, learning_rate=1.0, schedule=schedule, warmup_epochs=1.0)
    np.testing.assert_allclose(learning_rates(warm, 5)[0], [0.2, 0.4, 0.6, 0.8, 1.0])
    if schedule == "cosine":
        after = learning_rates(Training(epochs=9, learning_rate=1.0, schedule="cosine"), 5)
        np.testing.assert_allclose(learning_rates(warm, 5)[1:], after)
    else:
        np.testing.assert_allclose(learning_rates(warm, 5)[1:], learning_rates(plain, 5)[1:])


def test_warm_up_of_a_part_of_an_epoch() -> None:
    rates = learning_rates(Training(epochs=2, learning_rate=1.0, warmup_epochs=0.5), 4)
    np.testing.assert_allclose(rates, [[0.5, 1, 1, 1], [1, 1, 1, 1]])


@pytest.mark.parametrize("schedule", ["constant", "exponential", "cosine"])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 1.0, 3.0, 10.0])
@pytest.mark.parametrize("steps", [1, 4])
def test_every_rate_is_positive_and_never_above_the_given_one(schedule: str, warmup: float, steps: int) -> None:
    training = Training(epochs=3, learning_rate=0.1, schedule=schedule, warmup_epochs=warmup)
    rates = learning_rates(training, steps)
    assert rates.shape == (3, steps)
    assert (rates > 0).all()
    assert (rates <= 0.1).all()
