"""What holds for every test: the user's cache is left alone, plugins of a test are gone after it, skips say why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from merbench.entries.components import FAMILIES
from merbench.experiments.executors import request
from merbench.registry import EVERY

if TYPE_CHECKING:
    from merbench.results.record import RunRecord

if "PYTEST_XDIST_WORKER" in os.environ:  # workers beside each other, and what they start, take a processor each
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")  # inputs by threads: worker processes would share no processor

# A deadline measures the machine and what else it is doing, not the code. The same examples are tried each time, unless
# MERBENCH_FUZZ says how many times as many new ones to try: MERBENCH_FUZZ=50 pytest tests/fuzzing.
hypothesis.settings.register_profile(
    "merbench", deadline=None, derandomize="MERBENCH_FUZZ" not in os.environ, database=None
)
hypothesis.settings.load_profile("merbench")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MERBENCH_CACHE", os.fspath(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_terminal() -> Iterator[None]:
    """Tests beside each other are given COLUMNS, by which tables would be folded as for a terminal of that width."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        yield


@pytest.fixture(scope="session")
def committed_records() -> list[RunRecord]:
    """The committed leaderboard's records, read, validated and admitted once."""
    from merbench.leaderboard.build import admitted

    return admitted(Path(__file__).parents[1] / "leaderboard")


@pytest.fixture(autouse=True)
def _registries_as_before() -> Iterator[None]:
    entries = [registry.snapshot() for registry in EVERY]
    parts, plugins = [(family, family.snapshot()) for family in FAMILIES], set(request._LOADED)
    yield
    request._LOADED.intersection_update(plugins)
    for family, kept in parts:
        family.restore(kept)
    for registry, snapshot in zip(EVERY, entries, strict=True):
        registry.restore(snapshot)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the `gpu` tests where there is no CUDA device; torch is imported only if there is such a test."""
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and not _has_cuda():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device, and there is none"))


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()
