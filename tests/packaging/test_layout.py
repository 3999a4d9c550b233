"""The law of the house: arrows run from entries to the core, never back, and importing what is installed is cheap."""

import ast
import doctest
import importlib
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

#: Packages of the extras with which runs are reported; nothing else may be missing.
TRACKERS = ("mlflow", "tensorboard", "wandb")
HOMES = ("methods", "datasets", "protocols")
HEAVY = ("torch", "torchvision", "timm", "pandas", "cv2", "sklearn")


@pytest.mark.parametrize("home", HOMES)
def test_home_is_no_package(root: Path, home: str) -> None:
    """With an `__init__.py`, `datasets/` would hide other people's package of that name from whoever works here."""
    assert (root / home).is_dir()
    assert not (root / home / "__init__.py").exists()


def imported(module: str) -> ModuleType:
    """The module; the test is skipped where an optional package that a tracker reports to is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as fault:
        if module.endswith("_tracker") and fault.name in TRACKERS:
            pytest.skip(f"{module} needs the extra {fault.name}")
        raise


def test_module_is_imported_by_its_name(root: Path, module: str) -> None:
    found = Path(str(imported(module).__file__))
    assert found.is_relative_to(root)


def test_examples_in_docstrings(module: str) -> None:
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(imported(module), optionflags=options).failed == 0


def test_core_imports_no_entry(root: Path, code: list[Path]) -> None:
    core = [path for path in code if path.parts[0] == "merbench"]
    assert [(path, name) for path in core for name in imports(root, path) if _home_of(name)] == []


def test_nothing_but_the_command_imports_the_command_line(root: Path, code: list[Path]) -> None:
    others = [path for path in code if path.parts[:2] != ("merbench", "cli") and path.name != "__main__.py"]
    assert [(path, name) for path in others for name in imports(root, path) if within(name, "merbench.cli")] == []


def test_entry_imports_itself_and_the_core_only(root: Path, code: list[Path]) -> None:
    """Siblings are imported relatively; a file beside other files may use those, but no other entry's folder."""
    entries = [path for path in code if path.parts[0] in HOMES]
    assert [(path, name) for path in entries for name in foreign_imports(root, path)] == []


#: Which distribution of an extra, not installed everywhere, has a module of another name.
OPTIONAL = {"dlib": ["dlib-bin"]}


def test_third_party_imports_are_declared(root: Path, code: list[Path]) -> None:
    """What is imported is in `dependencies` or an extra, so that it is not there by luck."""
    declared = {_normal(re.split(r"[^\w.-]", line)[0]) for line in importlib.metadata.requires("merbench") or ()}
    providers = {**OPTIONAL, **importlib.metadata.packages_distributions()}
    tops = {(name.split(".")[0], path) for path in code for name in absolute_imports(root, path)}
    foreign = [(top, path) for top, path in tops if top not in {"merbench", *sys.stdlib_module_names}]
    assert [found for found in foreign if declared.isdisjoint(map(_normal, providers.get(found[0], found[:1])))] == []


def test_entries_are_cheap_to_import(root: Path, tmp_path: Path) -> None:
    """`merbench list` must answer at once, so no entry's face loads what its work needs."""
    program = f"""
import importlib, pkgutil, sys
import merbench
for home in {HOMES}:
    package = importlib.import_module("merbench." + home)
    for found in pkgutil.iter_modules(package.__path__):
        name = "merbench." + home + "." + found.name
        importlib.import_module(name)
        print("found", name)
        for heavy in {HEAVY}:
            assert heavy not in sys.modules, name + " or what it imports loads " + heavy
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "found merbench.methods.mmnet" in done.stdout


def test_no_drawer_for_everything(files: list[Path]) -> None:
    assert [path for path in files if path.stem in ("utils", "util")] == []


def test_no_machine_path(root: Path, code: list[Path]) -> None:
    machine = re.compile(r"(?<![\w.])/(?:home|work|tmp|root|Users)/[^\s\"']*")
    assert [(path, found) for path in code for found in machine.findall((root / path).read_text("utf-8"))] == []


def test_imports_are_resolved(tmp_path: Path) -> None:
    """The law above is only as good as this reader."""
    (tmp_path / "methods/net").mkdir(parents=True)
    path = Path("methods/net/__init__.py")
    lines = [
        "import numpy.typing",
        "from . import part",
        "from ..other import Net",
        "from merbench import methods",
        "def later(): importlib.import_module('merbench.methods.x')",
        "import methods.y",
    ]
    (tmp_path / path).write_text("\n".join(lines), "utf-8")
    assert set(imports(tmp_path, path)) == {
        "numpy.typing",
        "merbench.methods.net.part",
        "merbench.methods.other.Net",
        "merbench.methods",
        "merbench.methods.x",
        "merbench.methods.y",
    }


def imports(root: Path, code: Path) -> Iterator[str]:
    """All that a file imports, as absolute names; what comes after `from` is taken to be a module too."""
    yield from absolute_imports(root, code)
    package = ["merbench", *code.parent.parts] if code.parts[0] in HOMES else [*code.parent.parts]
    for node in _nodes(root, code):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + ([node.module] if node.module else [])
            yield from (".".join([*base, alias.name]) for alias in node.names)


def absolute_imports(root: Path, code: Path) -> Iterator[str]:
    """What a file imports by its full name; a home's bare name counts as the home, which it is at the root."""
    for node in _nodes(root, code):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            names = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
        yield from (f"merbench.{name}" if name.split(".")[0] in HOMES else name for name in names)


def _nodes(root: Path, code: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse((root / code).read_text("utf-8")))


def foreign_imports(root: Path, code: Path) -> Iterator[str]:
    """What an entry's file imports of other entries, and what it imports of its own by the full name."""
    alone = len(code.parts) == 2
    own = ".".join(["merbench", *code.parts[: 1 if alone else 2]])
    for name in imports(root, code):
        if _home_of(name) and (not within(name, own) or (alone and (root / Path(*name.split(".")[1:3])).is_dir())):
            yield name
    yield from filter(_home_of, absolute_imports(root, code))


def within(name: str, package: str) -> bool:
    """Whether the name is the package or lies in it."""
    return f"{name}.".startswith(f"{package}.")


def _home_of(name: str) -> str | None:
    return next((home for home in HOMES if within(name, f"merbench.{home}")), None)


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_the_library_stays_one_that_a_reader_can_hold(root: Path, code: list[Path]) -> None:
    """No module over 300 lines; at the top of `merbench/` at most 15 files and 16 folders."""
    long = {str(path): count for path in code if (count := len((root / path).read_text("utf-8").splitlines())) > 300}
    assert long == {}
    files = {path.parts[1] for path in code if path.parts[0] == "merbench" and len(path.parts) == 2}
    folders = {path.parts[1] for path in code if path.parts[0] == "merbench" and len(path.parts) > 2}
    assert (len(files) <= 15, len(folders) <= 16) == (True, True)
