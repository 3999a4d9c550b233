"""Arrays of the host on their way to the device."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor


def placed(array: np.ndarray, device: torch.device) -> Tensor:
    """The array on the device; a GPU is handed it without being waited for."""
    tensor = torch.from_numpy(array)
    return tensor if device.type == "cpu" else shipped(tensor, device)


def shipped(tensor: Tensor, device: torch.device) -> Tensor:
    """A tensor of the host on the device; a GPU is handed it without being waited for."""
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


@cache
def constant(values: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """A tensor of a few numbers that never change, sent to the device once."""
    return torch.tensor(values, dtype=dtype, device=device)
