"""Families of interchangeable parts: shipped ones known before anything is loaded, plugins' beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from merbench.entries.components import FAMILIES, Components
from merbench.entries.parameters import Parameters, component
from merbench.errors import DuplicateName, EntryError, UnknownName, UsageError
from merbench.methods.mmnet.components import attention
from merbench.plugins import load_plugin


@pytest.fixture(autouse=True)
def _families_as_before() -> Iterator[None]:
    count, before = len(FAMILIES), [(family, family.snapshot()) for family in FAMILIES]
    yield
    for family, snapshot in before:
        family.restore(snapshot)
    del FAMILIES[count:]


@pytest.fixture
def family() -> Components[Any]:
    found: Components[Any] = Components("colour", of="painter")

    @found.register("red")
    class Red: ...

    return found


def test_a_part_is_known_by_its_name(family: Components[Any]) -> None:
    assert family.names() == ("red",)
    assert family.get("red").__name__ == "Red"
    with pytest.raises(UnknownName, match=r"Unknown colour of painter 'rde'\. Did you mean 'red'\?"):
        family.get("rde")


def test_a_parameter_takes_parts_that_come_later(family: Components[Any]) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Settings(Parameters):
        colour: str = component(family, "red", "a choice")

    with pytest.raises(UsageError, match=r"colour=blue is not possible: colour must be one of red\."):
        Settings(colour="blue")
    family.register("blue")(object)
    assert Settings(colour="blue").colour == "blue"
    assert Settings.declared()[0].choices == ("red", "blue")
    with pytest.raises(UsageError, match=r"Did you mean 'blue'\?"):
        Settings(colour="blu")


def test_a_shipped_name_is_known_before_its_module_is_loaded_and_must_be_made_there() -> None:
    found: Components[Any] = Components("colour", of="painter", home="merbench.annotations.clips", shipped=("red",))
    assert found.names() == ("red",)
    with pytest.raises(EntryError, match=r"'red' is listed, but merbench\.annotations\.clips does not register it"):
        found.get("red")
    with pytest.raises(DuplicateName, match=r"merbench\.annotations\.clips"):
        found.register("red")(object)


PLUGIN = """
from merbench.methods.mmnet.attention import Attention, attention

@attention.register("{name}")
class Mine(Attention):
    def forward(self, features, prior):
        return features.new_full((1, 1, 1, 1), 0.5)
"""


def plugin(folder: Path, name: str, file: str = "mine.py") -> Path:
    path = folder / file
    path.write_text(PLUGIN.format(name=name))
    return path


def test_a_plugin_registers_a_part_and_is_known_by_its_source(tmp_path: Path) -> None:
    path = plugin(tmp_path, "mine")
    assert load_plugin(path) == ("attention mine of mmnet",)
    found = attention.component("mine")
    assert found.place == str(path)
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert attention.component("continuous").digest == ""
    assert load_plugin(path) == ("attention mine of mmnet",)


def test_a_name_claimed_twice_shows_both_places_and_leaves_the_first(tmp_path: Path) -> None:
    load_plugin(plugin(tmp_path, "mine"))
    with pytest.raises(DuplicateName, match=r"'mine' is claimed twice: by .*mine\.py and by .*other\.py"):
        load_plugin(plugin(tmp_path, "mine", "other.py"))
    assert attention.component("mine").place.endswith("mine.py")
    with pytest.raises(DuplicateName, match=r"'continuous' is claimed twice"):
        load_plugin(plugin(tmp_path, "continuous", "third.py"))


def test_a_plugin_that_fails_leaves_no_part(tmp_path: Path) -> None:
    path = plugin(tmp_path, "broken")
    path.write_text(path.read_text() + "\n1 / 0\n")
    with pytest.raises(EntryError, match="ZeroDivisionError"):
        load_plugin(path)
    assert "broken" not in attention.names()
    assert load_plugin(plugin(tmp_path, "broken")) == ("attention broken of mmnet",)
