"""Files of runs: what they say, what is overridden, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from merbench.errors import UsageError
from merbench.experiments.run_file import as_toml
from merbench.experiments.suite import read_suite
from merbench.spec import ComputeOptions, RunSettings, RunSpec


def written(folder: Path, text: str) -> Path:
    path = folder / "experiment.toml"
    path.write_text(text)
    return path


SPECS = [
    RunSpec(method="majority"),
    RunSpec(
        method="mmnet",
        protocol="kfold",
        datasets=("casme2", "samm"),
        data={"casme2": "/data/casme2"},
        recipe="quick",
        settings=RunSettings(method={"epochs": 3, "rate": 0.1}, dataset={"subjects": 4}, protocol={"folds": 5}),
        apex="spot",
        corrections="merbench-1",
        seed=7,
        rules=("last", "inner"),
        alignment="dlib-68",
        alignment_fallback=True,
        compute=ComputeOptions(device="cpu", precision="float64", parallel_folds=3),
    ),
]


@pytest.mark.parametrize("spec", SPECS)
def test_a_specification_comes_back_from_its_file(spec: RunSpec, tmp_path: Path) -> None:
    assert read_suite(written(tmp_path, as_toml(spec))) == [spec]


SUITE = """\
methods = ["majority", "random"]
protocols = ["loso", "kfold"]
datasets = ["synthetic", ["casme2", "samm"]]
seeds = [0, 1]
data.casme2 = "casme2"

[settings]
random.epochs = 3
dataset.clips = 10
"""


def test_a_suite_is_every_method_protocol_dataset_and_seed(tmp_path: Path) -> None:
    specs = read_suite(written(tmp_path, SUITE))
    assert len(specs) == len({str(spec) for spec in specs}) == 16
    assert {spec.datasets for spec in specs} == {("synthetic",), ("casme2", "samm")}
    assert {tuple(spec.settings.method.items()) for spec in specs if spec.method == "random"} == {(("epochs", 3),)}
    assert {tuple(spec.settings.method.items()) for spec in specs if spec.method == "majority"} == {()}
    folders = {tuple(spec.data.values()) for spec in specs}
    assert folders == {(), (str(tmp_path / "casme2"),)}  # beside the file, and only where the dataset is used


def test_options_override_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, SUITE)
    specs = read_suite(
        path,
        {"protocol": "composite", "dataset": ["synthetic"], "settings": {"dataset.clips": "5"}},
        methods=["ststnet"],
        seeds=[4],
    )
    assert specs[0].settings.dataset == {"clips": "5"}
    assert specs[0].data == {}  # the folders in the file are of other datasets
    assert [(spec.method, spec.protocol, spec.datasets, spec.seed) for spec in specs] == [
        ("ststnet", "composite", ("synthetic",), 4)
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('method = "majority"\nsead = 1\n', ["line 2", "'sead'", "Did you mean 'seed'"]),
        ('method = "majority"\n\nseed = "one"\n', ["line 3", 'seed="one"', "whole number"]),
        ('method = "majority"\nmethods = ["random"]\n', ["line 2", "methods and method", "line 1"]),
        ('method = "majority"\napex = "top"\n', ["line 2", "apex=top", "middle, spot, spot-all, drop, error"]),
        ('method = "majority"\n[compute]\nprecision = "half"\n', ["line 3", "precision=half", "float32"]),
        ('method = "majority"\n[compute]\nthreads = 2\n', ["line 3", "compute.threads"]),
        ('method = "majority"\nprecision = "float32"\n', ["line 2", "precision", "[compute]"]),
        ('method = "majority"\n[settings]\nepochs = [1]\n', ["line 3", "epochs"]),
        ('method = "majority"\nsettings = 3\n', ["line 2", "settings=3", "table"]),
        ('method = "majority"\ndataset = 3\n', ["line 2", "dataset=3", "a name or a list"]),
        ('method = "majority"\nplugins = "mine.py"\n', ["line 2", "plugins=mine.py", "a list of files"]),
        ('method = "majority"\nseeds = 3\n', ["line 2", "seeds=3", "list"]),
        ('method = "majority"\nseeds = [1, 1]\n', ["line 2", "seeds", "twice"]),
        ('method = "majority"\nrules = ["best"]\n', ["line 2", "rules=best"]),
        ("method = 3\n", ["line 1", "method=3"]),
        ('methods = ["majority", 3]\n', ["line 1", "method=3"]),
        ('dataset = "synthetic"\n', ["names no method"]),
        ('method = "majority\n', ["no TOML file", "line 1"]),
        ('method = "majority"\ndataset = "samm"\ndata.casme2 = "x"\n', ["--data names casme2"]),
        ('method = "majority"\ndata = "x"\n', ["which dataset that is"]),
    ],
)
def test_mistakes_are_refused_by_name_and_line(tmp_path: Path, text: str, said: list[str]) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as refused:
        read_suite(path)
    assert str(path) in str(refused.value)
    for words in said:
        assert words in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no such file; merbench show RUN --config prints one"):
        read_suite(tmp_path / "nowhere.toml")


def test_a_missing_method_may_come_from_the_options(tmp_path: Path) -> None:
    [spec] = read_suite(written(tmp_path, 'dataset = "synthetic"\n'), methods=["majority"])
    assert (spec.method, spec.datasets) == ("majority", ("synthetic",))


def test_a_clash_of_file_and_options_names_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, 'method = "mmnet"\n[compute]\ncompile = "yes"\n')
    with pytest.raises(UsageError, match=r"line 3: compile=yes trains one fold at a time, but parallel_folds=2"):
        read_suite(path, {"parallel_folds": "2"})
