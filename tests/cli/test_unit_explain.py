"""Networks on action units explained, and pretrained, from the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench import Run
from merbench.results.weights import read_facts

Cli = Callable[..., Any]
FEW = ("--set", "dataset.subjects=3", "--set", "dataset.clips=6", "--set", "epochs=1", "--device", "cpu")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A network with attention that was kept."""
    import merbench

    settings = {"dataset.subjects": 3, "dataset.clips": 6, "size": 32, "epochs": 2, "position": "learned"}
    return merbench.run(
        "mmnet", dataset="synthetic-f", settings={**settings, "scheme.units": "1,4,12"}, rules="last", device="cpu",
        keep_weights=True, out=tmp_path_factory.mktemp("explained") / "run",
    )  # fmt: skip


def probabilities_of(run: Run) -> dict[str, np.ndarray]:
    return {key: row for outcome in run.outer for key, row in zip(outcome.keys, outcome.probabilities[-1], strict=True)}


def rows_of(merbench: Cli, run: Run, *words: object) -> list[dict[str, str]]:
    answer = merbench("explain", run.path, *words, "--device", "cpu", "--format", "csv")
    assert answer.code == 0, answer.err
    clips = "\n".join(answer.out.splitlines()).partition("\n\n")[0]  # a table of localisation follows
    return list(csv.DictReader(io.StringIO(clips)))


def test_the_most_probable_unit_of_each_clip_is_shown_unless_one_is_named(merbench: Cli, run: Run) -> None:
    known, frame = probabilities_of(run), run.to_pandas().set_index("clip")
    rows = rows_of(merbench, run, "--worst", 3)
    assert len(rows) == 3
    for row in rows:
        own = known[row["clip"]]
        assert row["unit"] == run.classes[int(own.argmax())]
        assert float(row["probability"]) == pytest.approx(own.max(), abs=2e-3)
        assert (row["true"], row["predicted"]) == tuple(frame.loc[row["clip"], ["true", "predicted"]])
        assert row["present"] == ("yes" if row["unit"] in row["true"].split("+") else "no")
    assert run.path is not None
    assert len(list((run.path / "explained").glob("*.png"))) == 3
    text = merbench("explain", run.path, "--worst", 1, "--device", "cpu")
    assert "Unit: the most probable one of the clip; --unit names another." in " ".join(text.out.split())


def test_the_worst_clips_of_a_named_unit_are_those_it_is_least_right_of(merbench: Cli, run: Run) -> None:
    rows = rows_of(merbench, run, "--worst", 2, "--unit", "AU4")
    truth = {key: row for outcome in run.outer for key, row in zip(outcome.keys, outcome.truth, strict=True)}
    right = {key: row[1] if truth[key][1] else 1 - row[1] for key, row in probabilities_of(run).items()}
    assert [row["clip"] for row in rows] == sorted(right, key=lambda key: (right[key], key))[:2]
    assert {row["unit"] for row in rows} == {"AU4"}
    for spelled in ("4", "au4"):
        assert rows_of(merbench, run, "--worst", 2, "--unit", spelled) == rows
    text = merbench("explain", run.path, "--worst", 1, "--unit", "4", "--device", "cpu")
    assert "Unit: AU4." in " ".join(text.out.split())


def test_a_unit_that_is_not_there_is_refused(merbench: Cli, run: Run, tmp_path: Path) -> None:
    answer = merbench("explain", run.path, "--worst", 1, "--unit", "AU5")
    assert answer.code == 2
    assert "Unknown unit 'AU5'" in answer.err
    plain = merbench("run", "-m", "majority", "--set", "dataset.subjects=3", "--out", tmp_path / "plain")
    assert plain.code == 0
    answer = merbench("explain", tmp_path / "plain", "--worst", 1, "--unit", "AU4")
    assert answer.code == 2
    assert "--unit serves multi-label tasks, but this one is single-label: leave it out." in answer.err


def test_a_network_is_pretrained_on_units_and_starts_runs_on_units_and_on_classes(
    merbench: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "units.safetensors"
    few = (*FEW[:4], "--set", "epochs=15", "--set", "class_weights=balanced", "--device", "cpu")
    answer = merbench(
        "pretrain", "-m", "ststnet", "-d", "synthetic-f", "--set", "scheme.units=1,4,12", *few, "--out", file
    )
    assert answer.code == 0, answer.err
    facts, card = read_facts(file), file.with_suffix(".md").read_text("utf-8")
    assert (facts.classes, facts.kind) == (("AU1", "AU4", "AU12"), "multi-label")
    from merbench.registry import datasets

    kind = datasets.get("synthetic-f")
    rows = kind(kind.Parameters().changed({"subjects": 3, "clips": 6})).table(None).table["action_units"]
    coded = [{unit.strip("LR") for unit in text.split("+")} for text in rows]
    counts = [sum(unit in own for own in coded) for unit in ("1", "4", "12")]
    assert f"| synthetic-f | 18 | 3 | {counts[0]} | {counts[1]} | {counts[2]} |" in card
    assert "its accuracy on its own training clips (every unit right) is" in " ".join(card.split())
    assert "-d DATASET --scheme au=1,4,12 --weights units.safetensors" in card
    start = ("run", "-m", "ststnet", "-d", "synthetic-e", *FEW, "--weights", file, "--select-epoch", "last")
    for scheme, name in (("au=1,4,12", "units"), ("3-class-megc2019", "classes")):
        answer = merbench(*start, "--scheme", scheme, "--out", tmp_path / name)
        assert answer.code == 0, answer.err
        assert Run.load(tmp_path / name).header.description.start is not None
