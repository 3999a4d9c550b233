"""A CUDA device that is not there: torch's fake tensors, which have shapes and devices but no values."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils._python_dispatch import _disable_current_modes

from merbench.method import NetworkMethod, TrainInfo
from tests.training.launch_recorder import LaunchRecorder

_Generator = torch.Generator
_rand = torch.rand
_uniform_ = Tensor.uniform_
_numpy = Tensor.numpy


@contextlib.contextmanager
def fake_cuda() -> Iterator[LaunchRecorder]:
    """A block in which `cuda` and `cuda:0` can be computed on by shapes alone, and what is launched there."""
    recorder = LaunchRecorder()
    with contextlib.ExitStack() as stack:
        for patch in _patches(recorder):
            stack.enter_context(patch)
        stack.enter_context(FakeTensorMode(allow_non_fake_inputs=True))
        stack.enter_context(recorder)
        yield recorder


@contextlib.contextmanager
def fake_networks(method: NetworkMethod) -> Iterator[None]:
    """A block in which the method's networks are built of real tensors, as building reads values, and then faked."""
    build = method.network

    def network(train: TrainInfo) -> nn.Module:
        with _disable_current_modes():
            real = build(train)
        return _faked(real)

    object.__setattr__(method, "network", network)
    try:
        yield
    finally:
        object.__delattr__(method, "network")


def _faked(network: nn.Module) -> nn.Module:
    """The network with fake tensors of the same shapes; called in a fake mode."""
    for module in network.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None:
                module._parameters[name] = nn.Parameter(_empty(parameter), requires_grad=parameter.requires_grad)
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = _empty(buffer)
    return network


def _empty(tensor: Tensor) -> Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype)


class _HostGenerator(type):
    """Generators of the fake device are real ones of the host."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _Generator)

    def __call__(cls, device: object = "cpu") -> torch.Generator:
        return _Generator("cpu")


def _patches(recorder: LaunchRecorder) -> list[Any]:
    """What would ask a driver."""
    cuda = torch.cuda
    answers: dict[str, Callable[..., Any]] = {
        "is_bf16_supported": lambda *args, **kwargs: True,
        "get_device_name": lambda device=None: "fake",
        "get_device_capability": lambda device=None: (9, 0),
        "mem_get_info": lambda device=None: (int(139e9), int(141e9)),
        "memory_reserved": lambda device=None: 0,
        "memory_allocated": lambda device=None: recorder.live,
        "max_memory_allocated": lambda device=None: recorder.peak,
        "synchronize": lambda device=None: None,
        "empty_cache": lambda: None,
        "manual_seed": lambda seed: None,
        "device": lambda device: contextlib.nullcontext(),
    }
    return [
        *(mock.patch.object(cuda, name, answer) for name, answer in answers.items()),
        mock.patch("torch.cuda.amp.common.amp_definitely_not_available", return_value=False),
        mock.patch.object(torch.random, "fork_rng", side_effect=lambda **kwargs: contextlib.nullcontext()),
        mock.patch.object(torch, "Generator", _HostGenerator("Generator", (), {})),
        mock.patch.object(torch, "rand", _rand_without_generator),
        mock.patch.object(Tensor, "uniform_", _uniform_without_generator),
        mock.patch.object(Tensor, "pin_memory", _pin),
        mock.patch.object(Tensor, "numpy", _zeros_of_fakes),
        mock.patch.object(Tensor, "backward", _backward),
        mock.patch.object(nn.Module, "_apply", _apply),
    ]


def _rand_without_generator(*size: Any, generator: object = None, **kwargs: Any) -> Tensor:
    return _rand(*size, **kwargs)


def _uniform_without_generator(tensor: Tensor, *args: Any, generator: object = None) -> Tensor:
    return _uniform_(tensor, *args)


def _zeros_of_fakes(tensor: Tensor, **kwargs: Any) -> np.ndarray:
    if not isinstance(tensor, FakeTensor):
        return _numpy(tensor, **kwargs)
    if tensor.device.type != "cpu":
        raise TypeError("can't convert a CUDA tensor to numpy")
    return np.zeros(tuple(tensor.shape), np.dtype(str(tensor.dtype).removeprefix("torch.")))


def _pin(tensor: Tensor, *args: Any) -> Tensor:
    if tensor.device.type != "cpu":
        raise RuntimeError("only dense CPU tensors can be pinned")
    return tensor.clone()


def _apply(module: nn.Module, change: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
    """`Module._apply` without `.data`, which fake tensors cannot be assigned to."""
    for each in module.modules():
        for name, parameter in each._parameters.items():
            if parameter is not None:
                changed = change(parameter.detach())
                each._parameters[name] = nn.Parameter(changed, requires_grad=parameter.requires_grad)
        for name, buffer in each._buffers.items():
            if buffer is not None:
                each._buffers[name] = change(buffer)
    return module


def _backward(root: Tensor, gradient: Tensor | None = None) -> None:
    """`Tensor.backward` without torch's engine, which asks a driver for its context: nodes are called in order."""
    start = root.grad_fn
    gradients: dict[Any, dict[int, Tensor]] = {start: {0: torch.ones_like(root) if gradient is None else gradient}}
    waiting, ready = _consumers(start), [start]
    with torch.no_grad():
        while ready:
            node = ready.pop()
            incoming = gradients.pop(node, {})
            if hasattr(node, "variable"):
                _accumulate(node.variable, incoming.get(0))
                continue
            for (following, slot), outgoing in zip(node.next_functions, _called(node, incoming), strict=False):
                if following is None:
                    continue
                if outgoing is not None:
                    own = gradients.setdefault(following, {})
                    fitting = _fitting(outgoing, following, slot)
                    own[slot] = fitting if slot not in own else own[slot] + fitting
                waiting[following] -= 1
                if not waiting[following]:
                    ready.append(following)


def _consumers(start: Any) -> Counter[Any]:
    """How many nodes hand a gradient to each node."""
    consumers: Counter[Any] = Counter()
    seen, todo = set(), [start]
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        for following, _ in node.next_functions:
            if following is not None:
                consumers[following] += 1
                todo.append(following)
    return consumers


def _called(node: Any, incoming: dict[int, Tensor]) -> tuple[Tensor | None, ...]:
    if not incoming:
        return (None,) * len(node.next_functions)
    width = max(len(getattr(node, "_input_metadata", [None])), *(slot + 1 for slot in incoming))
    gradients = [incoming.get(slot) for slot in range(width)]
    by_hand = isinstance(node, torch.autograd.function.BackwardCFunction)
    outgoing = node.apply(*gradients) if by_hand else node(*gradients)
    return outgoing if isinstance(outgoing, tuple) else (outgoing,)


def _accumulate(leaf: Tensor, gradient: Tensor | None) -> None:
    if gradient is not None:
        leaf.grad = gradient.detach() if leaf.grad is None else leaf.grad + gradient


def _fitting(gradient: Tensor, node: Any, slot: int) -> Tensor:
    """The gradient in the shape and type of what the node computed, as torch's engine makes it."""
    metadata = getattr(node, "_input_metadata", ())
    expected = metadata[slot] if slot < len(metadata) else getattr(node, "variable", None)
    if expected is None:
        return gradient
    if tuple(gradient.shape) != tuple(expected.shape):
        gradient = gradient.sum_to_size(tuple(expected.shape))
    return gradient.to(expected.dtype)
