"""MMNet's parts: every combination builds and learns, and each part is what it is named after."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from timm.layers.cbam import SpatialAttn
from timm.layers.squeeze_excite import SEModule
from torch import Tensor, nn

from merbench.inputs import Flow
from merbench.method import TrainInfo
from merbench.methods.mmnet import MMNet, components
from merbench.methods.mmnet.network import Network
from merbench.methods.mmnet.parameters import MMNetParameters

FAMILIES = (components.motion, components.attention, components.position, components.fusion)
EVERY = list(itertools.product(*(family.shipped for family in FAMILIES)))
CLASSES = tuple("abc")
INFO = TrainInfo(classes=CLASSES, labels=np.arange(3), subjects=CLASSES, action_units=((),) * 3)


def chosen(combination: tuple[str, ...], size: int) -> MMNet:
    motion, attention, position, fusion = combination
    return MMNet(MMNetParameters(size=size, motion=motion, attention=attention, position=position, fusion=fusion))


def views(method: MMNet, clips: int) -> list[Tensor]:
    """What the engine hands to the network, by what the method declares."""
    inputs = method.inputs()
    frames = [] if inputs.frames is None else [torch.randn(clips, 3, *inputs.frames.size) for _ in inputs.frames.at]
    return [*frames, *(torch.randn(clips, *array.shape) for array in inputs.arrays)]


def unlearned(network: nn.Module, logits: Tensor) -> list[str]:
    logits.square().sum().backward()
    return [name for name, weight in network.named_parameters() if weight.grad is None]


def check(combination: tuple[str, ...], size: int) -> None:
    method = chosen(combination, size)
    with torch.device("meta"):  # no time is spent on drawing weights
        network = method.network(INFO)
    network.to_empty(device="cpu")
    logits = network(*views(method, 2))
    assert logits.shape == (2, 3), combination
    assert unlearned(network, logits) == [], combination


@pytest.mark.slow
@pytest.mark.parametrize("motion", components.motion.shipped)
def test_every_combination_builds_and_has_no_dead_parameter(motion: str) -> None:
    for combination in EVERY:
        if combination[0] == motion:
            check(combination, 16)


@pytest.mark.parametrize("part", sorted({(at, name) for each in EVERY for at, name in enumerate(each)}))
def test_every_part_computes_in_bfloat16(part: tuple[int, str]) -> None:
    combination = ["difference", "continuous", "vit", "add"]
    combination[part[0]] = part[1]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        check(tuple(combination), 48)


@pytest.mark.parametrize("size", [48, 80, 208])
@pytest.mark.parametrize("attention", components.attention.shipped)
def test_sizes_divisible_by_sixteen_build(size: int, attention: str) -> None:
    check(("difference", attention, "vit", "add"), size)
    check(("flow", attention, "conv", "gated"), size)


@pytest.mark.parametrize(
    "combination",
    [
        ("difference", "continuous", "vit", "add"),
        ("onset+apex", "spatial-7x7", "conv", "gated"),
        ("flow", "squeeze-excitation", "learned", "concat"),
        ("flow+strain", "spatial-1x1", "vit", "multiply"),
        ("apex", "none", "none", "add"),
    ],
)
def test_combinations_learn(combination: tuple[str, ...]) -> None:
    torch.manual_seed(0)
    method = chosen(combination, 32)
    network, seen, truth = method.network(INFO), views(method, 3), torch.tensor([0, 1, 2])
    optimiser = torch.optim.SGD(network.parameters(), lr=1e-4)
    losses = []
    for _ in range(3):
        loss = nn.functional.cross_entropy(network(*seen), truth)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("motion", "position", "moments", "channels"),
    [
        ("difference", "vit", ("onset", "apex"), None),
        ("apex", "vit", ("onset", "apex"), None),
        ("apex", "learned", ("apex",), None),
        ("flow", "conv", ("onset",), 2),
        ("flow+strain", "none", None, 3),
    ],
)
def test_only_what_is_seen_is_asked_for(
    motion: str, position: str, moments: tuple[str, ...] | None, channels: int | None
) -> None:
    inputs = MMNet(MMNetParameters(size=48, motion=motion, position=position, flow="dis")).inputs()
    assert (None if inputs.frames is None else inputs.frames.at) == moments
    if channels is None:
        assert inputs.arrays == ()
    else:
        [flow] = inputs.arrays
        assert flow == Flow(size=(48, 48), algorithm="dis", strain=channels == 3)
        assert flow.shape == (channels, 48, 48)


def test_windows_stay_with_their_moments() -> None:
    frames = MMNet(MMNetParameters(motion="apex", position="none", apex_jitter_before=0.4)).inputs().frames
    assert frames is not None
    assert (frames.window("apex").before, frames.window("apex").after) == (0.4, 0.0)


def test_channel_and_spatial_attention_give_the_numbers_of_timm() -> None:
    features = torch.randn(2, 128, 7, 9)
    ours, theirs = components.attention.get("squeeze-excitation")(128), SEModule(128)
    matched(theirs, ours)
    torch.testing.assert_close(features * ours(features, None), theirs(features))
    cbam = SpatialAttn(7)
    own = components.attention.get("spatial-7x7")(128)
    matched(cbam, own)
    torch.testing.assert_close(features * own(features, None), cbam(features))


def matched(theirs: nn.Module, ours: nn.Module) -> None:
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))


def test_continuity_is_all_that_tells_the_papers_attention_from_the_plain_map() -> None:
    plain, continuous = (components.attention.get(name)(64).eval() for name in ("spatial-1x1", "continuous"))
    matched(plain, continuous)
    features, prior = torch.randn(2, 64, 6, 6), torch.full((2, 1, 12, 12), 0.25)
    torch.testing.assert_close(continuous(features, None), plain(features, None))
    torch.testing.assert_close(continuous(features, prior), 0.25 * plain(features, prior))


def test_attention_can_be_looked_at_and_is_none_where_there_is_none() -> None:
    frames = torch.randn(2, 2, 3, 64, 64).unbind()
    shapes = {"continuous": [(2, 1, side, side) for side in (32, 16, 8, 4)],
              "squeeze-excitation": [(2, width, 1, 1) for width in (128, 128, 256, 512)]}  # fmt: skip
    for name, expected in shapes.items():
        maps = network(attention=name).attention(*frames)
        assert [tuple(found.shape) for found in maps if found is not None] == expected
    assert network(attention="none").attention(*frames) == [None] * 4


def test_the_strides_of_the_figure_end_with_the_same_map() -> None:
    maps = network(strides="figure").attention(*torch.randn(2, 1, 3, 64, 64).unbind())
    assert [tuple(found.shape) for found in maps if found is not None] == [
        (1, 1, side, side) for side in (32, 16, 8, 4)
    ]
    block = network(strides="figure").branch.blocks[0]
    assert len(block.shortcut) == 2  # it halves, so it cannot be the identity
    assert network(strides="figure")(*torch.randn(2, 1, 3, 64, 64).unbind()).shape == (1, 3)


def network(**settings: object) -> Network:
    return MMNet(MMNetParameters().changed({"size": 64, **settings})).network(INFO)


def test_fusions_do_what_they_are_named_after() -> None:
    motion, position = torch.randn(2, 512, 3, 3), torch.randn(1, 512, 3, 3)
    made = {name: components.fusion.get(name)(512) for name in components.fusion.shipped}
    torch.testing.assert_close(made["add"](motion, position), motion + position)
    torch.testing.assert_close(made["multiply"](motion, position), motion * position)
    assert made["concat"](motion, position).shape == (2, 1024, 3, 3)
    gated = made["gated"](motion, position)
    least, most = torch.minimum(motion, position), torch.maximum(motion, position)
    assert bool(((gated >= least - 1e-6) & (gated <= most + 1e-6)).all())


def test_without_position_nothing_of_the_onset_reaches_the_apex_network() -> None:
    method = chosen(("apex", "continuous", "none", "concat"), 32)
    assert method.network(INFO).fusion is None
    learned = chosen(("apex", "continuous", "learned", "add"), 32).network(INFO)
    assert "place" in dict(learned.position.named_parameters())
