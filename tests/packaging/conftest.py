"""The source tree as the packaging tests see it."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOMES = ("methods", "datasets", "protocols")
MADE = {"__pycache__", "build", "dist", "runs", "venv"}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """All files of the project, relative to the root."""
    return _files()


@pytest.fixture(scope="session")
def code() -> list[Path]:
    """The Python files of the package, relative to the root."""
    return _code()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `module` runs once for each module of the package."""
    if "module" in metafunc.fixturenames:
        modules = [_module(path) for path in _code() if path.stem != "__main__"]  # importing that runs the command
        metafunc.parametrize("module", modules)


def _files() -> list[Path]:
    """Those that git knows or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive
        listed = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if not _made(path.relative_to(ROOT))]
    return sorted(Path(name) for name in listed if name and (ROOT / name).is_file())


def _made(path: Path) -> bool:
    return any(part in MADE or part.startswith(".") or part.endswith(".egg-info") for part in path.parts)


def _code() -> list[Path]:
    return [path for path in _files() if path.parts[0] in ("merbench", *HOMES) and path.suffix == ".py"]


def _module(path: Path) -> str:
    """``methods/mmnet/network.py`` is ``merbench.methods.mmnet.network``."""
    parts = path.parent.parts if path.stem == "__init__" else path.with_suffix("").parts
    return ".".join(parts if parts[0] == "merbench" else ("merbench", *parts))
