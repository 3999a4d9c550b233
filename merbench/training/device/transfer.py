"""Arrays of the host on their way to the device."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor


def array_to(array: np.ndarray, device: torch.device) -> Tensor:
    """The array on the device; without waiting for a GPU."""
    tensor = torch.from_numpy(array)
    return tensor if device.type == "cpu" else tensor_to(tensor, device)


def tensor_to(tensor: Tensor, device: torch.device) -> Tensor:
    """A tensor of the host on the device; without waiting for a GPU."""
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


@cache
def constant(values: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """A constant tensor of a few values, sent to the device once."""
    return torch.tensor(values, dtype=dtype, device=device)
