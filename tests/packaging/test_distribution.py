"""What is built is what is declared: every module, no picture, no data, whatever else lies about in the tree."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

import merbench

pytestmark = pytest.mark.slow

HOMES = ("methods", "datasets", "protocols")
SHIPPED = {".py", ".toml", ".md", ".typed", ".html", ".css", ".js", ".txt"}  # .txt: the templates of new entries
SDIST_ONLY = {
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "MANIFEST.in",
    "PKG-INFO",
    "README.md",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
}
STRAY = (
    ".env",
    "datasets/data/face.png",
    "datasets/frames.npz",
    "leaderboard/results/run.csv",
    "merbench/face.jpg",
    "merbench/table.csv",
    "methods/mmnet/.env",
    "methods/mmnet/notes.tmp",
    "protocols/clips.xlsx",
    "runs/one/fold.npz",
)


@dataclass(frozen=True, kw_only=True)
class Built:
    """The source distribution, the wheel of the tree, and the wheel of the source distribution."""

    sdist: Path
    wheel: Path
    wheel_of_sdist: Path


@pytest.fixture(scope="module")
def built(root: Path, files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Built:
    top = tmp_path_factory.mktemp("built")
    tree = top / "tree"
    for path in [*files, *map(Path, STRAY)]:
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        if path.as_posix() in STRAY:
            (tree / path).write_text("a stray file", "utf-8")
        else:
            shutil.copyfile(root / path, tree / path)
    sdist = _build("sdist", tree, top / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(top / "unpacked", filter="data")
    (unpacked,) = (top / "unpacked").iterdir()
    return Built(
        sdist=sdist,
        wheel=_build("wheel", tree, top / "wheel"),
        wheel_of_sdist=_build("wheel", unpacked, top / "wheel_of_sdist"),
    )


@pytest.fixture(scope="module")
def package_files(files: list[Path]) -> set[str]:
    """What the package is made of: all in the four folders but a page about one of the homes."""
    own = {path.as_posix() for path in files if path.parts[0] in ("merbench", *HOMES)}
    return own - {f"{home}/README.md" for home in HOMES}


def test_wheel_holds_the_package(built: Built, package_files: set[str]) -> None:
    """A file that is missing here is in no package (an `__init__.py` is lacking) or not declared in setup.py."""
    inside = {name for name in _wheel_files(built.wheel) if ".dist-info/" not in name}
    assert inside == {_installed(name) for name in package_files}


def test_sdist_holds_the_package_and_how_to_build_it(built: Built, package_files: set[str]) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    inside = {name for name in names if not name.startswith("merbench.egg-info/")}
    assert inside == package_files | SDIST_ONLY


def test_wheels_of_tree_and_sdist_are_equal(built: Built) -> None:
    assert _wheel_files(built.wheel) == _wheel_files(built.wheel_of_sdist)


def test_nothing_but_code_and_declared_text_ships(package_files: set[str]) -> None:
    assert [name for name in package_files if PurePosixPath(name).suffix not in SHIPPED] == []


def test_wheel_of_sdist_runs_from_elsewhere(built: Built, tmp_path: Path) -> None:
    place = tmp_path / "place"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(place)]
    subprocess.run([*pip, str(built.wheel_of_sdist)], check=True)
    program = "import merbench.methods.mmnet as entry; print(entry.__file__)"
    assert Path(_python(tmp_path, place, "-c", program)).is_relative_to(place)
    assert merbench.__version__ in _python(tmp_path, place, "-m", "merbench", "--version")
    assert merbench.__version__ in _run(tmp_path, place, [str(place / "bin" / "merbench"), "--version"])


def test_metadata(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(name).decode()
    assert f"\nVersion: {merbench.__version__}\n" in text
    assert "\nLicense-Expression: MIT\n" in text
    assert not re.search(r"^Requires-Dist: torch\s*==", text, re.MULTILINE)


@pytest.mark.parametrize(("page", "line"), [("CITATION.cff", "version: {}"), ("CHANGELOG.md", "## [{}]")])
def test_version_is_told_alike(root: Path, page: str, line: str) -> None:
    lines = (root / page).read_text("utf-8").splitlines()
    assert any(found.startswith(line.format(merbench.__version__)) for found in lines)


def _build(kind: str, source: Path, out: Path) -> Path:
    command = [sys.executable, "-P", "-m", "build", "--no-isolation", f"--{kind}", "--outdir", str(out), str(source)]
    done = subprocess.run(command, cwd=source.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = out.iterdir()
    return made


def _wheel_files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def _installed(name: str) -> str:
    return name if name.startswith("merbench/") else f"merbench/{name}"


def _python(cwd: Path, place: Path, *arguments: str) -> str:
    return _run(cwd, place, [sys.executable, "-P", *arguments])


def _run(cwd: Path, place: Path, command: list[str]) -> str:
    environment = {**os.environ, "PYTHONPATH": str(place), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
