"""Folds start from kept networks that saw none of the subjects they test, or the run is refused or never ranked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import merbench as library
from merbench.errors import UsageError
from merbench.inference.export import export_run
from merbench.results.run import Run
from merbench.results.seen import Salt, Seen
from merbench.results.weights import read_facts

Cli = Callable[..., Any]
FEW = {"epochs": 2, "dataset.subjects": 3, "dataset.clips": 5}


def trained(out: Path, dataset: str = "synthetic-a", **more: Any) -> Run:
    return library.run("ststnet", dataset=dataset, settings=FEW, device="cpu", rules="last", out=out, **more)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that kept its networks, of three subjects of synthetic-a."""
    return trained(tmp_path_factory.mktemp("before") / "run", keep_weights=True)


def facts(run: Run) -> list[Any]:
    assert run.path is not None
    return [read_facts(path) for path in sorted((run.path / "weights").iterdir())]


def test_a_fold_starts_from_the_network_that_did_not_see_its_subject(before: Run, tmp_path: Path) -> None:
    again = trained(tmp_path / "again", weights=before.path)
    fresh = trained(tmp_path / "fresh")
    assert again.header.identity != fresh.header.identity
    assert "in every fold of one that saw none of the subjects" in " ".join(again.header.notes)
    assert again.header.description.unranked == ""
    assert any((a.probabilities != b.probabilities).any() for a, b in zip(again.outer, fresh.outer, strict=True))
    frozen = library.run(
        "ststnet", dataset="synthetic-a", settings={**FEW, "epochs": 1, "learning_rate": 1e-7}, device="cpu",
        rules="last", out=tmp_path / "frozen", weights=before.path,
    )  # fmt: skip
    for first, second in zip(before.outer, frozen.outer, strict=True):  # each fold's own network, one tiny step on
        assert abs(first.probabilities[-1] - second.probabilities[-1]).max() < 0.1


def test_kept_networks_say_what_they_saw_and_what_those_before_them_saw(before: Run, tmp_path: Path) -> None:
    for each in facts(before):
        [seen] = each.seen
        assert len(seen.subjects) == 2
        assert each.fold not in seen.subjects
    after = trained(tmp_path / "after", dataset="synthetic-b", weights=before.path, keep_weights=True)
    names = {name.partition("/")[0] for each in facts(after) for seen in each.seen for name in seen.subjects}
    assert names == {"synthetic-a", "synthetic-b"}


def test_overlap_is_refused_unless_allowed_and_then_never_ranked(before: Run, tmp_path: Path, merbench: Cli) -> None:
    small = {"protocol.folds": 2, "epochs": 1, "dataset.subjects": 3, "dataset.clips": 5}
    settings = [word for name, value in small.items() for word in ("--set", f"{name}={value}")]
    words = ("run", "-m", "ststnet", "-d", "synthetic-a", "-p", "kfold", *settings, "--device", "cpu",
             "--weights", before.path, "--out", tmp_path / "run")  # fmt: skip
    answer = merbench(*words)
    assert answer.code == 2
    assert "no network there was trained without the subjects that fold" in answer.err
    assert "--allow-overlap" in answer.err
    answer = merbench(*words, "--allow-overlap")
    assert answer.code == 0, answer.err
    assert "overlap=allowed" in answer.out
    description = Run.load(tmp_path / "run").header.description
    assert description.unranked == "started from weights that may have seen the tested subjects"


def test_the_subjects_that_inner_keeps_back_count_too(before: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"leave out the rule inner \(--select-epoch last,oracle\)"):
        library.run("ststnet", dataset="synthetic-a", settings=FEW, device="cpu", rules="inner",
                    out=tmp_path / "run", weights=before.path)  # fmt: skip


def test_an_export_of_real_faces_says_what_it_saw_without_names(before: Run, tmp_path: Path) -> None:
    keys = [key for fold in before.keys for key in fold]
    own, other = Salt.of("labels", keys), Salt.of("labels", keys[1:])
    seen = Seen(subjects=("casme2/01", "casme2/02")).sealed(own)
    assert "01" not in [name.rpartition("/")[2] for name in seen.subjects]
    assert seen.among(["casme2/02", "casme2/03", "samm/01"], own) == {"casme2/02"}
    assert seen.among(["casme2/02", "casme2/03", "samm/01"], other) == {"casme2/02", "casme2/03"}  # cannot be told
    assert seen.sealed(other) == seen


def test_an_export_is_started_from_as_the_run_is(before: Run, tmp_path: Path) -> None:
    assert before.path is not None
    export_run(before.path, tmp_path / "export")
    one = trained(tmp_path / "one", weights=before.path)
    two = trained(tmp_path / "two", weights=tmp_path / "export")
    assert all((a.probabilities == b.probabilities).all() for a, b in zip(one.outer, two.outer, strict=True))


def test_what_cannot_be_started_from_is_refused(before: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="these are networks of ststnet, and the run is of off-apexnet"):
        library.run("off-apexnet", dataset="synthetic-a", settings=FEW, device="cpu", weights=before.path)
    with pytest.raises(UsageError, match="its networks are for the classes"):
        trained(tmp_path / "scheme", dataset="synthetic", weights=before.path)
    with pytest.raises(UsageError, match="--allow-overlap is for runs that start from weights"):
        trained(tmp_path / "alone", allow_overlap=True)
    with pytest.raises(UsageError, match="tuning trains networks anew"):
        library.tune("ststnet", weights=before.path)


def test_files_of_initial_weights_are_held_to_the_same(tmp_path: Path) -> None:
    """A network of merbench that a parameter names is known; any other file is noted as unknown."""
    few = {"dataset.subjects": 3, "dataset.clips": 5, "epochs": 1, "size": 32, "motion": "apex"}
    first = library.run("resnet18", dataset="synthetic-a", settings=few, device="cpu", rules="last",
                        out=tmp_path / "first", keep_weights=True)  # fmt: skip
    assert first.path is not None
    kept = sorted((first.path / "weights").iterdir())[0]
    own, foreign = tmp_path / "own.safetensors", tmp_path / "foreign.safetensors"
    shutil.copy(kept, own)
    save_file(load_file(kept), foreign)
    with safe_open(own, "pt") as read:
        assert "merbench" in read.metadata()

    def again(path: Path, dataset: str) -> Run:
        return library.run("resnet18", dataset=dataset, settings={**few, "weights": str(path)}, device="cpu",
                           rules="last", out=tmp_path / f"{path.stem}-{dataset}")  # fmt: skip

    with pytest.raises(UsageError, match="no network there was trained without the subjects"):
        again(own, "synthetic-a")
    assert "of run" in " ".join(again(own, "synthetic-b").header.notes)
    unknown = again(foreign, "synthetic-a").header
    assert "does not say what it was trained on" in " ".join(unknown.notes)
    assert unknown.description.unranked.startswith("overlap unknown")


def test_networks_of_other_settings_are_refused_before_data_is_read(
    before: Run, tmp_path: Path, merbench: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merbench.experiments.runs.prepare", lambda experiment, observer: pytest.fail("data is read"))
    words = ("run", "-m", "ststnet", "-d", "synthetic-a", "--weights", before.path, "--out", tmp_path / "run")
    answer = merbench(*words, "--set", "size=56")
    assert answer.code == 2
    assert "are of other settings than those of this run: head.weight is (3, " in answer.err
    assert not (tmp_path / "run").exists()
