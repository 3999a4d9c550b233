"""Released weights under their released names: the loaded networks against plain transcriptions of the releases."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from torch import Tensor
from torch.nn import functional

from merbench.errors import UsageError
from merbench.methods.capsulenet import official as capsulenet
from merbench.methods.htnet import official as htnet
from merbench.methods.rcn import official as rcn
from merbench.methods.sssnet import official as sssnet

State = dict[str, Tensor]
Shapes = Mapping[str, Sequence[int]]


def filled(shapes: Shapes) -> State:
    """Arrays of these shapes in float64, from a fixed seed, variances and scales positive."""
    state, generator = {}, torch.Generator().manual_seed(8)
    for name, shape in shapes.items():
        wave = torch.rand(*shape, generator=generator, dtype=torch.float64) * 2 - 1
        positive = name.endswith(("running_var", ".g")) or (name.endswith("weight") and len(shape) == 1)
        fan_in = torch.Size(shape[1:]).numel()
        state[name] = 1 + 0.4 * wave if positive else wave * (2 / fan_in**0.5 if len(shape) == 4 else 0.2)
    return state


def convolution(name: str, inside: int, outside: int, kernel: int) -> Shapes:
    return {f"{name}.weight": (outside, inside, kernel, kernel), f"{name}.bias": (outside,)}


def norm(name: str, maps: int) -> Shapes:
    return {f"{name}.{each}": (maps,) for each in ("weight", "bias", "running_mean", "running_var")}


def linear(name: str, inside: int, outside: int) -> Shapes:
    return {f"{name}.weight": (outside, inside), f"{name}.bias": (outside,)}


def convolved(state: State, name: str, x: Tensor, **how: Any) -> Tensor:
    return functional.conv2d(x, state[f"{name}.weight"], state.get(f"{name}.bias"), **how)


def normed(state: State, name: str, x: Tensor) -> Tensor:
    weight, bias, mean, var = (
        state[f"{name}.{each}"][None, :, None, None] for each in ("weight", "bias", "running_mean", "running_var")
    )
    return (x - mean) / torch.sqrt(var + 1e-5) * weight + bias


def classified(state: State, name: str, x: Tensor) -> Tensor:
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


# SSSNet, as in MEB


def sssnet_shapes() -> Shapes:
    return {
        **convolution("conv1", 3, 32, 5),
        **norm("bn1", 32),
        **convolution("conv2", 32, 64, 3),
        **norm("bn2", 64),
        **linear("fc1", 5184, 256),
        **linear("fc", 256, 3),
    }


def sssnet_plain(state: State, x: Tensor) -> Tensor:
    x = normed(state, "bn1", functional.max_pool2d(convolved(state, "conv1", x).clamp_min(0), 3))
    x = normed(state, "bn2", functional.max_pool2d(convolved(state, "conv2", x).clamp_min(0), 2))
    return classified(state, "fc", classified(state, "fc1", x.flatten(1)).clamp_min(0))


# HTNet, a small one with queries and keys


def htnet_shapes() -> Shapes:
    shapes: dict[str, Sequence[int]] = convolution("to_patch_embedding.1", 147, 16, 1)  # type: ignore[assignment]
    for level, (width, depth) in enumerate(((16, 2), (32, 2), (64, 3))):
        inner = width // (3 * 2**level) * 3 * 2**level
        name = f"layers.{level}.0"
        shapes |= {f"{name}.pos_emb": (1,)}
        for layer in range(depth):
            own = f"{name}.layers.{layer}"
            shapes |= {f"{own}.{part}.norm.{each}": (1, width, 1, 1) for part in (0, 1) for each in "gb"}
            shapes |= {f"{own}.0.fn.to_qkv.weight": (3 * inner, width, 1, 1)}
            shapes |= convolution(f"{own}.0.fn.to_out.0", inner, width, 1)
            shapes |= convolution(f"{own}.1.fn.net.0", width, 4 * width, 1)
            shapes |= convolution(f"{own}.1.fn.net.3", 4 * width, width, 1)
        if level < 2:
            shapes |= convolution(f"layers.{level}.1.0", width, 2 * width, 3)
            shapes |= {f"layers.{level}.1.1.{each}": (1, 2 * width, 1, 1) for each in "gb"}
    shapes |= {f"mlp_head.0.{each}": (1, 64, 1, 1) for each in "gb"}
    return {**shapes, **linear("mlp_head.2", 64, 3)}


def channels_normed(state: State, name: str, x: Tensor) -> Tensor:
    mean, var = x.mean(1, keepdim=True), x.var(1, keepdim=True, unbiased=False)
    return (x - mean) / torch.sqrt(var + 1e-5) * state[f"{name}.g"] + state[f"{name}.b"]


def attended(state: State, name: str, x: Tensor, heads: int) -> Tensor:
    """Attention in blocks of one place, with its queries and keys."""
    query, key, value = functional.conv2d(x, state[f"{name}.to_qkv.weight"]).chunk(3, 1)
    clips, width, rows, columns = query.shape
    blocks = [
        each.permute(0, 2, 3, 1).reshape(clips * rows * columns, heads, 1, width // heads)
        for each in (query, key, value)
    ]
    weights = (blocks[0] @ blocks[1].transpose(-1, -2) * (width // heads) ** -0.5).softmax(-1)
    seen = (weights @ blocks[2]).reshape(clips, rows, columns, width).permute(0, 3, 1, 2)
    return convolved(state, f"{name}.to_out.0", seen)


def htnet_plain(state: State, picture: Tensor) -> Tensor:
    patches = picture.reshape(-1, 3, 4, 7, 4, 7).permute(0, 3, 5, 1, 2, 4).reshape(-1, 147, 4, 4)
    x = convolved(state, "to_patch_embedding.1", patches)
    for level, (heads, depth) in enumerate(((3, 2), (6, 2), (12, 3))):
        x = x + state[f"layers.{level}.0.pos_emb"]
        for layer in range(depth):
            own = f"layers.{level}.0.layers.{layer}"
            x = x + attended(state, f"{own}.0.fn", channels_normed(state, f"{own}.0.norm", x), heads)
            hidden = functional.gelu(convolved(state, f"{own}.1.fn.net.0", channels_normed(state, f"{own}.1.norm", x)))
            x = x + convolved(state, f"{own}.1.fn.net.3", hidden)
        if level < 2:
            x = channels_normed(state, f"layers.{level}.1.1", convolved(state, f"layers.{level}.1.0", x, padding=1))
            x = functional.max_pool2d(x, 3, 2, 1)
    return classified(state, "mlp_head.2", channels_normed(state, "mlp_head.0", x).mean((2, 3)))


# RCN-A, RCN-S, RCN-W, under the authors' names


def rectified_shapes(name: str, maps: int, kernel: int) -> Shapes:
    return {**convolution(f"{name}.0", maps, maps, kernel), **norm(f"{name}.1", maps)}


def attending_shapes(maps: int = 8, pool: int = 3) -> Shapes:
    return {
        **convolution("conv1.0", 3, maps, 5),
        **norm("conv1.1", maps),
        **rectified_shapes("rcls.0.ffconv", maps, 1),
        **rectified_shapes("rcls.0.rrconv", maps, 3),
        **linear("classifier", maps * pool**2, 3),
    }


def shortcut_shapes() -> Shapes:
    own = {name: shape for name, shape in attending_shapes().items() if not name.startswith("rcls")}
    layers = ((1, 1), (2, 3), (3, 3))  # the third is created and never used
    for place, kernel in layers:
        own |= rectified_shapes(f"dbl.0.conv{place}", 8, kernel)
    return own


def wide_shapes() -> Shapes:
    own = {name: shape for name, shape in attending_shapes().items() if not name.startswith("conv1")}
    for place, maps in enumerate((4, 2, 2), 1):
        own |= convolution(f"stream{place}.0", 3, maps, 3)
        own |= norm(f"stream{place}.2", maps)
    return own


def rectified(state: State, name: str, x: Tensor, padding: int) -> Tensor:
    return normed(state, f"{name}.1", convolved(state, f"{name}.0", x, padding=padding)).clamp_min(0)


def recurrent(state: State, x: Tensor) -> Tensor:
    y = rectified(state, "rcls.0.ffconv", x, 0)
    for _ in range(2):
        y = rectified(state, "rcls.0.rrconv", x + y, 1)
    return functional.adaptive_avg_pool2d(functional.max_pool2d(y, 2), 3)


def attending_plain(state: State, flow: Tensor) -> Tensor:
    entering = functional.max_pool2d(rectified(state, "conv1", flow, 0), 2)
    small = functional.adaptive_avg_pool2d(entering, 3)
    seen = (small[:, None] * state["classifier.weight"].reshape(1, 3, 8, 3, 3)).mean(2)
    seen = seen - seen.amin((2, 3), keepdim=True)
    attention = (seen / seen.amax((2, 3), keepdim=True)).mean(1, keepdim=True)
    return classified(state, "classifier", (recurrent(state, entering) * attention).flatten(1))


def shortcut_plain(state: State, flow: Tensor) -> Tensor:
    x = functional.max_pool2d(rectified(state, "conv1", flow, 0), 2)
    y = rectified(state, "dbl.0.conv1", x, 0)
    z = rectified(state, "dbl.0.conv2", x + y, 1)
    e = rectified(state, "dbl.0.conv2", x + y + z, 1)
    out = functional.max_pool2d(rectified(state, "dbl.0.conv2", x + y + z + e, 1), 2)
    return classified(state, "classifier", functional.adaptive_avg_pool2d(out, 3).flatten(1))


def wide_plain(state: State, flow: Tensor) -> Tensor:
    streams = [
        normed(
            state,
            f"stream{each}.2",
            convolved(state, f"stream{each}.0", flow, stride=3, padding=each, dilation=each).clamp_min(0),
        )
        for each in (1, 2, 3)
    ]
    return classified(state, "classifier", recurrent(state, torch.cat(streams, 1)).flatten(1))


# CapsuleNet on ResNet-18


def capsulenet_shapes() -> Shapes:
    resnet = torchvision.models.resnet18()
    own = {
        f"conv.model.{name}": tuple(value.shape)
        for name, value in resnet.state_dict().items()
        if not name.startswith(("layer4", "fc")) and not name.endswith("num_batches_tracked")
    }
    return {
        **own,
        **convolution("conv1", 256, 256, 9),
        **convolution("primarycaps.conv2d", 256, 256, 9),
        "digitcaps.weight": (3, 1152, 16, 8),
    }


def squashed(vectors: Tensor) -> Tensor:
    length = vectors.square().sum(-1, keepdim=True).sqrt()
    return vectors * length**2 / (1 + length**2) / (length + 1e-8)


def capsulenet_plain(state: State, picture: Tensor) -> Tensor:
    resnet = torchvision.models.resnet18().double().eval()
    prefix = "conv.model."
    own = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
    resnet.load_state_dict(own, strict=False)
    with torch.no_grad():
        x = resnet.layer3(resnet.layer2(resnet.layer1(resnet.bn1(resnet.conv1(picture)).relu())))
    x = convolved(state, "conv1", x).clamp_min(0)
    x = convolved(state, "primarycaps.conv2d", x, stride=2)
    capsules = squashed(x.permute(0, 2, 3, 1).reshape(len(x), -1, 8))
    votes = torch.einsum("kipq,niq->nkip", state["digitcaps.weight"], capsules)
    agreement = torch.zeros(votes.shape[:3], dtype=votes.dtype)
    for _ in range(3):
        classes = squashed((agreement.softmax(1)[..., None] * votes).sum(2))
        agreement = agreement + (classes[:, :, None] * votes).sum(-1)
    return classes.norm(dim=-1)


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release: its arrays, what they compute, how they are loaded, and an input of its shape."""

    shapes: Callable[[], Shapes]
    plain: Callable[[State, Tensor], Tensor]
    load: Callable[[State], torch.nn.Module]
    side: int
    first: str
    scale: float = 1.0

    def picture(self) -> Tensor:
        generator = torch.Generator().manual_seed(4)
        return torch.rand(2, 3, self.side, self.side, generator=generator, dtype=torch.float64) * self.scale


RELEASES = {
    "sssnet": Release(shapes=sssnet_shapes, plain=sssnet_plain, load=sssnet.load, side=64, first="conv1.weight"),
    "htnet": Release(
        shapes=htnet_shapes,
        plain=htnet_plain,
        load=htnet.load,
        side=28,
        first="to_patch_embedding.1.weight",
        scale=255.0,
    ),
    "rcn-a": Release(shapes=attending_shapes, plain=attending_plain, load=rcn.load, side=60, first="conv1.0.weight"),
    "rcn-s": Release(shapes=shortcut_shapes, plain=shortcut_plain, load=rcn.load, side=60, first="conv1.0.weight"),
    "rcn-w": Release(shapes=wide_shapes, plain=wide_plain, load=rcn.load, side=60, first="stream1.0.weight"),
    "capsulenet": Release(
        shapes=capsulenet_shapes,
        plain=capsulenet_plain,
        load=capsulenet.load,
        side=224,
        first="conv.model.conv1.weight",
    ),
}


@pytest.fixture(params=RELEASES, scope="module")
def release(request: pytest.FixtureRequest) -> Release:
    return RELEASES[request.param]


@pytest.fixture(scope="module")
def state(release: Release) -> State:
    return filled(release.shapes())


def test_the_loaded_network_computes_what_the_release_does(release: Release, state: State) -> None:
    network, picture = release.load(state), release.picture()
    assert not any(module.training for module in network.modules())
    with torch.no_grad():
        expected = release.plain(state, picture)
        assert expected.shape == (2, 3)
        assert expected.std() > 1e-6
        torch.testing.assert_close(network(picture), expected, rtol=1e-6, atol=1e-9)


def test_what_does_not_fit_is_refused_by_the_names_that_were_given(release: Release, state: State) -> None:
    with pytest.raises(UsageError, match=r"the array 'extra.weight' belongs to no part of"):
        release.load({**state, "extra.weight": torch.zeros(1)})
    shape = tuple(state[release.first].shape)
    odd = f"lacking none; of another shape {release.first} is (2, 3, 1, 1), not {shape}."
    with pytest.raises(UsageError, match=re.escape(odd)):
        release.load({**state, release.first: torch.zeros(2, 3, 1, 1)})
    rest = {name: value for name, value in state.items() if name != release.first}
    with pytest.raises(UsageError, match=re.escape(f"lacking {release.first} {shape}; of another shape none")):
        release.load(rest)
    with pytest.raises(UsageError, match=re.escape(f"lacking module.{release.first} {shape}")):
        release.load({f"module.{name}": value for name, value in rest.items()})
    with pytest.raises(UsageError, match=r"is lacking; give the state_dict\(\) of the whole released network"):
        release.load({})
    with pytest.raises(UsageError, match=r"expected a state_dict\(\), not list"):
        release.load([1])  # type: ignore[arg-type]


def test_every_array_that_is_lacking_is_named_as_the_release_names_it(release: Release, state: State) -> None:
    used = [key for key in state if not key.startswith("dbl.0.conv3")]  # which the release never uses
    for key in used[:: 1 + len(used) // 8]:
        with pytest.raises(UsageError) as refusal:
            release.load({name: value for name, value in state.items() if name != key})
        said = f"lacking {key} {tuple(state[key].shape)};", f"{key!r} is lacking;"
        assert any(each in str(refusal.value) for each in said)


def test_arrays_of_numpy_are_taken_and_other_values_refused_by_their_key(release: Release, state: State) -> None:
    arrays = {name: value.numpy() for name, value in state.items()}
    own, other = release.load(state).state_dict(), release.load(arrays).state_dict()  # type: ignore[arg-type]
    assert all(torch.equal(own[name], other[name]) for name in own)
    for value, said in ([1.0], "list"), (np.array(["a"]), "an array of <U1"):
        with pytest.raises(UsageError, match=re.escape(f"the value of '{release.first}' is {said}, not an array of n")):
            release.load({**state, release.first: value})  # type: ignore[dict-item]


def test_the_copy_of_rcn_in_meb_names_its_classifier_otherwise() -> None:
    state = filled(attending_shapes())
    copy = {name.replace("classifier", "fc"): value for name, value in state.items()}
    picture = RELEASES["rcn-a"].picture()
    assert torch.equal(rcn.load(copy)(picture), rcn.load(state)(picture))


def test_variants_of_rcn_that_are_not_here_are_refused() -> None:
    state = filled({**wide_shapes(), **shortcut_shapes()})
    with pytest.raises(UsageError, match=r"of RCN-P, RCN-C or RCN-F, which are not here"):
        rcn.load(state)
    state = filled(wide_shapes())
    del state["stream2.2.running_var"]
    with pytest.raises(UsageError, match=r"'stream2.2.running_var' is lacking"):
        rcn.load(state)


def test_the_release_of_sssnet_may_end_in_a_softmax() -> None:
    state, picture = filled(sssnet_shapes()), RELEASES["sssnet"].picture()
    torch.testing.assert_close(sssnet.load(state, softmax=True)(picture), sssnet.load(state)(picture).softmax(1))
