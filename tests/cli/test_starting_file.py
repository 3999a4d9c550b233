"""Folds start from one file of weights: placed by name, its SHA-256 recorded, what it saw held against the folds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import merbench as library
from merbench.errors import UsageError
from merbench.method import built_network
from merbench.registry import methods
from merbench.results.run import Run
from merbench.results.weights import nameless, read, read_facts

Cli = Callable[..., Any]
FEW = {"epochs": 1, "dataset.subjects": 3, "dataset.clips": 5}
WORDS = ("run", "-m", "ststnet", "-d", "synthetic-a", "--device", "cpu", "--select-epoch", "last",
         *(word for name, value in FEW.items() for word in ("--set", f"{name}={value}")))  # fmt: skip


def trained(out: Path, dataset: str = "synthetic-a", **more: Any) -> Run:
    settings = {**FEW, **more.pop("settings", {})}
    return library.run("ststnet", dataset=dataset, settings=settings, device="cpu", rules="last", out=out, **more)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a network of seven classes, wrapped and prefixed, of which nothing is known."""
    network = built_network(methods.get("ststnet")(), nameless([str(number) for number in range(7)]))  # type: ignore[arg-type]
    path = tmp_path_factory.mktemp("foreign") / "seven.pth"
    torch.save({"model": {f"module.{name}": value for name, value in network.state_dict().items()}}, path)
    return path


def test_a_file_of_unknown_origin_is_placed_told_and_never_ranked(foreign: Path, tmp_path: Path, merbench: Cli) -> None:
    answer = merbench(*WORDS, "--weights", foreign, "--keep-weights", "--out", tmp_path / "run")
    assert answer.code == 0, answer.err
    assert "overlap=unknown" in answer.out
    header = Run.load(tmp_path / "run").header
    [note] = [note for note in header.notes if "the networks start from" in note]
    assert "seven.pth" in note
    assert "its model; prefix module. of its names dropped; the classifier (" in note
    assert header.description.start == {"weights": hashlib.sha256(foreign.read_bytes()).hexdigest(), "unknown": True}
    assert header.description.unranked.startswith("overlap unknown")
    assert "never ranked: overlap unknown" in merbench("show", tmp_path / "run").out
    # a run that starts from these networks is of unknown origin, too
    again = trained(tmp_path / "again", dataset="synthetic-b", weights=tmp_path / "run")
    assert again.header.description.unranked.startswith("overlap unknown")


def test_a_check_says_of_the_file_what_the_run_says(foreign: Path, tmp_path: Path, merbench: Cli) -> None:
    words = (*WORDS, "--weights", foreign, "--out", tmp_path / "run")
    checked = merbench(*words, "--check")
    assert checked.code == 0, checked.err
    [said] = [line for line in checked.err.splitlines() if "the networks start from" in line]
    for words_of_it in ("seven.pth", hashlib.sha256(foreign.read_bytes()).hexdigest()[:12], "module.", "classifier"):
        assert words_of_it in said
    assert not (tmp_path / "run").exists()
    assert merbench(*words).code == 0
    assert said in Run.load(tmp_path / "run").header.notes


def test_the_folds_start_from_the_values_of_the_file(foreign: Path, tmp_path: Path) -> None:
    run = trained(tmp_path / "run", weights=foreign, keep_weights=True, settings={"learning_rate": 1e-7})
    given = torch.load(foreign, weights_only=True)["model"]
    kept = [read(path).tensors for path in sorted((tmp_path / "run" / "weights").iterdir())]
    assert len(kept) == len(run.keys)
    for tensors in kept:
        same = [n for n, value in tensors.items() if value.is_floating_point() and value.ndim == 4
                and torch.allclose(value.float(), given[f"module.{n}"], atol=1e-3)]  # fmt: skip
        assert same


def test_one_kept_network_is_held_to_what_it_saw(tmp_path: Path) -> None:
    first = trained(tmp_path / "first", keep_weights=True)
    assert first.path is not None
    own = sorted((first.path / "weights").iterdir())[0]
    with pytest.raises(UsageError, match="no network there was trained without the subjects that fold"):
        trained(tmp_path / "refused", weights=own)
    other = trained(tmp_path / "other", dataset="synthetic-b", weights=own, keep_weights=True).header
    assert other.description.unranked == ""
    assert other.description.start == {
        "run": first.header.identity,
        "weights": hashlib.sha256(own.read_bytes()).hexdigest(),
    }
    [path, *_] = sorted((tmp_path / "other" / "weights").iterdir())
    assert {name.partition("/")[0] for seen in read_facts(path).seen for name in seen.subjects} == {
        "synthetic-a", "synthetic-b",
    }  # fmt: skip
    overlap = trained(tmp_path / "allowed", weights=own, allow_overlap=True).header.description
    assert overlap.unranked == "started from weights that may have seen the tested subjects"


def test_a_file_that_does_not_fit_or_does_not_exist_is_refused_before_training(tmp_path: Path, merbench: Cli) -> None:
    torch.save({"conv.weight": torch.zeros(3, 3)}, tmp_path / "other.pth")
    answer = merbench(*WORDS, "--weights", tmp_path / "other.pth", "--out", tmp_path / "run")
    assert answer.code == 2
    assert "does not fit the network" in answer.err
    assert not (tmp_path / "run" / "run.json").exists()
    answer = merbench(*WORDS, "--weights", tmp_path / "nowhere.pth", "--out", tmp_path / "run")
    assert answer.code == 2
    assert "does not exist; name a file of weights" in answer.err


def test_weights_of_timm_are_looked_for_on_this_machine_alone(
    tmp_path: Path, merbench: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("run", "-m", "timm:resnet18", *WORDS[3:], "--set", "size=32", "--out", tmp_path / "run")
    answer = merbench(*words, "--weights", "timm:resnet18.a1_in2k")
    assert answer.code == 2
    assert "timm has no weights of that name, which is NAME.TAG. Did you mean timm:resnet18.a1_in1k" in answer.err
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda repository, file: None)
    answer = merbench(*words, "--weights", "timm:resnet18.a1_in1k")
    assert answer.code == 2
    assert "hf download timm/resnet18.a1_in1k model.safetensors" in answer.err
    network = built_network(methods.get("timm:resnet18")(), nameless(list(map(str, range(1000)))))  # type: ignore[arg-type]
    torch.save(network.state_dict(), tmp_path / "cached.bin")
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda repository, file: str(tmp_path / "cached.bin"))
    answer = merbench(*words, "--weights", "timm:resnet18.a1_in1k")
    assert answer.code == 0, answer.err
    assert "weights=timm:resnet18.a1_in1k" in answer.out
    assert "overlap" not in answer.out
    assert "the weights timm:resnet18.a1_in1k of timm" in answer.err
    start = Run.load(tmp_path / "run").header.description.start
    assert start == {
        "timm": "resnet18.a1_in1k",
        "weights": hashlib.sha256((tmp_path / "cached.bin").read_bytes()).hexdigest(),
    }
    answer = merbench("run", "-m", "timm:resnet18.a1_in1k", *WORDS[3:])
    assert answer.code == 2
    assert "give timm:resnet18, and --weights timm:resnet18.a1_in1k" in answer.err


def test_fine_tuning_is_checked_before_training_and_counted(tmp_path: Path, merbench: Cli) -> None:
    words = (*WORDS, "--out", tmp_path / "run")
    answer = merbench(*words, "--set", "frozen=streams.0,layer7")
    assert answer.code == 2
    assert "ststnet has no part 'layer7'; name some of streams, head" in answer.err
    answer = merbench(*words, "--set", "frozen=streams", "--set", "head_epochs=1")
    assert answer.code == 0, answer.err
    network = built_network(methods.get("ststnet")(), nameless(["a", "b", "c"]))  # type: ignore[arg-type]
    assert "frozen=streams without weights: these parts keep the values that ststnet begins with" in answer.err
    assert any("frozen=streams without weights" in note for note in Run.load(tmp_path / "run").header.notes)
    head = sum(value.numel() for name, value in network.named_parameters() if name.startswith("head."))
    assert Run.load(tmp_path / "run").header.parameter_count == head
