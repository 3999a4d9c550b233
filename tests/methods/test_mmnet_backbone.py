"""Feature extractors of timm in place of MMNet's main branch, with weights from a file or none."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import save_file

from merbench.errors import UnknownName, UsageError
from merbench.method import TrainInfo
from merbench.methods.mmnet import MMNet, timm_branch, timm_stages
from merbench.methods.mmnet.parameters import MMNetParameters

CLASSES = tuple("abc")
INFO = TrainInfo(classes=CLASSES, labels=np.arange(3), subjects=CLASSES, action_units=((),) * 3)


def network(**settings: Any) -> Any:
    return MMNet(MMNetParameters().changed({"size": 32, **settings})).network(INFO)


def views(*channels: int, size: int = 32) -> list[torch.Tensor]:
    return [torch.randn(2, each, size, size) for each in channels]


@pytest.mark.parametrize("attention", ["continuous", "squeeze-excitation", "none"])
def test_stages_are_weighted_and_fused_and_nothing_is_dead(attention: str) -> None:
    made = network(backbone="timm:test_resnet", attention=attention, fusion="concat")
    logits = made(*views(3, 3))
    assert logits.shape == (2, 3)
    logits.square().sum().backward()
    assert [name for name, weight in made.named_parameters() if weight.grad is None] == []


def test_a_transformer_that_must_know_its_size_is_told() -> None:
    made = network(backbone="timm:swin_tiny_patch4_window7_224", position="none", size=64)
    assert made(*views(3, 3, size=64)).shape == (2, 3)


def kept(path: Path, **changed: torch.Tensor | None) -> Path:
    """Weights of the small network in a file, some of them changed or left out."""
    weights = {**timm.create_model("test_resnet", pretrained=False).state_dict(), **changed}
    found = {name: value for name, value in weights.items() if value is not None}
    if path.suffix == ".safetensors":
        save_file(found, path)
    else:
        torch.save(found, path)
    return path


@pytest.mark.parametrize("file", ["weights.safetensors", "weights.pth"])
def test_weights_come_from_a_file_and_fit_any_number_of_channels(tmp_path: Path, file: str) -> None:
    path = kept(tmp_path / file)
    whole = timm_branch._weights("test_resnet", path)
    made = network(backbone="timm:test_resnet", weights=str(path))
    own = made.branch.extractor.state_dict()
    assert all(torch.equal(value, whole[name]) for name, value in own.items())
    flow = network(backbone="timm:test_resnet", weights=str(path), motion="flow", position="none")
    assert flow(*views(2)).shape == (2, 3)
    name = next(name for name in own if own[name].ndim == 4 and own[name].shape[1] != 3)
    assert torch.equal(flow.branch.extractor.state_dict()[name], whole[name])


def test_a_record_names_weights_by_name_and_content(tmp_path: Path) -> None:
    path = kept(tmp_path / "weights.pth")
    described = MMNetParameters(backbone="timm:test_resnet", weights=str(path)).described()
    assert described["weights"] == f"weights.pth sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert MMNetParameters().described() == MMNetParameters().values()


def test_names_that_do_not_exist_get_a_guess() -> None:
    with pytest.raises(UnknownName, match=r"'timm:resnet81'\. Did you mean 'timm:resnet18'"):
        MMNetParameters(backbone="timm:resnet81")
    with pytest.raises(UnknownName, match=r"backbone 'resnet18'.*timm:NAME"):
        MMNetParameters(backbone="resnet18")


def test_a_network_without_stages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("features_only not implemented for this model.")

    timm_stages._stages_of.cache_clear()
    monkeypatch.setattr(timm, "create_model", refuse)
    with pytest.raises(UsageError, match=r"features of no stages.*needs two or more"):
        MMNetParameters(backbone="timm:test_vit")
    timm_stages._stages_of.cache_clear()


def test_weights_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        MMNetParameters(backbone="timm:test_resnet", weights="nowhere.pth")
    path = kept(tmp_path / "weights.pth")
    with pytest.raises(UsageError, match="not possible with backbone=mmnet"):
        MMNetParameters(weights=str(path))
    lacking = next(iter(timm.create_model("test_resnet").state_dict()))
    with pytest.raises(UsageError, match=rf"1 of \d+ arrays are missing \({lacking}\)"):
        network(backbone="timm:test_resnet", weights=str(kept(tmp_path / "part.pth", **{lacking: None})))
    odd = kept(tmp_path / "odd.pth", **{lacking: torch.zeros(5, 3, 3, 3)})
    with pytest.raises(UsageError, match="cannot be built"):
        network(backbone="timm:test_resnet", weights=str(odd))
    path.write_bytes(b"no weights at all")
    with pytest.raises(UsageError, match="cannot be read"):
        network(backbone="timm:test_resnet", weights=str(path))


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.pth"
    torch.save({"weights": _Evil()}, path)
    with pytest.raises(UsageError, match="cannot be read"):
        network(backbone="timm:test_resnet", weights=str(path))


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("ran",))
