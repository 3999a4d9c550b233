"""MMNet against a plain transcription of its description, in the names of the released modules."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from merbench import registry
from merbench.errors import UsageError
from merbench.method import TrainInfo
from merbench.methods.mmnet import MMNet, official
from merbench.methods.mmnet.parameters import MMNetParameters
from merbench.training.bases.released_weights import renamed

STAGES = ((128, 1), (128, 2), (256, 2), (512, 2))
Weights = dict[str, Tensor]


def released_weights(depth: int, ratio: float, seed: int = 0, dtype: torch.dtype = torch.float32) -> Weights:
    """Random weights under every name of the released modules, the dead ones included."""
    draws = torch.Generator().manual_seed(seed)
    weights: Weights = {}

    def put(name: str, *shape: int) -> None:
        fan = math.prod(shape[1:]) or 1
        weights[name] = torch.randn(*shape, generator=draws, dtype=dtype) / math.sqrt(fan)

    def put_norm(name: str, width: int) -> None:
        weights[f"{name}.weight"] = 1 + 0.1 * torch.randn(width, generator=draws, dtype=dtype)
        weights[f"{name}.bias"] = 0.1 * torch.randn(width, generator=draws, dtype=dtype)

    def put_batch_norm(name: str, width: int) -> None:
        put_norm(name, width)
        weights[f"{name}.running_mean"] = 0.1 * torch.randn(width, generator=draws, dtype=dtype)
        weights[f"{name}.running_var"] = 0.5 + torch.rand(width, generator=draws, dtype=dtype)
        weights[f"{name}.num_batches_tracked"] = torch.tensor(7)

    def put_linear(name: str, outside: int, inside: int) -> None:
        put(f"{name}.weight", outside, inside)
        put(f"{name}.bias", outside)

    put("conv_act.0.weight", 180, 3, 3, 3)
    put_batch_norm("conv_act.1", 180)
    put("pos.0.weight", 512, 3, 1, 1)
    put_batch_norm("pos.1", 512)
    put("vit_pos.cls_token", 1, 1, 512)
    weights["vit_pos.pos_embed"] = 0.02 * torch.randn(1, 196, 512, generator=draws, dtype=dtype)
    put("vit_pos.patch_embed.proj.weight", 512, 3, 1, 1)
    put("vit_pos.patch_embed.proj.bias", 512)
    for block in range(depth):
        name = f"vit_pos.blocks.{block}"
        put_norm(f"{name}.norm1", 512)
        put_linear(f"{name}.attn.qkv", 1536, 512)
        put_linear(f"{name}.attn.proj", 512, 512)
        put_norm(f"{name}.norm2", 512)
        put_linear(f"{name}.mlp.fc1", int(512 * ratio), 512)
        put_linear(f"{name}.mlp.fc2", 512, int(512 * ratio))
    put_norm("vit_pos.norm", 512)
    put_linear("vit_pos.head", 5, 512)
    put_linear("vit_pos.to_Mask.0", 1, 512)
    put("main_branch.conv1.weight", 128, 180, 3, 3)
    put_batch_norm("main_branch.bn1", 128)
    inside = 128
    for stage, (outside, stride) in enumerate(STAGES, 1):
        name = f"main_branch.layer{stage}.0"
        put(f"{name}.conv1.weight", outside, inside, 3, 3)
        put_batch_norm(f"{name}.bn1", outside)
        put(f"{name}.conv2.weight", outside, outside, 1, 1)
        put_batch_norm(f"{name}.bn2", outside)
        put(f"{name}.attn.0.weight", 1, 2, 1, 1)
        put_batch_norm(f"{name}.attn.1", 1)
        if stride != 1 or inside != outside:
            put(f"{name}.downsample.0.weight", outside, inside, 1, 1)
            put_batch_norm(f"{name}.downsample.1", outside)
        inside = outside
    put_linear("main_branch.fc", 5, 512 * 196)
    put("head.1.weight", 38, 112 * 112)
    weights["timeembed"] = torch.zeros(1, 4, 111, 111, dtype=dtype)
    return weights


def plain_mmnet(  # noqa: C901  # one page, read beside the description
    weights: Weights, onset: Tensor, apex: Tensor, depth: int, *, training: bool = False
) -> Tensor:
    """Logits by the description, step by step; batch statistics in training."""

    def norm(name: str, x: Tensor) -> Tensor:
        if training:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
        else:
            mean, var = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
        scale = weights[f"{name}.weight"] / torch.sqrt(var + 1e-5)
        return x * scale[:, None, None] + (weights[f"{name}.bias"] - mean * scale)[:, None, None]

    def conv(name: str, x: Tensor, stride: int = 1) -> Tensor:
        kernel = weights[f"{name}.weight"]
        return functional.conv2d(x, kernel, stride=stride, padding=kernel.shape[-1] // 2)

    def layer_norm(name: str, x: Tensor) -> Tensor:
        mean, var = x.mean(-1, keepdim=True), x.var(-1, unbiased=False, keepdim=True)
        return (x - mean) / torch.sqrt(var + 1e-6) * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def linear(name: str, x: Tensor) -> Tensor:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def self_attention(name: str, x: Tensor) -> Tensor:
        width = x.shape[2]
        query, key, value = linear(f"{name}.qkv", x).split(width, dim=2)
        heads = []
        for head in range(4):
            part = slice(head * 128, (head + 1) * 128)
            closeness = query[..., part] @ key[..., part].transpose(1, 2) / math.sqrt(128)
            heads.append(closeness.softmax(-1) @ value[..., part])
        return linear(f"{name}.proj", torch.cat(heads, -1))

    def gelu(x: Tensor) -> Tensor:
        return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))

    x = torch.relu(norm("conv_act.1", conv("conv_act.0", apex - onset, 2)))
    x = torch.relu(norm("main_branch.bn1", conv("main_branch.conv1", x)))
    attention = None
    for stage, (_, stride) in enumerate(STAGES, 1):
        name = f"main_branch.layer{stage}.0"
        body = torch.relu(norm(f"{name}.bn1", conv(f"{name}.conv1", x, stride)))
        body = norm(f"{name}.bn2", conv(f"{name}.conv2", body))
        if f"{name}.downsample.0.weight" in weights:
            x = norm(f"{name}.downsample.1", conv(f"{name}.downsample.0", x, stride))
        x = torch.relu(body + x)
        summary = torch.stack([x.mean(1), x.max(1).values], dim=1)
        now = torch.sigmoid(norm(f"{name}.attn.1", conv(f"{name}.attn.0", summary)))
        attention = now if attention is None else now * functional.max_pool2d(attention, 3, 2, 1)
        x = x * attention
    small = functional.interpolate(onset, (14, 14), mode="bilinear", antialias=True)
    kernel = weights["vit_pos.patch_embed.proj.weight"][:, :, 0, 0]
    tokens = torch.einsum("nchw,oc->nhwo", small, kernel) + weights["vit_pos.patch_embed.proj.bias"]
    tokens = tokens.reshape(len(onset), 196, 512) + weights["vit_pos.pos_embed"]
    for block in range(depth):
        name = f"vit_pos.blocks.{block}"
        tokens = tokens + self_attention(f"{name}.attn", layer_norm(f"{name}.norm1", tokens))
        hidden = gelu(linear(f"{name}.mlp.fc1", layer_norm(f"{name}.norm2", tokens)))
        tokens = tokens + linear(f"{name}.mlp.fc2", hidden)
    position = layer_norm("vit_pos.norm", tokens).transpose(1, 2).reshape(-1, 512, 14, 14)
    return linear("main_branch.fc", (x + position).flatten(1))


def frames(clips: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    draws = torch.Generator().manual_seed(3)
    onset = torch.randn(clips, 3, 224, 224, generator=draws, dtype=dtype)
    return onset, onset + 0.2 * torch.randn(clips, 3, 224, 224, generator=draws, dtype=dtype)


def info(classes: int) -> TrainInfo:
    names = tuple(map(str, range(classes)))
    return TrainInfo(classes=names, labels=np.arange(classes), subjects=names, action_units=((),) * classes)


CONFIGURATIONS = [pytest.param(2, 4.0, id="5-class"), pytest.param(3, 2.0, id="3-class")]


@pytest.mark.parametrize(("depth", "ratio"), CONFIGURATIONS)
def test_logits_agree_with_the_plain_transcription(depth: int, ratio: float) -> None:
    weights = released_weights(depth, ratio)
    onset, apex = frames(2)
    with torch.no_grad():
        expected = plain_mmnet(weights, onset, apex, depth)
        found = official.load(weights)(onset, apex)
    assert found.shape == (2, 5)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


@pytest.mark.slow
@pytest.mark.parametrize(("depth", "ratio"), CONFIGURATIONS)
def test_gradients_and_one_step_agree_with_the_plain_transcription(depth: int, ratio: float) -> None:
    weights = released_weights(depth, ratio, dtype=torch.float64)
    weights["main_branch.fc.weight"] *= 0.01  # else the softmax is saturated and its gradient nought
    onset, apex = frames(3, torch.float64)
    truth = torch.tensor([0, 3, 4])
    network = official.load(weights).double().train()
    keys = renamed("MMNet", weights, official._NAMES).keys
    names = {key: name for name, key in keys.items() if weights[key].is_floating_point()}
    learned = {old: new for old, new in names.items() if "running" not in old}
    for key in learned:
        weights[key].requires_grad_()
    functional.cross_entropy(plain_mmnet(weights, onset, apex, depth, training=True), truth).backward()
    optimiser = torch.optim.AdamW(network.parameters(), lr=8e-4, weight_decay=0.6)
    functional.cross_entropy(network(onset, apex), truth).backward()
    optimiser.step()
    own = dict(network.named_parameters())
    assert set(learned.values()) == set(own)
    for old, new in learned.items():
        gradient = weights[old].grad
        assert gradient is not None
        torch.testing.assert_close(own[new].grad, gradient, rtol=1e-8, atol=1e-8)
        stepped = weights[old].detach() * (1 - 8e-4 * 0.6) - 8e-4 * gradient / (gradient.abs() + 1e-8)
        # where a gradient is nought but for rounding, Adam's first step is its sign
        firm = gradient.abs() > 1e-6
        torch.testing.assert_close(own[new].detach()[firm], stepped[firm], rtol=1e-8, atol=1e-8)


def test_effective_parameters_are_those_of_the_released_code_without_its_dead_ones() -> None:
    assert MMNet().parameter_count(5) == 9_438_841
    three = MMNet(MMNetParameters().changed(MMNet.recipe("published", 3).parameters))
    assert three.parameter_count(5) == 9_442_425
    assert MMNet().parameter_count(3) == 9_438_841 - 2 * (512 * 196 + 1)


@pytest.mark.parametrize(("depth", "ratio"), CONFIGURATIONS)
def test_load_reads_depth_and_ratio_from_the_shapes_and_ignores_dead_keys(depth: int, ratio: float) -> None:
    weights = released_weights(depth, ratio)
    network = official.load({f"module.{key}": value for key, value in weights.items()})
    assert len(network.position.blocks) == depth
    assert torch.equal(network.head.weight, weights["main_branch.fc.weight"])
    assert torch.equal(network.position.place, weights["vit_pos.pos_embed"])
    assert not network.training


def test_load_trims_the_head_to_the_classes_asked_for() -> None:
    weights = released_weights(2, 4.0)
    onset, apex = frames(1)
    with torch.no_grad():
        whole = official.load(weights)(onset, apex)
        torch.testing.assert_close(official.load(weights, classes=3)(onset, apex), whole[:, :3])
        torch.testing.assert_close(official.load(weights, classes=[4, 0])(onset, apex), whole[:, [4, 0]])


def test_load_refuses_what_does_not_fit() -> None:
    weights = released_weights(2, 4.0)
    with pytest.raises(UsageError, match=r"lacking conv_act\.0\.weight \(180, 3, 3, 3\); of another"):
        official.load({key: value for key, value in weights.items() if key != "conv_act.0.weight"})
    with pytest.raises(UsageError, match=r"'extra\.weight' belongs to no part"):
        official.load({**weights, "extra.weight": torch.zeros(1)})
    with pytest.raises(
        UsageError, match=r"main_branch\.layer4\.0\.conv1\.weight is \(512, 256, 1, 1\), not \(512, 256, 3, 3\)"
    ):
        official.load({**weights, "main_branch.layer4.0.conv1.weight": torch.zeros(512, 256, 1, 1)})
    with pytest.raises(UsageError, match="outputs 0 to 4"):
        official.load(weights, classes=[0, 5])
    with pytest.raises(UsageError, match="state_dict"):
        official.load({})


@pytest.mark.parametrize("size", [32, 64, 112, 224])
@pytest.mark.parametrize("motion", ["difference", "apex"])
def test_builds_at_any_size_divisible_by_sixteen(size: int, motion: str) -> None:
    method = MMNet(MMNetParameters(size=size, motion=motion))
    network = method.network(info(3)).eval()
    with torch.no_grad():
        assert network(torch.zeros(2, 3, size, size), torch.ones(2, 3, size, size)).shape == (2, 3)


def test_the_difference_alone_enters_the_main_branch() -> None:
    network = MMNet(MMNetParameters(size=32)).network(info(3)).eval()
    seen: list[Tensor] = []
    network.branch.stem.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    onset = torch.rand(2, 3, 32, 32)
    network(onset, onset)
    assert float(seen[0].abs().max()) == 0


def test_attention_is_handed_on_as_a_prior() -> None:
    network = MMNet(MMNetParameters(size=64)).network(info(3)).eval()
    maps: list[Tensor] = []
    for block in network.branch.blocks:
        block.attention.register_forward_hook(lambda module, inputs, output: maps.append(output))
    network(torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64))
    assert [tuple(found.shape) for found in maps] == [(1, 1, side, side) for side in (32, 16, 8, 4)]
    for before, after in itertools.pairwise(maps):
        assert bool((after <= functional.max_pool2d(before, 3, 2, 1) + 1e-6).all())


def test_published_recipes_are_those_of_the_two_scripts() -> None:
    five, three = (MMNet.recipe("published", classes) for classes in (5, 3))
    assert five.training is not None
    assert three.training is not None
    picked = ("epochs", "batch", "weight_decay", "rotation", "pad", "decay", "decay_epochs", "learning_rate", "flip")
    assert [five.training.values()[name] for name in picked] == [74, 32, 0.6, 3.0, 15.0, 0.987, 50, 8e-4, 0.5]
    assert [three.training.values()[name] for name in picked] == [99, 24, 0.7, 4.0, 4.0, 0.987, 50, 8e-4, 0.5]
    assert (five.training.interpolation, three.training.interpolation) == ("nearest", "nearest")
    settings = MMNetParameters().changed(three.parameters)
    assert (settings.position_depth, settings.position_mlp_ratio, settings.position_drop_path) == (3, 2.0, 0.3)
    assert MMNet.recipe("published", 7) is five


def test_drop_path_grows_to_the_last_block() -> None:
    network = MMNet(MMNetParameters(size=32, position_depth=3, position_drop_path=0.3)).network(info(3))
    assert [block.drop_path1.rate for block in network.position.blocks] == pytest.approx([0.0, 0.15, 0.3])


def test_the_registry_serves_the_class_that_is_imported() -> None:
    assert registry.methods.get("mmnet") is MMNet
