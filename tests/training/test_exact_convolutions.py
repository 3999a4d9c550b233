"""Convolutions that a processor gets wrong in bfloat16 have the gradients of float32."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import merbench
from merbench.training.exact_convolutions import with_exact_convolutions
from merbench.training.vmap_autocast import VmapAutocast

#: Layers and the shapes of their inputs for which oneDNN's gradients are wrong, and one that is computed rightly.
WRONG: list[tuple[nn.Module, tuple[int, ...]]] = [
    (nn.Conv3d(16, 16, (3, 1, 1), padding=(1, 0, 0), bias=False), (16, 16, 2, 4, 4)),
    (nn.Conv3d(8, 16, 3, padding=1), (16, 8, 2, 7, 7)),
    (nn.Conv2d(16, 16, 3, padding=1, stride=2), (16, 16, 4, 1)),
    (nn.Conv1d(20, 36, 5, padding=2, stride=2), (16, 20, 1)),
]
RIGHT = (nn.Conv2d(16, 16, 3, padding=1), (16, 16, 4, 4))


def gradient(layer: nn.Module, clips: Tensor, towards: Tensor, *, narrow: bool) -> tuple[Tensor, torch.dtype]:
    layer.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=narrow):
        result = layer(clips)
    (result.float() * towards).sum().backward()
    weight: Any = layer.weight
    return weight.grad.clone(), result.dtype


@pytest.mark.parametrize(("layer", "shape"), WRONG)
def test_gradients_are_those_of_float32(layer: nn.Module, shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    clips = torch.randn(shape, generator=generator)
    towards = torch.randn(layer(clips).shape, generator=generator)
    expected, _ = gradient(layer, clips, towards, narrow=False)
    exact = with_exact_convolutions(nn.Sequential(copy.deepcopy(layer)))[0]
    computed, dtype = gradient(exact, clips, towards, narrow=True)
    assert dtype == torch.float32
    torch.testing.assert_close(computed, expected)
    assert exact.state_dict().keys() == layer.state_dict().keys()
    assert isinstance(copy.deepcopy(exact), type(layer))


def test_others_stay_in_bfloat16() -> None:
    layer, shape = RIGHT
    exact = with_exact_convolutions(nn.Sequential(copy.deepcopy(layer)))
    with torch.autocast("cpu", torch.bfloat16):
        assert exact(torch.randn(shape)).dtype == torch.bfloat16


def test_stacked_folds_too() -> None:
    layer, clips = nn.Conv3d(8, 8, (3, 1, 1), padding=(1, 0, 0), bias=False), torch.randn(16, 8, 2, 4, 4)
    with VmapAutocast():
        assert torch.nn.functional.conv3d(clips, layer.weight, padding=(1, 0, 0)).dtype == torch.float32
        assert torch.nn.functional.conv2d(clips[:, :, 0], layer.weight[:, :, 0]).dtype == torch.bfloat16


def test_the_video_network_learns_as_in_float32(tmp_path: Path) -> None:
    # its third stage has two frames: in bfloat16 the outputs were not finite after two epochs
    settings = {"dataset.subjects": 3, "dataset.clips": 5, "epochs": 3, "width": 4, "size": 32}
    runs = {
        precision: merbench.run(
            "r2plus1d", "loso", settings=settings, recipe="quick", device="cpu", precision=precision,
            rules="last", out=tmp_path / precision,
        )
        for precision in ("bfloat16", "float32")
    }  # fmt: skip
    computed, expected = ([fold.probabilities[0] for fold in run.outer] for run in runs.values())
    for one, other in zip(computed, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=0.05)
