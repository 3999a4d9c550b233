"""What is searched: declared ranges near the recipe, narrowed or widened by a file, without what has no meaning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from merbench.errors import UnknownName, UsageError
from merbench.experiments.experiment import Experiment
from merbench.tuning.space import Space, applied, default_space, values_of
from merbench.tuning.space_file import space_of

Make = Callable[..., Experiment]


def by_name(space: Space) -> dict[str, str]:
    return {each.name: each.phrase() for each in space.dimensions}


def test_every_choice_and_numbers_near_the_recipe_are_searched(experiment: Make) -> None:
    assert by_name(default_space(experiment())) == {
        "distance": "euclid, city",
        "scale": "0.1 to 10, logarithmic",
        "moment": "apex, offset",
        "power": "1 to 4",
    }  # size would change what is read of the clips, and off is switched off


def test_mmnets_parts_are_searched_and_what_the_user_set_is_not(experiment: Make) -> None:
    found = by_name(default_space(experiment("mmnet", attention="none", learning_rate="1e-3")))
    assert found["position"] == "vit, conv, learned, none"
    assert found["position_depth"] == "1 to 3"
    assert "attention" not in found
    assert "learning_rate" not in found
    assert not {"epochs", "size", "backbone", "weights", "onset_jitter"} & set(found)


def test_the_margin_loss_is_left_to_networks_that_give_lengths(experiment: Make) -> None:
    assert by_name(default_space(experiment("ststnet")))["loss"] == "cross-entropy, focal"
    assert "loss" not in by_name(default_space(experiment("capsulenet")))


def test_what_has_no_meaning_beside_the_others_is_not_drawn(experiment: Make) -> None:
    made = experiment()
    space, base = default_space(made), values_of(made)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    drawn = [space.suggest(study.ask(), base) for _ in range(20)]
    assert {("power" in values) == (values["distance"] == "euclid") for values in drawn} == {True}
    assert {values["distance"] for values in drawn} == {"euclid", "city"}


def test_a_condition_holds_through_another(experiment: Make) -> None:
    made = experiment("mmnet")
    space, base = default_space(made), values_of(made)
    drawn = space.suggest(optuna.trial.FixedTrial({**base, "position": "none", "motion": "apex"}), base)
    assert not {"position_depth", "fusion", "flow", "momentum", "focal_gamma"} & set(drawn)
    method, training = applied(made.method, made.training, drawn)
    assert method.parameters.values()["position"] == "none"
    assert training is not None
    assert training.learning_rate == drawn["learning_rate"]


def test_a_file_narrows_widens_sets_and_leaves_the_rest(experiment: Make, tmp_path: Path) -> None:
    file = tmp_path / "space.toml"
    file.write_text('others = "fixed"\nscale = { low = 1e-3, high = 1e3, log = true }\nsize = { low = 8, high = 32 }\n'
                    'distance = "city"\nmoment = { choices = ["apex", "offset"] }\n')  # fmt: skip
    space = space_of(experiment(), file)
    assert by_name(space) == {
        "scale": "0.001 to 1000, logarithmic",
        "size": "8 to 32, step 8",
        "moment": "apex, offset",
    }
    assert space.fixed == {"distance": "city"}
    assert Space.from_sent(space.sent()) == space


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scala = 1", "Did you mean 'scale'"),
        ("scale = { low = 2, high = 1 }", "low must be below high"),
        ("scale = { low = 1e-9, high = 1 }", "scale=1e-09 is not possible"),
        ("scale = { low = 1 }", "scale needs low and high"),
        ("off = { low = 0, high = 1, log = true }", "true only with low above 0"),
        ('distance = { low = 0, high = 1 }', "distance must be one of euclid, city"),
        ('distance = { choices = ["moon", "city"] }', "distance=moon is not possible"),
        ('distance = { choices = ["city"] }', "list of two or more"),
        ("scale = { lo = 1, high = 2 }", "Did you mean 'low'"),
        ("scale = [1, 2]", "scale is a list"),
        ('others = "no"', "others=no is not possible"),
        ("others = \"fixed\"", "nothing to search"),
        ("scale = ", "cannot be read as TOML"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_a_sentence(experiment: Make, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "space.toml").write_text(text)
    with pytest.raises((UsageError, UnknownName)) as refused:
        space_of(experiment(), tmp_path / "space.toml")
    assert told in str(refused.value)


def test_a_method_without_parameters_says_so(experiment: Make) -> None:
    with pytest.raises(UsageError, match="majority has nothing to search"):
        space_of(experiment("majority"), None)
