"""`merbench compare`: what it shows, what it lists, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import merbench as library

Cli = Callable[..., Any]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    small = {"dataset.clips": 10, "dataset.subjects": 3}
    given: dict[str, dict[str, Any]] = {
        "random-0": {"method": "random", "settings": small},
        "random-1": {"method": "random", "settings": small, "seed": 1},
        "majority": {"method": "majority", "settings": small},
        "three": {"method": "majority", "settings": small, "scheme": "3-class"},
        "kfold": {"method": "majority", "settings": {**small, "protocol.folds": 2}, "protocol": "kfold"},
        "leaky": {"method": "majority", "settings": small, "protocol": "leave-one-clip-out"},
        "leaky-random": {"method": "random", "settings": small, "protocol": "leave-one-clip-out"},
    }
    for name, arguments in given.items():
        library.run(**arguments, out=folder / name)
    return {name: folder / name for name in given}


def test_two_methods_one_as_a_folder_one_as_a_record(merbench: Cli, runs: dict[str, Path]) -> None:
    answer = merbench("compare", runs["random-0"], runs["random-1"], runs["majority"] / "record.json")
    assert answer.code == 0, answer.err
    told = " ".join(answer.out.split())
    assert "random and majority are not distinguishable" in told
    assert "no corrected p can fall below 0.250" in told
    assert "taken for independent" in told


def test_plain_data_holds_what_was_shown(merbench: Cli, runs: dict[str, Path]) -> None:
    words = [runs[name] for name in ("majority", "random-0", "random-1")]
    found = json.loads(merbench("compare", *words, "--format", "json", "--clips").out)
    assert [method["method"] for method in found["methods"]] == ["random", "majority"]
    assert found["methods"][0]["seeds"] == [0, 1]
    [pair] = found["pairs"]
    expected = [library.Run.load(runs[name]).scores("last").uf1 for name in ("random-0", "random-1", "majority")]
    assert pair["difference"] == pytest.approx((expected[0] + expected[1]) / 2 - expected[2])
    assert pair["low"] <= pair["difference"] <= pair["high"]
    clips = pair["clips"]
    assert len(clips) == pair["mcnemar"]["only_first"] + pair["mcnemar"]["only_second"]
    assert {len(clip["first"]) for clip in clips} == {2}


def test_clips_are_listed_when_asked_for(merbench: Cli, runs: dict[str, Path]) -> None:
    words = ("compare", runs["random-0"], runs["majority"], "--format", "markdown")
    assert "Clips that only one" not in merbench(*words).out
    assert "Clips that only one of random and majority has right" in merbench(*words, "--clips").out


def test_a_leaky_protocol_is_said_to_be_leaky(merbench: Cli, runs: dict[str, Path]) -> None:
    assert "leaky" in merbench("compare", runs["leaky"], runs["leaky-random"]).out


@pytest.mark.parametrize(
    ("names", "options", "said"),
    [
        (("majority", "three"), (), "the scheme is 5-class for the one and 3-class for the other"),
        (("majority", "kfold"), (), "the protocol is loso for the one and kfold"),
        (("random-0", "random-1"), (), "All that was named is of one method, random"),
        (("majority", "majority"), (), "one and the same run"),
        (("majority", "random-0"), ("--format", "pdf"), "format=pdf is not possible"),
        (("majority", "random-0"), ("--metric", "f2"), "metric=f2 is not possible"),
        (("majority", "random-0"), ("--rule", "inner"), "rule=inner was not run for"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    merbench: Cli, runs: dict[str, Path], names: tuple[str, ...], options: tuple[str, ...], said: str
) -> None:
    answer = merbench("compare", *(runs[name] for name in names), *options)
    assert answer.code == 2
    assert said in answer.err
    assert answer.out == ""


def test_what_is_no_run_gets_a_sentence(merbench: Cli, runs: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    for name in ("x.json", "nowhere", ""):
        answer = merbench("compare", runs["majority"], tmp_path / name)
        assert answer.code == 2
        assert "Traceback" not in answer.err
