"""Names of runs: a run that is not its method as published says so, whether a user or a recipe changed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from merbench import registry
from merbench.results.header import RunHeader
from merbench.results.labels import changes_sentence, distinct_labels, label, recipe_changes
from merbench.results.reading import read_header

GOLDEN = read_header(Path(__file__).parent / "golden" / "format-1" / "run.json")


def run(method: str, recipe: str, settings: dict[str, str] | None = None, **changed: Any) -> RunHeader:
    """A run of an installed method by one of its recipes, with a user's settings, as its header has it."""
    kind = registry.methods.get(method)
    chosen = kind.recipe(recipe, len(GOLDEN.classes))
    own = settings or {}
    parameters = kind.Parameters().changed(chosen.parameters)
    parameters = parameters.changed({name: own[name] for name in parameters.names() if name in own})
    training = chosen.training
    if training is not None:
        training = training.changed({name: own[name] for name in training.names() if name in own})
    description = GOLDEN.description.updated(
        method=method,
        parameters=parameters.described(),
        training=None if training is None else training.described(),
        **changed,
    )
    return GOLDEN.updated(
        description=description, recipe=GOLDEN.recipe.updated(name=recipe), settings=own, tuned="nested, 10 trials"
    )


@pytest.mark.parametrize(
    ("method", "recipe", "settings", "name"),
    [
        ("htnet", "published", {}, "htnet"),
        ("htnet", "quick", {}, "htnet (quick)"),
        ("ststnet", "short", {}, "ststnet (short)"),
        ("ststnet", "published-shuffled", {}, "ststnet (published-shuffled)"),
        ("ststnet", "published", {"epochs": "20", "dataset.subjects": "3"}, "ststnet (epochs=20)"),
        ("mmnet", "quick", {"size": "32", "epochs": "6"}, "mmnet (quick, size=32, epochs=6)"),
        ("majority", "quick", {}, "majority"),
        ("random", "quick", {"epochs": "60"}, "random (epochs=60)"),
        ("lbp-top", "quick", {}, "lbp-top"),
    ],
)
def test_a_run_that_is_not_as_published_says_so(method: str, recipe: str, settings: dict[str, str], name: str) -> None:
    assert label(run(method, recipe, settings)) == name


def test_a_tuned_run_says_how() -> None:
    tuned = run("ststnet", "quick", tuning={"kind": "nested"})
    assert label(tuned) == "ststnet (quick), tuned: nested, 10 trials"


def test_of_a_method_that_is_not_installed_every_recipe_but_published_is_named() -> None:
    unknown = run("majority", "quick")
    unknown = unknown.updated(description=unknown.description.updated(method="nobody-has-it"))
    assert recipe_changes(unknown) is None
    assert label(unknown) == "nobody-has-it (quick)"
    for recipe in ("published", "external"):
        assert label(unknown.updated(recipe=unknown.recipe.updated(name=recipe))) == "nobody-has-it"


def test_what_a_recipe_changes_is_listed_with_the_published_values() -> None:
    quick = run("htnet", "quick", {"epochs": "7"})
    changes = recipe_changes(quick)
    assert changes is not None
    assert (changes["width"], changes["depth"], changes["scale"]) == ((32, 256), (2, 10), ("none", "minmax"))
    assert changes["last_batch"] == ("wrapped", "short")  # a default that no record holds
    assert "epochs" not in changes  # the user's
    assert "regions" not in changes  # nor one that is at its default in both, and came after records without it
    sentence = changes_sentence(quick)
    assert sentence.startswith("htnet by its recipe quick, not as published: ")
    assert "width=32 (published: 256)" in sentence
    assert changes_sentence(run("htnet", "published", {"epochs": "7"})) == ""
    assert changes_sentence(run("majority", "quick")) == ""


def test_every_shipped_recipe_but_published_is_named_where_it_differs() -> None:
    for method in registry.methods.names():
        if getattr(registry.methods.get(method), "suffix", ""):
            continue
        assert label(run(method, "published")) == method
        named = run(method, "quick")
        assert label(named) == (f"{method} (quick)" if recipe_changes(named) else method)


def test_runs_of_one_name_are_told_apart_by_recipe_and_group() -> None:
    both = [run("lbp-top", "published"), run("lbp-top", "quick")]
    assert distinct_labels(both, [None, None]) == ["lbp-top [published]", "lbp-top [quick]"]
    assert distinct_labels(both, [1, 2]) == ["lbp-top", "lbp-top"]
    short = run("ststnet", "short")
    others = [short.updated(group="aaaaaaaa"), short.updated(group="bbbbbbbb")]
    assert distinct_labels(others, [None, None]) == ["ststnet (short) [aaaaaa]", "ststnet (short) [bbbbbb]"]


def test_runs_of_one_name_that_differ_in_their_precision_say_so() -> None:
    both = [run("sssnet", "short", precision="float32"), run("sssnet", "short", precision="bfloat16")]
    third = run("ststnet", "short", precision="float32")
    names = ["sssnet (short) [float32]", "sssnet (short) [bfloat16]", "ststnet (short)"]
    assert distinct_labels([*both, third], [None] * 3) == names
