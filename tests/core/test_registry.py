"""Names to entries: guesses, duplicates, plugin files, and entry points that are broken."""

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import merbench
from merbench import registry
from merbench.dataset import Dataset
from merbench.entries.origins import Origin
from merbench.entries.recipe import Recipe
from merbench.errors import DuplicateName, EntryError, MerbenchError, UnknownName
from merbench.inputs import Inputs
from merbench.method import FittedMethod, Method
from merbench.plugins import load_plugin
from merbench.registry import EVERY, Registry, methods

CHECKOUT = Path(merbench.__file__).parents[1]
METHOD = """
from merbench.inputs import Inputs
from merbench.method import FittedMethod


class {cls}(FittedMethod):
    name = "{name}"
    title = "Made for a test"
    family = "control"

    def inputs(self):
        return Inputs()

    def fit(self, train, samples, generator):
        raise NotImplementedError
"""
PROTOCOL = """
from merbench.protocol import Protocol


class {cls}(Protocol):
    name = "{name}"
    title = "Made for a test"

    def folds(self, clips):
        return iter(())
"""
Plugin = Callable[..., Path]


class Mine(FittedMethod):
    """An entry of another package."""

    name = "mine"
    title = "Made for a test"
    family = "control"

    def inputs(self) -> Inputs:
        return Inputs()

    def fit(self, train: object, samples: object, generator: object) -> None:  # type: ignore[override]
        raise NotImplementedError


@pytest.fixture(autouse=True)
def _registries_as_they_were() -> Iterator[None]:
    kept = [(each, dict(each.origins), list(each.broken), dict(each._entries), each._filled) for each in EVERY]
    loaded = set(sys.modules)
    yield
    for each, origins, broken, entries, filled in kept:
        each.origins, each.broken, each._entries, each._filled = origins, broken, entries, filled
    for name in set(sys.modules) - loaded:
        if name.startswith("merbench_plugin_"):
            del sys.modules[name]


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    """A function that writes a plugin file."""

    def write(*parts: str, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(parts), encoding="utf-8")
        return path

    return write


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Registry[Method]]:
    """A function that gives a fresh registry of methods where those entry points are installed."""

    def fresh(**values: str) -> Registry[Method]:
        found = [EntryPoint(name=name, value=value, group="merbench.methods") for name, value in values.items()]
        monkeypatch.setattr(registry, "entry_points", lambda group: found if group == "merbench.methods" else [])
        return Registry("methods", Method)

    return fresh


def state() -> list[tuple[object, ...]]:
    return [(each.names(), dict(each.origins), list(each.broken)) for each in EVERY]


def refusal(kind: type[MerbenchError], path: Path) -> str:
    """The sentence by which a plugin is refused, which must change nothing."""
    before = state()
    with pytest.raises(kind) as refused:
        load_plugin(path)
    assert state() == before
    return str(refused.value)


def test_what_is_shipped_is_found_and_whole() -> None:
    for each in EVERY:
        fresh = Registry(each.kind, each.base)
        assert fresh.names() == tuple(sorted(fresh.names()))
        assert [entry.name for entry in fresh.entries()] == list(fresh.names())
        assert [broken for broken in fresh.broken if broken.place.startswith("merbench.")] == []
    assert {"majority", "mmnet", "random"} <= set(methods.names())


def test_every_shipped_method_has_its_two_recipes() -> None:
    for kind in methods.entries():
        assert isinstance(kind.recipe("published", 3), Recipe)
        assert isinstance(kind.recipe("quick", 5), Recipe)


def test_an_unknown_name_gives_a_guess_and_the_list() -> None:
    with pytest.raises(UnknownName) as refused:
        methods.get("mmnte")
    listed = ", ".join(methods.names())
    assert str(refused.value) == f"Unknown method 'mmnte'. Did you mean 'mmnet'? Available: {listed}."
    assert isinstance(refused.value, KeyError)


def test_an_unknown_name_that_is_like_none_gets_no_guess(points: Callable[..., Registry[Method]]) -> None:
    with pytest.raises(UnknownName) as refused:
        points().get("zzzzzzzz")
    assert "Did you mean" not in str(refused.value)


def test_a_plugin_is_taken_in_with_its_digest(plugin: Plugin) -> None:
    path = plugin(METHOD.format(cls="Mine", name="mine"), PROTOCOL.format(cls="Halves", name="halves"))
    assert load_plugin(path) == ("method mine", "protocol halves")
    assert methods.get("mine").name == "mine"
    assert methods.origins["mine"] == Origin(
        place=str(path), package="mine.py", version="", digest=hashlib.sha256(path.read_bytes()).hexdigest()
    )
    assert methods.names() == tuple(sorted(methods.names()))


def test_a_plugin_loaded_twice_is_no_error(plugin: Plugin) -> None:
    path = plugin(METHOD.format(cls="Mine", name="mine"))
    load_plugin(path)
    entry = methods.get("mine")
    assert load_plugin(path) == ("method mine",)
    assert methods.get("mine") is entry


def test_names_that_a_plugin_imports_are_not_its_own(plugin: Plugin) -> None:
    sentence = refusal(EntryError, plugin("from merbench.methods.majority import Majority"))
    assert sentence.endswith("it defines no Method, Dataset or Protocol with a name, and registers no part.")


def test_a_base_class_without_a_name_is_no_entry(plugin: Plugin) -> None:
    base = "from merbench.method import FittedMethod\nclass Base(FittedMethod):\n    pass\n"
    assert load_plugin(plugin(base, METHOD.format(cls="Mine", name="mine"))) == ("method mine",)


def test_a_name_that_is_taken_is_refused_and_shows_both_places(plugin: Plugin) -> None:
    path = plugin(METHOD.format(cls="Majority", name="majority"))
    sentence = refusal(DuplicateName, path)
    assert "The method name 'majority' is claimed twice" in sentence
    assert methods.origins["majority"].place in sentence
    assert str(path) in sentence


@pytest.mark.parametrize(
    "second",
    [
        METHOD.format(cls="Other", name="majority"),
        PROTOCOL.format(cls="Loso", name="loso"),
        METHOD.format(cls="Other", name="mine"),
    ],
    ids=["same kind", "another kind", "twice in one file"],
)
def test_a_duplicate_leaves_the_rest_of_its_file_out(plugin: Plugin, second: str) -> None:
    refusal(DuplicateName, plugin(METHOD.format(cls="Mine", name="mine"), second))


def test_an_incomplete_entry_leaves_the_rest_of_its_file_out(plugin: Plugin) -> None:
    halves = 'from merbench.protocol import Protocol\nclass Halves(Protocol):\n    name = "halves"\n'
    sentence = refusal(EntryError, plugin(METHOD.format(cls="Mine", name="mine"), halves))
    assert "Halves lacks folds" in sentence


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def broken(:", "SyntaxError"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("", "it defines no Method, Dataset or Protocol with a name, and registers no part."),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_refused_again_and_again(plugin: Plugin, source: str, cause: str) -> None:
    path = plugin(source)
    for _ in range(2):
        sentence = refusal(EntryError, path)
        assert sentence.startswith(f"Plugin {path}: ")
        assert cause in sentence


@pytest.mark.parametrize("name", ["data.txt", "mine", "mine.so.bak"])
def test_a_plugin_that_is_no_python_file_is_refused(plugin: Plugin, name: str) -> None:
    path = plugin(METHOD.format(cls="Mine", name="mine"), name=name)
    assert refusal(EntryError, path) == f"Plugin {path}: it is no Python file."


def test_a_plugin_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(EntryError, tmp_path / "no.py") == f"Plugin {tmp_path / 'no.py'}: there is no such file."
    assert refusal(EntryError, tmp_path) == f"Plugin {tmp_path}: there is no such file."


def test_an_abstract_class_is_refused_with_what_it_lacks_and_where(plugin: Plugin) -> None:
    source = 'from merbench.method import FittedMethod\nclass Mine(FittedMethod):\n    name = "mine"\n'
    path = plugin(source)
    sentence = refusal(EntryError, path)
    assert "Mine lacks fit, inputs." in sentence
    assert str(path) in sentence


def test_a_name_that_is_no_text_is_refused(plugin: Plugin) -> None:
    assert "Mine lacks name." in refusal(EntryError, plugin(METHOD.format(cls="Mine", name="x").replace('"x"', "7")))


def test_undeclared_parameters_are_refused(plugin: Plugin) -> None:
    parameters = (
        "from dataclasses import dataclass\nfrom merbench.entries.parameters import Parameters\n"
        "@dataclass(frozen=True, kw_only=True)\nclass Given(Parameters):\n    depth: int = 3\n"
    )
    source = METHOD.format(cls="Mine", name="mine") + "    Parameters = Given\n"
    sentence = refusal(EntryError, plugin(parameters, source))
    assert "Given.depth is not declared with parameter(default, reason)." in sentence


def test_a_shipped_file_given_as_a_plugin_is_a_duplicate() -> None:
    path = Path(sys.modules[methods.get("majority").__module__].__file__ or "")
    sentence = refusal(DuplicateName, path)
    assert sentence.count("majority.py") == 2


def test_a_shipped_class_under_a_second_module_name_is_a_duplicate(monkeypatch: pytest.MonkeyPatch) -> None:
    # what `import methods.majority` from the root of a checkout gives
    monkeypatch.syspath_prepend(CHECKOUT)
    import importlib

    for name in ("methods", "methods.majority"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    stray = importlib.import_module("methods.majority")
    try:
        with pytest.raises(DuplicateName, match="'majority' is claimed twice"):
            methods.take_file(stray, Path("methods/majority.py"))
    finally:
        for name in ("methods", "methods.majority"):
            sys.modules.pop(name, None)
    assert methods.get("majority").__module__ == "merbench.methods.majority"


def test_one_entry_point_is_taken_in(points: Callable[..., Registry[Method]]) -> None:
    fresh = points(mine=f"{__name__}:Mine")
    assert fresh.get("mine") is Mine
    assert fresh.origins["mine"].digest == hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no_such_module:Mine", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("json:no_such_name", "AttributeError"),
        ("json:loads", "EntryError: json:loads is no subclass of Method."),
        ("merbench.method:FittedMethod", "EntryError: FittedMethod lacks fit, inputs."),
        ("antigravity_that_exits:Mine", "SystemExit: 3"),
    ],
)
def test_a_broken_entry_point_is_marked_and_harms_nothing_else(
    points: Callable[..., Registry[Method]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    value: str,
    reason: str,
) -> None:
    (tmp_path / "antigravity_that_exits.py").write_text("raise SystemExit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    shipped = points().names()
    fresh = points(bad=value, another=value)
    assert fresh.names() == shipped
    assert [broken.name for broken in fresh.broken] == ["another", "bad"]
    assert reason in fresh.broken[0].reason
    with pytest.raises(EntryError) as refused:
        fresh.get("bad")
    assert str(refused.value).startswith("The method 'bad' from ")
    assert reason in str(refused.value)


def test_an_entry_point_that_claims_a_shipped_name_is_marked(points: Callable[..., Registry[Method]]) -> None:
    name = f"{__name__}:Mine"
    fresh = points(mine=name)
    fresh.add(type("Shipped", (Mine,), {}), Origin(place="shipped.py", package="merbench", version="1"))
    assert [broken.name for broken in fresh.broken] == []
    assert fresh.names()
    assert "'mine' is claimed twice" in fresh.broken[0].reason
    assert fresh.origins["mine"].place == "shipped.py"


def test_a_broken_shipped_entry_harms_no_other(
    points: Callable[..., Registry[Method]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "broken_methods"
    package.mkdir()
    (package / "half_made.py").write_text("1 / 0\n")
    shutil.copy(CHECKOUT / "methods" / "majority.py", package / "majority.py")
    monkeypatch.syspath_prepend(tmp_path)
    names = ["broken_methods.half_made", "broken_methods.majority"]
    monkeypatch.setattr(registry, "_shipped", lambda kind: names)
    fresh = points()
    assert fresh.names() == ("majority",)
    with pytest.raises(EntryError, match=r"'half-made' from broken_methods\.half_made is broken: ZeroDivisionError"):
        fresh.get("half-made")


def test_the_kind_of_an_entry_decides_its_registry(plugin: Plugin) -> None:
    load_plugin(plugin(METHOD.format(cls="Mine", name="loso")))
    assert "loso" in methods.names()
    assert not any(issubclass(entry, Dataset) for entry in methods.entries())
