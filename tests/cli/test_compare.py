"""`merbench compare`: what it shows, what it lists, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import f1_score

import merbench as library

Cli = Callable[..., Any]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    small = {"dataset.clips": 10, "dataset.subjects": 3}
    given: dict[str, dict[str, Any]] = {
        "random-0": {"method": "random", "settings": small},
        "random-1": {"method": "random", "settings": small, "seed": 1},
        "random-2": {"method": "random", "settings": small, "seed": 2},
        "majority": {"method": "majority", "settings": small},
        "three": {"method": "majority", "settings": small, "scheme": "3-class"},
        "kfold": {"method": "majority", "settings": {**small, "protocol.folds": 2}, "protocol": "kfold"},
        "noisy": {"method": "majority", "settings": small, "keyframe_noise": 2},
        "leaky": {"method": "majority", "settings": small, "protocol": "leave-one-clip-out"},
        "leaky-random": {"method": "random", "settings": small, "protocol": "leave-one-clip-out"},
    }
    for name, arguments in given.items():
        library.run(**arguments, out=folder / name)
    return {name: folder / name for name in given}


def test_two_methods_one_as_a_folder_one_as_a_record(merbench: Cli, runs: dict[str, Path]) -> None:
    answer = merbench("compare", *(runs[f"random-{seed}"] for seed in range(3)), runs["majority"] / "record.json")
    assert answer.code == 0, answer.err
    told = " ".join(answer.out.split())
    assert "random and majority are not distinguishable" in told
    assert (
        "With 3 subjects no p is below 0.25 (2 / 2^3), and 1 comparison needs 6 subjects: no method is ranked" in told
    )
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
    assert (pair["p_holm"], pair["distinguishable"]) == (None, False)
    assert pair["missing"] == "random needs 1 more seed to be ranked"
    assert found["methods"][0]["missing"] == "1 more seed to be ranked"
    assert pair["as_trained"]["p"] >= 0.25  # three subjects


def test_too_few_seeds_are_said_and_nothing_is_claimed(merbench: Cli, runs: dict[str, Path]) -> None:
    told = " ".join(merbench("compare", runs["random-0"], runs["majority"]).out.split())
    assert "are not ranked (random needs 2 more seeds to be ranked): as trained, UF1" in told
    assert "is better than" not in told


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
        (("majority", "noisy"), (), "different tasks: keyframe_noise is 0 for the one and 2 for the other; compare"),
        (("random-0", "random-1"), (), "All that was named is of one method, random"),
        (("majority", "majority"), (), "one and the same run"),
        (
            ("majority", "random-0"),
            ("--format", "pdf"),
            "'pdf' is not one of 'text', 'markdown', 'latex'",
        ),
        (("majority", "random-0"), ("--metric", "f2"), "'f2' is not one of 'uf1', 'uar', 'accuracy'"),
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


def test_runs_that_are_left_out_for_their_noise_are_named_by_it(merbench: Cli, runs: dict[str, Path]) -> None:
    answer = merbench("compare", runs["random-0"], runs["majority"], runs["noisy"])
    assert answer.code == 0, answer.err
    assert "5-class, keyframe_noise=2\n" in answer.err


def test_what_is_no_run_gets_a_sentence(merbench: Cli, runs: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    for name in ("x.json", "nowhere", ""):
        answer = merbench("compare", runs["majority"], tmp_path / name)
        assert answer.code == 2
        assert "Traceback" not in answer.err


def test_methods_that_saw_different_clips_are_compared_on_their_common_ones(merbench: Cli, tmp_path: Path) -> None:
    rows = ["dataset,subject,clip,onset,apex,offset,emotion"]
    for place in range(12):
        apex = "" if place == 5 else "3"
        rows.append(f"lab,{place // 3},c{place},1,{apex},6,{('happiness', 'anger')[place % 2]}")
    (tmp_path / "clips.csv").write_text("\n".join(rows) + "\n")
    runs = []
    for method, apex in (("majority", "middle"), ("random", "drop")):
        out = tmp_path / method
        run = library.run(method, "loso", data={"manifest": tmp_path / "clips.csv"}, apex=apex, out=out)  # type: ignore[arg-type]
        runs.append(run)
    paths = [run.path for run in runs]
    answer = merbench("compare", *paths)
    assert answer.code == 2
    assert "add --common to compare them on the 11 clips that all tested" in answer.err
    answer = merbench("compare", *paths, "--common", "--format", "json")
    assert answer.code == 0, answer.err
    assert "majority: 11 of its 12 clips are compared" in answer.err
    assert "random: 11 of its 11 clips are compared" in answer.err
    truth = [
        label
        for fold, keys in zip(runs[0].outer, runs[0].keys, strict=True)
        for label in fold.truth[[key != "lab/1/c5/1" for key in keys]]
    ]
    predicted = [
        label
        for fold, keys in zip(runs[0].predictions("last"), runs[0].keys, strict=True)
        for label in fold[1][[key != "lab/1/c5/1" for key in keys]]
    ]
    own = f1_score(truth, predicted, average="macro", labels=[0, 1], zero_division=0)
    [scored] = [each for each in json.loads(answer.out)["methods"] if each["method"] == "majority"]
    assert scored["value"] == pytest.approx(own)
    answer = merbench("plan", *paths)  # each on its own clips, since other clips are another task
    assert answer.code == 0, answer.err
    assert answer.out.count("loso on manifest, as-labelled: what finding a difference of 0.05") == 2


def test_runs_without_a_common_clip_are_refused(merbench: Cli, tmp_path: Path) -> None:
    paths = []
    for seed in (0, 1):
        few = {"dataset.subjects": 3, "dataset.clips": 5, "dataset.seed": seed}
        paths.append(library.run("majority", settings=few, out=tmp_path / str(seed)).path)
    answer = merbench("compare", *paths, "--common")
    assert answer.code == 2
