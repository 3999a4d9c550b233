"""STSTNet against a plain transcription of its release, and its released weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from merbench.errors import EntryError, UsageError
from merbench.inputs import Flow
from merbench.method import TrainInfo
from merbench.methods.ststnet import STSTNet, STSTNetParameters, official
from merbench.registry import methods
from merbench.training.randomness import set_generator

INFO = TrainInfo(classes=tuple("abc"), labels=np.arange(3), subjects=tuple("abc"), action_units=((),) * 3)
PICTURES = torch.randint(0, 256, (6, 3, 28, 28), generator=torch.Generator().manual_seed(1)).double()


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """On one thread the streams are computed as one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def batch_norm(layer: Any, x: Tensor, training: bool) -> Tensor:
    """Batch normalisation written out."""
    mean, var = layer.running_mean, layer.running_var
    if training:
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
    shape = (1, -1, 1, 1)
    scaled = (x - mean.view(shape)) / torch.sqrt(var.view(shape) + 1e-5)
    normed: Tensor = scaled * layer.weight.view(shape) + layer.bias.view(shape)
    return normed


def released(weights: dict[str, Tensor], network: Any, flow: Tensor, training: bool) -> Tensor:
    """3x3 convolution padded by 2, ReLU, norm, 3x3 max over steps of 3 padded by 1; then 2x2 means and one layer."""
    joined = []
    for stream in network.streams:
        x = functional.conv2d(functional.pad(flow, (2, 2, 2, 2)), stream[0].weight, stream[0].bias)
        x = batch_norm(stream[2], x.clamp_min(0), training)
        assert x.shape[2:] == (30, 30)
        x = functional.pad(x, (1, 1, 1, 1), value=-torch.inf).unfold(2, 3, 3).unfold(3, 3, 3)
        joined.append(x.amax((-1, -2)))
    x = torch.cat(joined, 1)
    assert x.shape[1:] == (16, 10, 10)
    x = x.reshape(-1, 16, 5, 2, 5, 2).mean((3, 5)).flatten(1)
    return x @ weights["head.weight"].T + weights["head.bias"]


def test_the_network_is_the_released_one(transcription: Any) -> None:
    network = transcription.fixed(STSTNet(STSTNetParameters(dropout=0.0)).network(INFO))
    weights = dict(network.named_parameters())
    transcription.require_equal(
        network,
        (PICTURES,),
        lambda training: released(weights, network, PICTURES, training),
        torch.tensor([0, 1, 2, 0, 1, 2]),
    )


def release_state(network: Any) -> dict[str, Tensor]:
    state = {f"fc.{name}": value for name, value in network.head.state_dict().items()}
    for place, stream in enumerate(network.streams, 1):
        state |= {f"conv{place}.{name}": value for name, value in stream[0].state_dict().items()}
        state |= {f"bn{place}.{name}": value for name, value in stream[2].state_dict().items()}
    return state


def test_released_weights_are_loaded_and_called_on_released_pictures(transcription: Any) -> None:
    network = transcription.fixed(STSTNet().network(INFO)).eval()
    loaded = official.load(release_state(network))
    assert not loaded.training
    assert torch.equal(loaded(PICTURES), network(PICTURES))


def test_released_weights_of_another_shape_are_refused_by_name() -> None:
    state = release_state(STSTNet().network(INFO))
    with pytest.raises(UsageError, match=r"fc.weight is \(3, 9\), not \(3, 400\)"):
        official.load({**state, "fc.weight": torch.zeros(3, 9)})
    with pytest.raises(UsageError, match=r"'conv4.weight' belongs to no part of STSTNet"):
        official.load({**state, "conv4.weight": torch.zeros(3)})
    state.pop("bn2.running_mean")
    with pytest.raises(UsageError, match=r"lacking bn2.running_mean \(5,\)"):
        official.load(state)


def test_the_published_input_is_that_of_the_release() -> None:
    [flow] = STSTNet().inputs().arrays
    assert isinstance(flow, Flow)
    assert (flow.scale, flow.value_range, flow.order) == ("minmax", (0.0, 255.0), ("strain", "v", "u"))
    field = np.random.default_rng(2).normal(size=(2, 40, 40)).astype(np.float32)
    delivered = flow.delivered(field)
    assert delivered.min((1, 2)).tolist() == [0, 0, 0]
    assert delivered.max((1, 2)) == pytest.approx([255, 255, 255])
    plain = Flow(size=(28, 28), strain=True).delivered(field)
    for place, channel in enumerate((2, 1, 0)):
        stretched = (plain[channel] - plain[channel].min()) / np.ptp(plain[channel]) * 255
        np.testing.assert_allclose(delivered[place], stretched, rtol=1e-4, atol=1e-3)


def test_a_still_clip_and_an_order_without_stretching() -> None:
    still = np.zeros((2, 28, 28), dtype=np.float32)
    for scale in ("none", "minmax", "unit"):
        assert not Flow(size=(28, 28), scale=scale).delivered(still).any()  # type: ignore[arg-type]
    with pytest.raises(EntryError, match="the order may name each of u, v once"):
        Flow(size=(28, 28), order=("v", "u"))
    with pytest.raises(EntryError, match="from a lower to a higher"):
        Flow(size=(28, 28), scale="minmax", value_range=(1.0, 1.0))


def test_unit_flow_keeps_directions() -> None:
    field = np.random.default_rng(3).normal(size=(2, 28, 28)).astype(np.float32)
    unit = Flow(size=(28, 28), scale="unit", strain=True).delivered(field)
    assert np.hypot(*unit[:2]).max() == pytest.approx(1)
    np.testing.assert_allclose(np.arctan2(*unit[:2]), np.arctan2(*field), rtol=1e-4, atol=1e-5)


def test_published_recipes_are_those_of_the_two_releases() -> None:
    for name, epochs in (("published", 800), ("published-shuffled", 800), ("published-matlab", 500)):
        training = STSTNet.recipe(name, 3).training
        assert training is not None
        assert (training.epochs, training.batch, training.optimiser) == (epochs, 256, "adam")
        assert training.learning_rate == 5e-5
    published = STSTNet.recipe("published", 3).training
    assert published is not None
    assert (published.order, published.last_batch) == ("by-class", "short")


def by_layers(network: Any, flow: Tensor) -> Tensor:
    """What the modules compute, one after the other."""
    joined = torch.cat([stream(flow) for stream in network.streams], 1)
    logits: Tensor = network.head(functional.avg_pool2d(joined, 2).flatten(1))
    return logits


@pytest.mark.parametrize(("size", "clips"), [(28, 37), (16, 16), (31, 5), (33, 18)], ids=["28", "16", "31", "33"])
def test_training_on_a_cpu_computes_what_the_layers_do(transcription: Any, size: int, clips: int) -> None:
    flow = torch.randint(0, 256, (clips, 3, size, size), generator=torch.Generator().manual_seed(2)).double()
    flow[:, :, : size // 2] = 127.0  # a still half, where maxima are tied
    merged, layers = (
        transcription.fixed(STSTNet(STSTNetParameters(size=size)).network(INFO)).train() for _ in range(2)
    )
    truth = torch.arange(clips) % 3
    states = []
    for network, forward in ((merged, merged), (layers, lambda flow: by_layers(layers, flow))):
        set_generator(network, torch.device("cpu"), 3)
        for _ in range(2):
            network.zero_grad()
            functional.cross_entropy(forward(flow), truth).backward()
        gradients = {f"gradient of {name}": value.grad for name, value in network.named_parameters()}
        states.append({**network.state_dict(), **gradients})
    assert int(merged.streams[0][2].num_batches_tracked) == 2
    for name, value in states[0].items():
        torch.testing.assert_close(
            value, states[1][name], rtol=1e-9, atol=1e-9, msg=lambda text, n=name: f"{n}: {text}"
        )


def test_scales_that_are_not_positive_are_left_to_the_layers(transcription: Any) -> None:
    network = transcription.fixed(STSTNet(STSTNetParameters(dropout=0.0)).network(INFO)).train()
    with torch.no_grad():
        network.streams[1][2].weight[0] = -0.5
        network.streams[2][2].weight[3] = 0.0
    assert torch.equal(network(PICTURES), by_layers(network, PICTURES))


def test_flow_whose_gradient_is_asked_for_gets_it(transcription: Any) -> None:
    network = transcription.fixed(STSTNet(STSTNetParameters(dropout=0.0)).network(INFO)).train()
    flow = PICTURES.clone().requires_grad_()
    network(flow).sum().backward()
    assert flow.grad is not None
    assert flow.grad.abs().sum() > 0


def test_in_bfloat16_the_streams_are_computed_in_float32() -> None:
    network = STSTNet(STSTNetParameters(dropout=0.0)).network(INFO).train()
    exact = network(PICTURES.float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = network(PICTURES.float())
    torch.testing.assert_close(rounded.float(), exact, rtol=2e-2, atol=2e-2)


def test_its_revision_is_part_of_its_identity_and_other_methods_keep_theirs() -> None:
    assert STSTNet.revision == 2
    assert methods.get("sssnet").revision == 1


def test_several_threads_train_by_the_layers(transcription: Any) -> None:
    network = transcription.fixed(STSTNet(STSTNetParameters(dropout=0.0)).network(INFO)).train()
    torch.set_num_threads(2)
    assert torch.equal(network(PICTURES), by_layers(network, PICTURES))
    torch.set_num_threads(1)
    assert not torch.equal(network(PICTURES), by_layers(network, PICTURES))
    torch.testing.assert_close(network(PICTURES), by_layers(network, PICTURES))


def test_card_and_readme_say_the_duration_that_the_reproduction_declares() -> None:
    [short] = [each for each in STSTNet.reproductions if each.name == "ststnet-short"]
    assert short.duration is not None
    minutes = f"{short.duration.core_hours / 2 * 60:.0f} minutes"  # without inner, which trains twice
    root = Path(__file__).parents[2]
    assert f"It took {minutes}" in (root / "methods" / "ststnet" / "README.md").read_text(encoding="utf-8")
    assert f"trains 68 networks: {minutes}" in (root / "README.md").read_text(encoding="utf-8")
