"""The linear probe: features of timm's own network, of three views, computed once, and weights that it says it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch

import merbench
from merbench.method import Samples
from merbench.registry import methods

FRAMES = np.random.default_rng(3).integers(0, 256, (5, 2, 32, 32, 3), dtype=np.uint8)


def made(name: str = "linear-probe:random-test_resnet", **values: Any) -> Any:
    entry = methods.get(name)
    return entry(entry.Parameters().changed({"size": 32, **values}))


def features(method: Any, frames: np.ndarray = FRAMES) -> np.ndarray:
    result: np.ndarray = method.features(Samples(count=len(frames), frames=frames))
    return result


def test_the_features_are_those_of_timms_network_for_each_view(tmp_path: Path) -> None:
    own = timm.create_model("test_resnet", num_classes=7).eval()
    torch.save(
        {"state_dict": {f"module.{name}": value for name, value in own.state_dict().items()}}, tmp_path / "w.pth"
    )
    rows = features(made("linear-probe:test_resnet", weights=str(tmp_path / "w.pth")))
    onset, apex = (torch.tensor(FRAMES[:, moment]).permute(0, 3, 1, 2) / 255.0 for moment in (0, 1))
    mean, std = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    views = ((onset - mean) / std, (apex - mean) / std, (apex - onset) / std)
    with torch.no_grad():
        expected = np.concatenate([own.forward_head(own.forward_features(view), pre_logits=True) for view in views], 1)
    np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-5)


def test_random_values_are_drawn_once_and_leave_the_global_generator_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    rows = features(made())
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(rows, features(made()))
    assert not np.allclose(rows, features(made(draw=1)))


def test_features_of_a_clip_do_not_depend_on_the_others() -> None:
    method = made(views="difference")
    rows = features(method)
    for clip in range(len(FRAMES)):
        np.testing.assert_allclose(features(method, FRAMES[clip : clip + 1])[0], rows[clip], rtol=1e-5, atol=1e-5)


def test_a_run_computes_the_features_of_each_clip_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = type(made())
    count, original = [0], kind.features

    def counted(self: Any, samples: Samples) -> Any:
        count[0] += samples.count
        return original(self, samples)

    monkeypatch.setattr(methods.get("linear-probe"), "features", counted)
    settings = {"size": 32, "dataset.subjects": 4, "dataset.clips": 3}
    run = merbench.run("linear-probe:random-test_resnet", dataset="synthetic-a", settings=settings, out=tmp_path / "r")
    assert count[0] == sum(len(fold) for fold in run.keys)
    assert run.header.title == "Linear probe of timm network random-test_resnet"
