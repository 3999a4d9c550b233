"""Memory that a step frees is kept while networks are trained, given back after, and left alone where users set it."""

from __future__ import annotations

import platform
import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch

from merbench.training import allocator, memory
from merbench.training.allocator import freed_memory_given_back, freed_memory_kept
from merbench.training.numerics import choose
from merbench.training.pinning import pinned

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc is set on glibc alone")
#: Above 32 MB, which glibc maps anew each time.
BLOCK = 64 * (1 << 20)
PAGES = BLOCK // resource.getpagesize()
MEASURE = f"""
import contextlib, resource, sys, torch
from merbench.training.allocator import freed_memory_kept
with freed_memory_kept() if sys.argv[1] == "kept" else contextlib.nullcontext():
    for _ in range(10):  # until the heap has a place of this size that small blocks leave alone
        torch.zeros({BLOCK}, dtype=torch.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        torch.zeros({BLOCK}, dtype=torch.uint8)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults_of_blocks(how: str) -> int:
    """Pages that are taken anew for four blocks, one after the other, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", MEASURE, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in allocator._SET_BY_USER:
        monkeypatch.delenv(name, raising=False)
    return


def test_blocks_are_kept_inside_and_taken_anew_without() -> None:
    assert faults_of_blocks("kept") < PAGES / 10
    assert faults_of_blocks("not kept") >= 4 * PAGES / 512  # a page of 2 MB, where the kernel has them


def test_malloc_is_set_once_however_deep_and_back_for_what_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, ...]] = []
    monkeypatch.setattr(allocator, "_function", lambda name: lambda *values: calls.append(values))
    keep, back = [*allocator._KEEP.items()], [*allocator._GIVE_BACK.items(), (0,)]
    with freed_memory_kept(), freed_memory_kept():
        assert calls == keep
        with freed_memory_given_back():
            assert calls == keep + back
        assert calls == keep + back + keep
    assert calls == keep + back + keep + back


def test_pinned_numerics_on_a_processor_keep_memory_until_the_outermost_ends() -> None:
    numerics = choose("cpu")
    before = memory.anonymous()
    with pinned(numerics):
        with pinned(numerics):
            torch.zeros(BLOCK, dtype=torch.uint8)
        held = memory.anonymous()
    assert held > before + BLOCK / 2
    assert memory.anonymous() < held - BLOCK / 2


def test_memory_that_is_kept_does_not_hide_what_a_block_takes() -> None:
    with freed_memory_kept():
        torch.zeros(BLOCK, dtype=torch.uint8)
        with memory.peak(torch.device("cpu")) as peak:
            torch.zeros(BLOCK, dtype=torch.uint8)
    assert peak.bytes > 0.9 * BLOCK


@pytest.mark.parametrize("name", ["MALLOC_MMAP_MAX_", "GLIBC_TUNABLES"])
def test_a_user_who_set_malloc_is_obeyed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = {"MALLOC_MMAP_MAX_": "1000", "GLIBC_TUNABLES": "glibc.malloc.mmap_max=1000"}[name]
    kept = faults_of_blocks("kept")
    monkeypatch.setenv(name, setting)
    assert faults_of_blocks("kept") > kept + PAGES / 512


def test_a_system_without_glibc_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    allocator._function.cache_clear()
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    try:
        with freed_memory_kept(), freed_memory_given_back():
            assert allocator._function("mallopt") is None
    finally:
        allocator._function.cache_clear()
