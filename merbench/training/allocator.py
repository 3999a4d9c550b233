"""Keeps the memory that a step frees for the next step, where glibc would return it and map it again page by page.

glibc maps blocks above 32 MB anew each time they are asked for, and the kernel clears their pages, which takes a good
part of a step of a large network on a processor. While networks are trained, malloc keeps what is freed; after that, it
gives it back.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import MappingProxyType

#: Names of `mallopt` in glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -3, -4, -8
_MEGABYTE = 1 << 20
#: One arena, since those of further threads give back whole heaps whatever the threshold is.
_KEEP = MappingProxyType({_ARENA_MAX: 1, _MMAP_MAX: 0, _TRIM_THRESHOLD: -1})
#: What glibc comes to by itself in a process that has freed large blocks.
_GIVE_BACK = MappingProxyType({_MMAP_MAX: 65536, _MMAP_THRESHOLD: 32 * _MEGABYTE, _TRIM_THRESHOLD: 64 * _MEGABYTE})
#: Variables by which a user sets malloc; it is left alone then.
_SET_BY_USER = (
    "MALLOC_MMAP_MAX_",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TRIM_THRESHOLD_",
    "MALLOC_ARENA_MAX",
    "GLIBC_TUNABLES",
)

_lock = threading.Lock()
_holders = 0


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """A block in which this process keeps what it frees; does nothing without glibc, or where the user set malloc."""
    _hold(1)
    try:
        yield
    finally:
        _hold(-1)


@contextmanager
def freed_memory_given_back() -> Iterator[None]:
    """A block inside of the other one, with malloc as it is in a script that does not set it."""
    _set(_GIVE_BACK)
    give_back()
    try:
        yield
    finally:
        if _holders:
            _set(_KEEP)


def give_back() -> None:
    """Return what is free to the system, so that the process's size says what is in use."""
    if (trim := _function("malloc_trim")) is not None:
        trim(0)


def _hold(change: int) -> None:
    global _holders
    with _lock:
        before, _holders = _holders, _holders + change
        if before == 0:
            _set(_KEEP)
        elif _holders == 0:
            _set(_GIVE_BACK)
            give_back()


def _set(options: MappingProxyType[int, int]) -> None:
    mallopt = _function("mallopt")
    if mallopt is not None and not any(name in os.environ for name in _SET_BY_USER):
        for option, value in options.items():
            mallopt(option, value)


@functools.cache
def _function(name: str) -> Callable[..., int] | None:
    """A function of glibc, or None on another system."""
    if platform.libc_ver()[0] != "glibc":
        return None
    return getattr(ctypes.CDLL(None), name, None)
