"""Colours of training frames, changed at random: brightness, contrast, saturation and hue, in random order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

#: What red, green and blue weigh in the luminance of ITU-R BT.601.
_LUMINANCE = (0.299, 0.587, 0.114)


def draw_colour(strength: float, shape: tuple[int, ...], generator: np.random.Generator) -> npt.NDArray[np.float32]:
    """What `jitter` does to each clip, `(*shape 8)`: three factors, a shift of hue, and the order of the four.

    Factors of brightness, contrast and saturation are drawn from 1 - strength to 1 + strength, the shift of hue from
    -strength to strength of the circle: the ranges of torchvision's `ColorJitter` with that one number four times.
    """
    factors = generator.uniform(1 - strength, 1 + strength, (*shape, 3))
    hue = generator.uniform(-strength, strength, (*shape, 1))
    order = generator.permuted(np.broadcast_to(np.arange(4.0), (*shape, 4)), axis=-1)
    return np.concatenate([factors, hue, order], -1).astype(np.float32)


def jitter(frames: Tensor, colour: Tensor) -> Tensor:
    """The frames `(clip moment rgb height width)` in 0..1 with their colours changed by `colour` `(clip 8)`.

    All frames of a clip are changed alike, as `draw_colour` says. Grey frames have no saturation and no hue.
    """
    changes = (brightness, contrast, saturation, shifted_hue) if frames.shape[2] == 3 else (brightness, contrast)
    of_clip = colour.to(frames.dtype)[:, :, None, None, None, None]
    for place in range(4, 8):
        for which, change in enumerate(changes):
            frames = torch.where(of_clip[:, place] == which, change(frames, of_clip[:, which]), frames)
    return frames


def brightness(frames: Tensor, factor: Tensor) -> Tensor:
    """The frames times the factor, within 0..1."""
    return (frames * factor).clamp(0, 1)


def contrast(frames: Tensor, factor: Tensor) -> Tensor:
    """The frames, as much farther from the mean luminance of each as the factor says."""
    mean = luminance(frames).mean((-2, -1), keepdim=True)
    return (mean + factor * (frames - mean)).clamp(0, 1)


def saturation(frames: Tensor, factor: Tensor) -> Tensor:
    """The frames, each pixel as much farther from its luminance as the factor says."""
    grey = luminance(frames)
    return (grey + factor * (frames - grey)).clamp(0, 1)


def shifted_hue(frames: Tensor, shift: Tensor) -> Tensor:
    """The frames with their hue shifted by a share of the circle."""
    most, least = frames.amax(2, keepdim=True), frames.amin(2, keepdim=True)
    spread = most - least
    red, green, blue = ((most - frames) / torch.where(spread > 0, spread, 1)).split(1, 2)
    of_red, of_green = frames[:, :, :1] == most, frames[:, :, 1:2] == most
    sixths = torch.where(of_red, blue - green, torch.where(of_green, 2 + red - blue, 4 + green - red))
    hue = sixths + 6 * shift
    # at the value `most`: each channel is a trapezium over the circle of hues, as deep as the colour is saturated
    lack = [1 - ((hue + turn) % 6 - 3).abs().sub(1).clamp(0, 1) for turn in (0, 4, 2)]
    return most - spread * torch.cat(lack, 2)


def luminance(frames: Tensor) -> Tensor:
    """The luminance `(clip moment 1 height width)` of frames `(clip moment rgb height width)`; grey is its own."""
    if frames.shape[2] == 1:
        return frames
    red, green, blue = frames.split(1, 2)
    grey: Tensor = _LUMINANCE[0] * red + _LUMINANCE[1] * green + _LUMINANCE[2] * blue
    return grey
