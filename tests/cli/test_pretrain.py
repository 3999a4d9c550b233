"""A network is pretrained on whole datasets, its card says on what, and runs that test any of it are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from merbench.results.run import Run
from merbench.results.weights import file_digest, read_facts

Cli = Callable[..., Any]
FEW = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5", "--set", "epochs=1", "--device", "cpu")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from merbench.api import pretrain

    out = tmp_path_factory.mktemp("pretrained") / "two.safetensors"
    settings = {"dataset.subjects": 3, "dataset.clips": 5, "epochs": 1}
    pretrain("ststnet", out=out, dataset=["synthetic-a", "synthetic-b"], settings=settings, device="cpu")
    return out


def run(merbench: Cli, folder: Path, dataset: str, weights: Path, *more: str) -> Any:
    return merbench(
        "run",
        "-m",
        "ststnet",
        "-d",
        dataset,
        *FEW,
        "--select-epoch",
        "last",
        "--weights",
        weights,
        "--out",
        folder,
        *more,
    )


def test_the_card_and_the_file_say_what_it_saw(two: Path) -> None:
    facts, card = read_facts(two), two.with_suffix(".md").read_text("utf-8")
    [seen] = facts.seen
    assert seen.subjects == tuple(f"synthetic-{name}/0{number}" for name in "ab" for number in (1, 2, 3))
    assert (facts.protocol, facts.unknown_start) == ("none", False)
    assert file_digest(two) in card
    assert "| synthetic-a | 15 | 3 |" in card
    assert "synthetic-a/01" not in card


def test_a_run_on_other_data_starts_from_it_and_one_on_the_same_is_refused(
    two: Path, tmp_path: Path, merbench: Cli
) -> None:
    answer = run(merbench, tmp_path / "c", "synthetic-c", two)
    assert answer.code == 0, answer.err
    assert Run.load(tmp_path / "c").header.description.unranked == ""
    name = f"of pretraining {read_facts(two).run[:8]} on synthetic-a and synthetic-b"
    assert any(name in note for note in Run.load(tmp_path / "c").header.notes)
    answer = run(merbench, tmp_path / "b", "synthetic-b", two)
    assert answer.code == 2
    assert "synthetic-b/01" in answer.err
    answer = run(merbench, tmp_path / "b", "synthetic-b", two, "--allow-overlap")
    assert answer.code == 0, answer.err
    assert "overlap=allowed" in answer.out


def test_pretraining_goes_on_from_a_file_and_its_network_has_seen_both(
    two: Path, tmp_path: Path, merbench: Cli
) -> None:
    three = tmp_path / "three.safetensors"
    answer = merbench("pretrain", "-m", "ststnet", "-d", "synthetic-c", *FEW, "--weights", two, "--out", three)
    assert answer.code == 0, answer.err
    assert f"card: {tmp_path / 'three.md'}" in answer.out
    subjects = {name.partition("/")[0] for seen in read_facts(three).seen for name in seen.subjects}
    assert subjects == {"synthetic-a", "synthetic-b", "synthetic-c"}


def test_what_cannot_be_pretrained_is_refused_before_training(two: Path, tmp_path: Path, merbench: Cli) -> None:
    words = ("pretrain", "-d", "synthetic-a", *FEW)
    answer = merbench(*words, "-m", "ststnet", "--out", two)
    assert answer.code == 2
    assert "exists; name another file" in answer.err
    answer = merbench(*words, "-m", "ststnet", "--out", tmp_path / "file.pth")
    assert answer.code == 2
    assert "must be called NAME.safetensors" in answer.err
    answer = merbench(*words, "-m", "ststnet", "--out", "/proc/file.safetensors")  # which not even root can write
    assert answer.code == 2
    assert "/proc cannot be written (" in answer.err or "there is no folder /proc" in answer.err
    answer = merbench(*words[:3], "-m", "flow-svm", "--out", tmp_path / "file.safetensors")
    assert answer.code == 2
    assert "flow-svm has no weights: it is no network" in answer.err


def photographs(folder: Path, dataset: str) -> Path:
    """A table of clips whose pictures are the same whatever the dataset and its subjects are called."""
    rng = np.random.default_rng(1)
    lines = ["dataset,subject,clip,onset,apex,offset,emotion,frames"]
    for number in range(9):
        place = folder / dataset / f"clip{number}"
        place.mkdir(parents=True)
        for frame in (1, 2, 3):
            cv2.imwrite(str(place / f"{frame}.png"), rng.integers(0, 256, (64, 64, 3), dtype=np.uint8))
        emotion = ("happiness", "surprise", "disgust")[number // 3]
        lines.append(f"{dataset},{dataset}{number % 3},c{number},1,2,3,{emotion},{dataset}/clip{number}")
    path = folder / f"{dataset}.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_clips_are_known_under_other_names(tmp_path: Path, merbench: Cli) -> None:
    one, other = photographs(tmp_path, "one"), photographs(tmp_path, "other")
    words = ("-m", "ststnet", "-d", "manifest", "--set", "epochs=1", "--device", "cpu", "--recipe", "quick")
    out = tmp_path / "one.safetensors"
    answer = merbench("pretrain", *words, "--data", f"manifest={one}", "--scheme", "3-class-megc2019", "--out", out)
    assert answer.code == 0, answer.err
    assert len(read_facts(out).seen[0].clips) == 9
    answer = merbench("run", *words, "--data", f"manifest={other}", "--scheme", "3-class-megc2019", "--weights", out,
                      "--select-epoch", "last", "--out", tmp_path / "run")  # fmt: skip
    assert answer.code == 2
    assert "no network there was trained without the subjects" in answer.err
    assert "other/other0" in answer.err


def test_pretraining_goes_on_from_a_setting_that_names_a_file_of_the_same_people(tmp_path: Path, merbench: Cli) -> None:
    words = ("pretrain", "-m", "resnet18", "-d", "synthetic-a", *FEW, "--set", "size=32")
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    assert merbench(*words, "--out", first).code == 0
    answer = merbench(*words, "--set", f"weights={first}", "--out", second)
    assert answer.code == 0, answer.err
    assert len(read_facts(second).seen) == 2


def test_clips_of_kept_networks_are_known_under_other_names(tmp_path: Path, merbench: Cli) -> None:
    one, other = photographs(tmp_path, "one"), photographs(tmp_path, "other")
    words = ("run", "-m", "ststnet", "-d", "manifest", "--set", "epochs=1", "--device", "cpu", "--recipe", "quick",
             "--scheme", "3-class-megc2019", "--select-epoch", "last")  # fmt: skip
    answer = merbench(*words, "--data", f"manifest={one}", "--keep-weights", "--out", tmp_path / "kept")
    assert answer.code == 0, answer.err
    files = sorted((tmp_path / "kept" / "weights").iterdir())
    assert [len(read_facts(file).seen[0].clips) for file in files] == [6, 6, 6]
    answer = merbench(*words, "--data", f"manifest={other}", "--weights", files[0], "--out", tmp_path / "run")
    assert answer.code == 2
    assert "no network there was trained without the subjects that fold other/other1 is judged by" in answer.err


def test_the_help_says_what_the_protocol_is_for(merbench: Cli) -> None:
    said = " ".join(merbench("pretrain", "--help").out.split())
    assert "Whose usual datasets and classes are taken where -d and --scheme name none; nothing is split." in said
    assert "How clips are split." not in said
