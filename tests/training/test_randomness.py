"""Streams of randomness, dropout that takes its generator, and global generators left alone."""

import hashlib

import numpy as np
import pytest
import torch
from torch import nn

from merbench.training.randomness import Dropout, DropPath, generator, seeded, set_generator, stream, torch_seed

CPU = torch.device("cpu")


def test_streams_differ_by_seed_fold_and_purpose() -> None:
    names = [(seed, fold, purpose) for seed in (0, 1) for fold in ("d/01", "d/02", "") for purpose in ("order", "fit")]
    drawn = {generator(*name).integers(2**62) for name in names}
    assert len(drawn) == len(names)
    assert len({torch_seed(*name) for name in names}) == len(names)


def test_a_stream_does_not_depend_on_what_was_drawn_before() -> None:
    one = generator(0, "d/01", "order").random(5)
    generator(0, "d/02", "order").random(100)
    np.testing.assert_array_equal(generator(0, "d/01", "order").random(5), one)


def test_a_stream_comes_from_the_seed_and_a_hash_of_the_names() -> None:
    digest = hashlib.sha256(b"d/01\0order").digest()
    words = [int.from_bytes(digest[place : place + 4], "little") for place in range(0, 32, 4)]
    expected = np.random.SeedSequence(3, spawn_key=words).generate_state(4)
    np.testing.assert_array_equal(stream(3, "d/01", "order").generate_state(4), expected)


def test_fold_and_purpose_are_kept_apart() -> None:
    assert torch_seed(0, "ab", "c") != torch_seed(0, "a", "bc")


def test_a_torch_seed_fits_63_bits() -> None:
    seeds = [torch_seed(seed, "d/01", "network") for seed in range(200)]
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**61


def test_a_seeded_block_puts_torchs_generator_back() -> None:
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    with seeded(5, CPU):
        inside = torch.rand(3)
    torch.testing.assert_close(torch.rand(3), expected, rtol=0, atol=0)
    with seeded(5, CPU):
        assert torch.equal(torch.rand(3), inside)


def test_an_error_in_a_seeded_block_puts_torchs_generator_back_too() -> None:
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), seeded(5, CPU):
        raise ZeroDivisionError
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("kind", [Dropout, DropPath])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_expectation(kind: type[Dropout], rate: float) -> None:
    layer = kind(rate)
    set_generator(layer, CPU, 1)
    dropped = layer(torch.ones(40_000, 2))
    assert dropped.mean().item() == pytest.approx(1, abs=0.06)
    assert (dropped == 0).float().mean().item() == pytest.approx(rate, abs=0.01)
    torch.testing.assert_close(dropped.max(), torch.tensor(1 / (1 - rate)))


def test_drop_path_drops_whole_clips_and_dropout_single_features() -> None:
    path, single = DropPath(0.5), Dropout(0.5)
    for layer in (path, single):
        set_generator(layer, CPU, 1)
    features = torch.ones(64, 3, 5, 5)
    whole = path(features).flatten(1)
    assert ((whole == 0).all(1) | (whole == 2).all(1)).all()
    assert 0 < (whole == 0).all(1).sum() < 64
    assert not (single(features).flatten(1) == 0).all(1).any()


@pytest.mark.parametrize("kind", [Dropout, DropPath])
def test_dropout_does_nothing_when_watching_or_at_rate_0(kind: type[Dropout]) -> None:
    features = torch.rand(8, 3)
    assert kind(0.5).eval()(features) is features
    assert kind(0.0)(features) is features


@pytest.mark.parametrize("kind", [Dropout, DropPath])
def test_dropout_draws_from_its_own_generator_alone(kind: type[Dropout]) -> None:
    layer, features = kind(0.5), torch.ones(32, 4)
    before = torch.get_rng_state()
    set_generator(layer, CPU, 3)
    one = layer(features)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(10)
    set_generator(layer, CPU, 3)
    assert torch.equal(layer(features), one)
    assert not torch.equal(layer(features), one)


def test_every_layer_of_a_network_shares_one_generator() -> None:
    network = nn.Sequential(Dropout(0.5), nn.Sequential(DropPath(0.5), nn.Linear(2, 2)))
    set_generator(network, CPU, 3)
    handed = [module.generator for module in network.modules() if isinstance(module, Dropout)]
    assert len(handed) == 2
    assert handed[0] is handed[1] is not None
    assert Dropout(0.5).generator is None


def test_dropout_keeps_the_type() -> None:
    layer = Dropout(0.5)
    set_generator(layer, CPU, 3)
    assert layer(torch.ones(4, dtype=torch.float64)).dtype == torch.float64
    assert layer(torch.ones(4, dtype=torch.bfloat16)).dtype == torch.bfloat16
