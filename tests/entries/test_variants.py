"""Names such as ``timm:resnet34``: one entry stands for all of a family, and each variant is an entry of its own."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import pytest

from merbench.entries.origins import Origin
from merbench.entries.parameters import Parameters, parameter
from merbench.entries.variants import stem_of, under_its_name, variant
from merbench.errors import UnknownName, UsageError
from merbench.experiments.resolve import _method, _origin_of
from merbench.inputs import Inputs
from merbench.method import FittedMethod
from merbench.registry import Registry

ORIGIN = Origin(place="here", package="", version="")


@dataclass(frozen=True, kw_only=True)
class ShapeParameters(Parameters):
    """A shape out of three, and how large it is."""

    shape: str = parameter("round", "made for a test")
    size: int = parameter(3, "made for a test", low=1, high=9)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.shape not in ("round", "square", "flat"):
            raise UnknownName("shape", self.shape, ["round", "square", "flat"])


class Shapes(FittedMethod):
    """An entry for all shapes."""

    name = "shapes"
    title = "Shape"
    family = "control"
    suffix = "shape"
    Parameters = ShapeParameters

    def inputs(self) -> Inputs:
        return Inputs()

    def fit(self, train: object, samples: object, generator: object) -> None:  # type: ignore[override]
        raise NotImplementedError


@pytest.fixture
def registry() -> Registry[FittedMethod]:
    made = Registry("methods", FittedMethod, _filled=True)
    made.add(Shapes, ORIGIN)
    return made


def test_a_name_with_a_colon_fixes_the_parameter(registry: Registry[FittedMethod]) -> None:
    found = registry.get("shapes:square")
    assert found is registry.get("shapes:square")
    assert issubclass(found, Shapes)
    assert (found.name, found.title, found.__doc__ or Shapes.__doc__) == (
        "shapes:square",
        "Shape square",
        Shapes.__doc__,
    )
    assert found.Parameters().values() == {"shape": "square", "size": 3}
    assert found.Parameters().changed({"size": "5"}).values() == {"shape": "square", "size": 5}
    assert registry.origins["shapes:square"] == ORIGIN
    assert stem_of(found) is Shapes
    assert stem_of(Shapes) is Shapes


def test_a_variant_is_not_listed(registry: Registry[FittedMethod]) -> None:
    registry.get("shapes:square")
    assert registry.names() == ("shapes",)
    assert "shapes:flat" in registry
    assert "forms:flat" not in registry
    assert "forms" not in registry


def test_the_fixed_parameter_cannot_be_set_otherwise(registry: Registry[FittedMethod]) -> None:
    with pytest.raises(UsageError, match="shape=flat is not possible: shape must be one of square"):
        registry.get("shapes:square").Parameters().changed({"shape": "flat"})


def test_a_value_that_cannot_be_is_refused_in_the_entrys_words(registry: Registry[FittedMethod]) -> None:
    with pytest.raises(UnknownName, match=r"Unknown shape 'squar'\. Did you mean 'square'"):
        registry.get("shapes:squar")
    with pytest.raises(UnknownName, match="Unknown method 'forms:flat'"):
        registry.get("forms:flat")


def test_setting_the_parameter_gives_the_same_method_as_the_name() -> None:
    entry, parameters = under_its_name(Shapes, ShapeParameters(shape="flat", size=4))
    assert entry is variant(Shapes, "flat")
    assert parameters == entry.Parameters(shape="flat", size=4)
    again = under_its_name(entry, parameters)
    assert again == (entry, parameters)


def test_entries_without_variants_stay_as_they_are() -> None:
    parameters = Parameters()
    assert under_its_name(int, parameters) == (int, parameters)


def test_an_object_is_taken_under_the_name_of_its_variant() -> None:
    method, _, _ = _method(Shapes(ShapeParameters(shape="flat")), "quick", 3, {})
    assert (method.name, method.parameters.values()) == ("shapes:flat", {"shape": "flat", "size": 3})
    assert _origin_of(Registry("methods", FittedMethod, _filled=True), method).place == __file__


def test_a_variant_is_packed_and_unpacked() -> None:
    entry = variant(Shapes, "flat")
    made = entry(entry.Parameters(size=7))
    again = pickle.loads(pickle.dumps(made))
    assert type(again) is entry
    assert again.parameters == made.parameters
    assert pickle.loads(pickle.dumps(made.parameters)) == made.parameters
