"""The specification of a run: round trips, and every refusal by name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from merbench.errors import UnknownName, UsageError
from merbench.results.reading import read_header
from merbench.spec import AlignmentName, ComputeOptions, Precision, RunSettings, RunSpec

GOLDEN = Path(__file__).parents[1] / "results" / "golden" / "format-1"
FULL = RunSpec(
    method="mmnet",
    protocol="kfold",
    datasets=("casme2", "samm"),
    data={"casme2": "/data/casme2"},
    scheme="megc",
    recipe="quick",
    settings=RunSettings(method={"epochs": 3, "rate": 0.1}, by_method={"ststnet": {"epochs": 4}}, protocol={"k": 5}),
    apex="spot",
    corrections="merbench-1",
    on_error="skip",
    seed=7,
    rules=("last", "inner"),
    alignment="dlib-68",
    alignment_fallback=True,
    tuned="tuned.toml",
    plugins=("mine.py",),
    compute=ComputeOptions(device="cpu", precision="float64", parallel_folds=3),
)


@pytest.mark.parametrize("spec", [RunSpec(method="majority"), FULL])
def test_json_brings_a_specification_back(spec: RunSpec) -> None:
    assert RunSpec.from_dict(json.loads(json.dumps(spec.as_dict()))) == spec


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"methd": "majority"}, "methd"),
        ({"method": "majority", "compute": {"devise": "cpu"}}, "compute.devise"),
        ({"method": "majority", "settings": {"methods": {}}}, "settings.methods"),
    ],
)
def test_unknown_keys_are_refused_by_name(content: dict[str, Any], named: str) -> None:
    with pytest.raises(UnknownName) as refused:
        RunSpec.from_dict(content)
    assert named in str(refused.value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"method": 3}, "method=3 is not possible: it must be text"),
        ({"seed": True}, "seed=True is not possible: it must be a whole number"),
        ({"seed": -1}, "a whole number from 0"),
        ({"seed": 1.0}, "seed=1.0"),
        ({"apex": "top"}, "one of middle, spot, spot-all, drop, error"),
        ({"on_error": "ignore"}, "one of stop, skip"),
        ({"corrections": "merbench-9"}, "one of none, merbench-1"),
        ({"alignment": "as distributed"}, "one of none, dlib-68, dlib-68-ststnet"),
        ({"alignment_fallback": "yes"}, "true or false"),
        ({"rules": ["best"]}, "best"),
        ({"keyframe_noise_side": "test"}, "give keyframe_noise (--keyframe-noise K)"),
        ({"keyframe_noise_seed": 3}, "give keyframe_noise (--keyframe-noise K)"),
        ({"rules": "last"}, "rules=last"),
        ({"datasets": "casme2"}, "it must be a list"),
        ({"datasets": ["casme2", "casme2"]}, "casme2 is given twice"),
        ({"datasets": ["casme2"], "data": {"samm": "/data"}}, "--data names samm"),
        ({"data": "/data"}, "a table of names and values"),
        ({"settings": {"method": {"epochs": [1]}}}, "settings.method.epochs"),
        ({"compute": {"precision": "half"}}, "one of auto, float32, bfloat16, float64"),
        ({"compute": {"compile": "maybe"}}, "one of no, yes, auto"),
        ({"compute": {"parallel_folds": 0}}, "parallel_folds=0"),
        ({"compute": {"parallel_folds": "many"}}, "parallel_folds=many"),
        ({"compute": {"parallel_folds": 2, "compile": "yes"}}, "one fold at a time"),
        ({"compute": 3}, "compute=3"),
    ],
)
def test_values_that_cannot_be_are_refused_by_name(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        RunSpec.from_dict({"method": "majority", **change})
    assert sentence in str(refused.value)


def test_a_specification_without_a_method_is_refused() -> None:
    with pytest.raises(UsageError, match="method is missing"):
        RunSpec.from_dict({})


def test_specifications_do_not_share_their_tables() -> None:
    own = {"epochs": 3}
    spec = RunSpec(method="mmnet", settings=RunSettings(method=own))
    own["epochs"] = 4
    assert spec.settings.method == {"epochs": 3}


def test_settings_are_of_method_dataset_protocol_or_one_of_the_methods() -> None:
    flat = {"epochs": 3, "timm:resnet34.epochs": 4, "dataset.subjects": 5, "protocol.k": 6}
    settings = RunSettings.parse(flat, ["timm:resnet34", "majority"])
    assert settings.by_method == {"timm:resnet34": {"epochs": 4}}
    assert settings.of("timm:resnet34").method == {"epochs": 4}
    assert settings.of("majority").method == {"epochs": 3}
    assert settings.flat() == flat


def test_what_is_recorded_names_no_folder_of_this_machine() -> None:
    spec = RunSpec(
        method="mmnet",
        datasets=("casme2",),
        data={"casme2": "/home/me/casme2"},
        settings=RunSettings(method={"weights": "/home/me/w.pt", "epochs": 3}),
        tuned="/home/me/tuned.toml",
        plugins=("/home/me/mine.py",),
    )
    text = json.dumps(spec.recorded(files=["weights"]).as_dict())
    assert "/home" not in text
    assert all(name in text for name in ("w.pt", "tuned.toml", "mine.py", "casme2"))


def test_closed_sets_are_those_of_the_modules_that_read_them() -> None:
    from merbench.inputs.alignment.geometry import STYLES
    from merbench.training.numerics import PRECISIONS

    assert get_args(AlignmentName) == ("none", *STYLES)
    assert {*get_args(Precision)} == {"auto", *PRECISIONS}


def test_a_specification_needs_neither_torch_nor_pandas() -> None:
    program = "import sys, merbench.spec; sys.exit(bool({'torch', 'pandas'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_record_of_an_earlier_release_says_its_specification() -> None:
    header = read_header(GOLDEN / "run.json")
    description = header.description.model_copy(
        update={"alignment": "dlib-68, revision 2, failures as distributed", "seed": 4, "precision": "float32"}
    )
    lost = SimpleNamespace(why="frames")
    spec = RunSpec.from_record(header.model_copy(update={"description": description, "left_out": (lost,)}))
    assert (spec.method, spec.protocol, spec.datasets, spec.recipe) == ("off-apexnet", "loso", ("synthetic",), "quick")
    assert (spec.alignment, spec.alignment_fallback, spec.on_error) == ("dlib-68", True, "skip")
    flat = spec.settings.flat()
    assert (flat["hidden"], flat["epochs"], flat["dataset.subjects"]) == (1024, 2, 2)
    assert (spec.seed, spec.rules, spec.compute.precision) == (4, ("last", "oracle"), "float32")


def test_a_record_says_the_specification_that_it_holds() -> None:
    assert RunSpec.from_record(read_header(GOLDEN / "run.json").model_copy(update={"spec": FULL})) == FULL


def test_a_whole_number_is_a_number() -> None:
    spec = RunSpec(method="majority", label_flips=1)
    assert (spec.label_flips, type(spec.label_flips)) == (1.0, float)
    with pytest.raises(UsageError, match=r"label_flips=2\.0 is not possible: it must be a share of the clips"):
        RunSpec(method="majority", label_flips=2)
