"""What every benchmark has: a small and a full size, and results that tell of the machine no more than its speed."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

#: Packages whose version moves the numbers.
_PACKAGES = ("torch", "numpy", "scipy", "scikit-learn", "scikit-image", "opencv-python")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the sizes that are reported, not small ones: takes minutes")


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the reported size is asked for."""
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MERBENCH_CACHE", os.fspath(tmp_path_factory.mktemp("cache")))
        yield


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Full sizes may take longer than a test."""
    if config.getoption("--full"):
        for item in items:
            item.add_marker(pytest.mark.timeout(1800))


def pytest_benchmark_update_machine_info(config: pytest.Config, machine_info: dict[str, Any]) -> None:
    """Keep what explains a time; the machine's name is not among it."""
    kept = {
        "cpu": machine_info.get("cpu", {}).get("brand_raw", ""),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": machine_info.get("python_version", ""),
        "packages": {name: version(name) for name in _PACKAGES},
    }
    machine_info.clear()
    machine_info.update(kept)


def pytest_benchmark_update_commit_info(config: pytest.Config, commit_info: dict[str, Any]) -> None:
    """Keep the commit; the branch and the folder's name are one's own."""
    for name in set(commit_info) - {"id", "time", "dirty"}:
        del commit_info[name]


def pytest_benchmark_update_json(config: pytest.Config, benchmarks: Any, output_json: dict[str, Any]) -> None:
    """Add the command, without what only says where its result went, and drop the single timings."""
    words = [
        word for word in config.invocation_params.args if not str(word).startswith(("--benchmark-json", "--basetemp"))
    ]
    output_json["command"] = " ".join(["pytest", *(_relative(str(word), config.rootpath) for word in words)])
    for each in output_json["benchmarks"]:
        each["stats"].pop("data", None)
        each.pop("options", None)


def _relative(word: str, root: Path) -> str:
    path = Path(word)
    if not path.is_absolute():
        return word
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
