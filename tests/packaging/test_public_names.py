"""The public face: whole, sorted, and cheap to import."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import merbench


def test_every_public_name_is_listed_sorted_and_there() -> None:
    assert sorted(merbench.__all__) == merbench.__all__
    assert set(merbench.__all__) == set(merbench._HOMES)
    for name in merbench.__all__:
        assert getattr(merbench, name).__doc__


def test_the_public_names_are_these() -> None:
    """What is not among them may change; a name that is added or dropped is a decision, and told in the change log."""
    assert merbench.__all__ == [
        "Annotations", "Clip", "CodedClip", "Column", "Correction", "Dataset", "FittedMethod", "Flow", "Fold",
        "FolderDataset", "Frames", "Inputs", "Known", "LabelScheme", "Landmarks", "MerbenchError",
        "NetworkMethod", "Parameters", "PrintedNumber", "Protocol", "Recipe", "Reproduction", "Run", "RunSpec",
        "Sequence", "Training", "WorkbookFormat", "ablate", "compare", "parameter",
        "plan", "rebuild_leaderboard", "reproduce", "run", "sensitivity", "tune",
    ]  # fmt: skip


@pytest.mark.parametrize("name", merbench.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    """All examples of the package are run by the tests of packaging."""
    examples = doctest.DocTestFinder(recurse=False).find(getattr(merbench, name), name)
    assert [example for found in examples for example in found.examples]


@pytest.mark.parametrize("name", merbench.__all__)
def test_every_public_name_is_typed_whole(name: str) -> None:
    """Arguments and results, so that `py.typed` is no empty promise."""
    public, home = getattr(merbench, name), str(Path(merbench.__file__).parent)
    functions = [public] if inspect.isfunction(public) else [f for f in vars(public).values() if inspect.isfunction(f)]
    for function in functions:
        if function.__code__.co_filename.startswith(home):  # not those that a dataclass makes
            named = [word for word in inspect.signature(function).parameters if word != "self"]
            assert {*named, "return"} <= set(function.__annotations__), function.__qualname__


def test_the_mark_of_a_typed_package_is_there() -> None:
    assert (Path(merbench.__file__).parent / "py.typed").is_file()


def test_completion_lists_every_public_name() -> None:
    assert set(merbench.__all__) <= set(dir(merbench))


def test_nothing_else_is_visible() -> None:
    code = "import merbench; print(sorted(n for n in vars(merbench) if not n.startswith('_')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(eval(done.stdout)) <= {"annotations", "importlib", "Path", "TYPE_CHECKING"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="rnu"):
        merbench.rnu  # noqa: B018
