"""Networks of timm: nothing fetched, nothing drawn, and weights that fit or are refused."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from safetensors.torch import save_file

from merbench.errors import UnknownName, UsageError
from merbench.training.bases.timm_networks import lacking, read_weights, require_network, timm_network


@pytest.fixture(autouse=True)
def _no_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("asked for the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def made(name: str, **changed: Any) -> torch.nn.Module:
    return timm_network(name, **{"channels": 3, "size": 32, "classes": 4, **changed})


# ghostnet drops half-way through a function, test_vit in attention, vgg in a module of its own rate
@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_efficientnet", "ghostnet_050", "test_byobnet"])
def test_nothing_is_drawn_in_training(name: str) -> None:
    network = made(name).train()
    pictures = torch.rand(2, 3, 32, 32)
    before = torch.random.get_rng_state()
    first, second = network(pictures), network(pictures)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(first, second)
    assert first.shape == (2, 4)


def test_rates_that_were_asked_for_are_taken_back() -> None:
    network = made("test_vit", drop_rate=0.5, attn_drop_rate=0.5, drop_path_rate=0.5, proj_drop_rate=0.5).train()
    pictures = torch.rand(2, 3, 32, 32)
    before = torch.random.get_rng_state()
    network(pictures)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_features_without_classes() -> None:
    assert made("test_vit", classes=0)(torch.rand(2, 3, 32, 32)).shape == (2, 64)


def test_a_name_that_does_not_exist_gets_near_ones() -> None:
    with pytest.raises(
        UnknownName, match=r"network of timm 'resnte34'\. Did you mean 'resnet34' or .*timm.list_models"
    ):
        require_network("resnte34")
    with pytest.raises(UnknownName, match="Unknown network of timm 'hf-hub:timm/resnet18'"):
        made("hf-hub:timm/resnet18")


def test_a_size_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match=r"The network timm:test_vit cannot be built for 3 channels at size=5: .*size"):
        made("test_vit", size=5)


def kept(path: Path, **changed: torch.Tensor | None) -> Path:
    weights = {**timm.create_model("test_resnet", pretrained=False).state_dict(), **changed}
    found = {name: value for name, value in weights.items() if value is not None}
    if path.suffix == ".safetensors":
        save_file(found, path)
    else:
        torch.save(found, path)
    return path


@pytest.mark.parametrize("file", ["weights.safetensors", "weights.pth"])
def test_weights_come_from_a_file_but_for_the_classifier(tmp_path: Path, file: str) -> None:
    path = kept(tmp_path / file)
    whole, own = read_weights(path), made("test_resnet", weights=str(path)).state_dict()
    head = {name for name in own if name.startswith("fc.")}
    assert head
    assert all(torch.equal(value, whole[name]) for name, value in own.items() if name not in head)
    assert made("test_resnet", channels=2, weights=str(path))(torch.rand(2, 2, 32, 32)).shape == (2, 4)


def test_weights_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\d+ of \d+ arrays are missing"):
        made("test_vit", weights=str(kept(tmp_path / "other.pth")))
    first = next(name for name, value in read_weights(kept(tmp_path / "a.pth")).items() if value.ndim == 4)
    odd = kept(tmp_path / "odd.pth", **{first: torch.zeros(5, 3, 3, 3)})
    with pytest.raises(UsageError, match="cannot be built"):
        made("test_resnet", weights=str(odd))
    odd.write_bytes(b"no weights")
    with pytest.raises(UsageError, match="cannot be read"):
        made("test_resnet", weights=str(odd))


def test_counters_of_batch_norms_may_lack() -> None:
    assert lacking(["a.weight", "a.num_batches_tracked", "b.bias"], ["a.weight"]) == ["b.bias"]
