"""The picture of a clip, and the attention that it shows."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from merbench.errors import EntryError, UsageError
from merbench.inference.attention import attending, attention_maps
from merbench.inference.figure import ClipFigure, magnified, picture


def test_the_difference_is_brought_to_a_clear_strength_about_grey() -> None:
    onset = np.full((8, 8, 3), 50, np.uint8)
    apex = onset.copy()
    apex[:4] += 10
    apex[4:] -= 5
    found, factor = magnified(onset, apex)
    assert factor == 10
    assert found[0, 0].tolist() == [228] * 3
    assert found[7, 7].tolist() == [78] * 3
    still, factor = magnified(onset, onset)
    assert factor == 1
    assert (still == 128).all()


@pytest.mark.parametrize("maps", [[], [None], [np.eye(3, dtype=np.float32)] * 6, [np.ones((2, 2), np.float32)]])
def test_a_picture_holds_whatever_the_blocks_give(maps: list[np.ndarray | None]) -> None:
    frame = np.zeros((30, 40, 3), np.uint8)
    inside = np.zeros((30, 40), dtype=bool)
    inside[5:10, 5:10] = True
    sight = ClipFigure(
        title="a title that is wider than any picture " * 20, facts="", onset=frame, apex=frame,
        probabilities=np.array([0.25, 0.75], np.float32), classes=("a", "b"), truth=frozenset({1}), maps=maps,
        motion_region=inside,
    )  # fmt: skip
    with Image.open(io.BytesIO(picture(sight))) as seen:
        assert seen.size == (max(4, len(maps)) * 234 + 10, 52 + (2 if maps else 1) * 254)


class Network(nn.Module):
    def __init__(self, *given: Tensor | None) -> None:
        super().__init__()
        self.given = given

    def attention(self, *views: Tensor) -> list[Tensor | None]:
        return list(self.given)


VIEWS = [torch.zeros(3, 3, 8, 8)]


def test_maps_are_means_over_channels_for_every_clip() -> None:
    weights = torch.rand(3, 2, 4, 4)
    first, none, channels, shared = attention_maps(
        Network(weights, None, torch.rand(3, 7, 1, 1), torch.ones(1, 1, 2, 2)), VIEWS, "mine"
    )
    assert first is not None
    np.testing.assert_allclose(first, weights.mean(1).numpy())
    assert none is None
    assert channels is None
    assert shared is not None
    assert shared.shape == (3, 2, 2)


@pytest.mark.parametrize("odd", [torch.rand(2, 1, 4, 4), torch.rand(3, 4, 4), -torch.ones(3, 1, 2, 2), "maps"])
def test_what_is_no_attention_gets_a_sentence(odd: Tensor) -> None:
    with pytest.raises(EntryError, match="mine, block 2: attention weights must be"):
        attention_maps(Network(None, odd), VIEWS, "mine")


def test_a_submodule_called_attention_is_no_interface() -> None:
    network = nn.Module()
    network.attention = nn.Identity()
    with pytest.raises(UsageError, match="mine cannot be explained"):
        attending(network, "mine")
    assert attending(Network(), "mine")
