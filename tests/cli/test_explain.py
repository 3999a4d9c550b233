"""`merbench explain`: pictures, the table of localisation, and what it refuses."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import merbench as library
from merbench import Run
from merbench.registry import methods
from merbench.results.store import Store
from merbench.synthetic.rendering import draw_frames, plan_clip

SMALL = {"dataset.subjects": 3, "dataset.clips": 10, "size": 32, "epochs": 1, "position": "learned"}
Cli = Callable[..., Any]

PLUGIN = """
from merbench import Frames, Inputs, NetworkMethod, Recipe, Training


class Looks(NetworkMethod):
    name = "looks"
    title = "A network that looks at a corner"
    family = "image network"

    def inputs(self):
        return Inputs(frames=Frames(at=("apex",), size=(16, 16)))

    @classmethod
    def recipes(cls):
        recipe = Recipe(source="mine", training=Training(epochs=1, batch=8))
        return {"published": recipe, "quick": recipe}

    def network(self, train):
        import torch
        from torch import nn

        class Blind(nn.Module):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(3, len(train.classes))
                self.attention = nn.Identity()

            def forward(self, apex):
                return self.head(apex.mean((2, 3)))

        class Corner(Blind):
            def __init__(self):
                super().__init__()
                del self.attention

            def attention(self, apex):
                weights = torch.zeros(len(apex), 2, 2, 2)
                weights[:, :, 0, 0] = 1
                return [weights, None, torch.ones(1, 4, 1, 1)]

        return KIND()
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return library.run(
        "mmnet",
        settings=SMALL,
        rules="last",
        precision="float32",
        keep_weights=True,
        out=tmp_path_factory.mktemp("r") / "run",
    )


def folder(run: Run) -> Path:
    assert run.path is not None
    return run.path


def plugin(tmp_path: Path, kind: str) -> Path:
    path = tmp_path / f"{kind.lower()}.py"
    path.write_text(PLUGIN.replace("KIND", kind))
    return path


def test_a_run_that_does_not_exist_is_named_before_the_clips_are_asked_for(merbench: Cli, tmp_path: Path) -> None:
    assert "is no run of merbench" in merbench("explain", tmp_path / "nowhere").err


def test_clips_are_pictured_and_localised_from_kept_weights(merbench: Cli, tmp_path: Path, kept: Run) -> None:
    key = kept.outer[1].keys[4]
    answer = merbench("explain", folder(kept), "--clip", key, "--worst", 1, "--out", tmp_path)
    assert answer.code == 0, answer.err
    assert "trained again" not in answer.err
    named = tmp_path / f"{key.replace('/', '_')}.png"
    assert f"picture: {named}" in answer.out
    lowest = min(
        (float(row[truth]), clip)
        for outcome in kept.outer
        for row, truth, clip in zip(outcome.probabilities[-1], outcome.truth, outcome.keys, strict=True)
    )
    worst = tmp_path / f"{lowest[1].replace('/', '_')}.png"
    assert {path.name for path in tmp_path.iterdir()} == {named.name, worst.name}
    with Image.open(named) as picture:
        assert picture.size == (4 * 234 + 10, 52 + 2 * 254)
        assert len(picture.convert("L").histogram()) == 256
    truth = kept.classes[int(kept.outer[1].truth[4])]
    assert re.search(rf"{key}\s+synthetic/02\s+{truth}", answer.out)
    assert "Shares inside the ground-truth motion" in answer.out
    assert re.search(r"all units\s+2", answer.out)


def test_the_table_over_all_clips_needs_no_picture(merbench: Cli, kept: Run) -> None:
    before = set(folder(kept).rglob("*"))
    answer = merbench("explain", folder(kept), "--all", "--format", "csv")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0] == "action unit,clips,chance,flow,block 1,block 2,block 3,block 4"
    assert lines[-1].startswith("all units,30,")
    shares = [float(cell) for line in lines[1:] for cell in line.split(",")[2:]]
    assert all(0 <= value <= 1 for value in shares)
    assert set(folder(kept).rglob("*")) == before


def test_without_weights_that_fold_is_trained_again_to_the_same_network(
    merbench: Cli, tmp_path: Path, kept: Run
) -> None:
    copy = tmp_path / "run"
    shutil.copytree(folder(kept), copy)
    shutil.rmtree(copy / "weights")
    key = kept.outer[2].keys[0]
    words = ["--clip", key, "--format", "csv"]
    first, again = merbench("explain", folder(kept), *words), merbench("explain", copy, *words)
    assert again.code == 0, again.err
    assert again.err.count("no weights kept, trained again") == 1
    assert first.out == again.out
    name = f"{key.replace('/', '_')}.png"
    assert (copy / "explained" / name).read_bytes() == (folder(kept) / "explained" / name).read_bytes()


def test_weights_of_another_network_are_not_explained(merbench: Cli, tmp_path: Path, kept: Run) -> None:
    copy = tmp_path / "run"
    shutil.copytree(folder(kept), copy)
    store = Store(copy)
    shutil.copy(store.weights("synthetic/01"), store.weights("synthetic/02"))
    key = kept.outer[1].keys[0]
    answer = merbench("explain", copy, "--clip", key)
    assert answer.code == 2
    assert "so it is not the run's" in answer.err


def photographs(folder: Path) -> Path:
    """A table of four clips of two people, whose pictures nothing marks as drawn."""
    rows = ["dataset,subject,clip,onset,apex,offset,emotion,frames"]
    for subject in (1, 2):
        for emotion in ("surprise", "happiness"):
            clip = f"{subject}-{emotion}"
            plan = plan_clip(identity=subject, seed=subject, emotion=emotion, onset=1, apex=3, offset=4)
            (folder / clip).mkdir(parents=True)
            for number, frame in zip((1, 3), draw_frames(plan, [1, 3], (64, 64)), strict=True):
                Image.fromarray(frame).save(folder / clip / f"{number}.png")
            rows.append(f"mine,{subject:02d},{clip},1,3,4,{emotion},{clip}")
    (folder / "clips.csv").write_text("\n".join(rows))
    return folder / "clips.csv"


def test_photographs_are_pictured_only_where_the_user_says(merbench: Cli, tmp_path: Path) -> None:
    table, path = photographs(tmp_path / "data"), tmp_path / "run"
    settings = {"size": 16, "epochs": 1, "position": "learned"}
    run = library.run("mmnet", data={"manifest": table}, recipe="quick", settings=settings, rules="last", out=path)
    words = ["explain", path, "--clip", run.outer[0].keys[0]]
    answer = merbench(*words, "--data", f"manifest={table}")
    assert answer.code == 2
    assert "say with --out DIR" in answer.err
    answer = merbench(*words, "--data", f"manifest={table}", "--out", tmp_path / "seen")
    assert answer.code == 0, answer.err
    assert [file.name for file in (tmp_path / "seen").iterdir()] == ["mine_01_1-happiness_1.png"]
    assert "ground-truth" not in answer.out
    answer = merbench(*words, "--out", tmp_path / "seen")
    assert answer.code == 2
    assert "manifest: no data file given" in answer.err
    answer = merbench("explain", path, "--all", "--data", f"manifest={table}")
    assert answer.code == 2
    assert "localisation needs synthetic faces" in answer.err
    table.write_text(table.read_text().replace("1-happiness,1,3,4,happiness", "1-happiness,1,3,4,surprise"))
    answer = merbench(*words, "--data", f"manifest={table}", "--out", tmp_path / "seen")
    assert answer.code == 2
    assert "it differs in labels" in answer.err
    assert not (path / "explained").exists()


def test_a_plugin_that_attends_is_explained(merbench: Cli, tmp_path: Path) -> None:
    words = ["--plugin", plugin(tmp_path, "Corner")]
    settings = [word for name in ("subjects=3", "clips=10") for word in ("--set", f"dataset.{name}")]
    answer = merbench("run", "-m", "looks", *settings, *words, "--keep-weights", "--out", tmp_path / "run")
    assert answer.code == 0, answer.err
    answer = merbench("explain", tmp_path / "run", "--worst", 2, "--all", *words)
    assert answer.code == 0, answer.err
    assert len(list((tmp_path / "run" / "explained").iterdir())) == 2
    assert re.search(r"all units\s+30\s+0\.\d+\s+0\.\d+\s+0\.\d+\s+–\s+–", answer.out)


def test_a_method_of_a_plugin_is_asked_for_by_its_file(merbench: Cli, tmp_path: Path) -> None:
    known = methods.snapshot()
    settings = [word for name in ("subjects=3", "clips=5") for word in ("--set", f"dataset.{name}")]
    file = plugin(tmp_path, "Blind")
    assert merbench("run", "-m", "looks", *settings, "--plugin", file, "--out", tmp_path / "run").code == 0
    methods.restore(known)
    answer = merbench("explain", tmp_path / "run", "--worst", 1)
    assert answer.code == 2
    assert f"Unknown method 'looks'. The run used {file.name}; name the file with --plugin. Available: " in answer.err
    assert "Did you mean" not in answer.err


def test_a_method_without_the_interface_gets_a_sentence(merbench: Cli, tmp_path: Path) -> None:
    words = ["--plugin", plugin(tmp_path, "Blind")]  # its submodule `attention` does not count
    settings = [word for name in ("subjects=3", "clips=10") for word in ("--set", f"dataset.{name}")]
    assert merbench("run", "-m", "looks", *settings, *words, "--out", tmp_path / "run").code == 0
    answer = merbench("explain", tmp_path / "run", "--worst", 1, *words)
    assert answer.code == 2
    assert "looks cannot be explained: its network has no method `attention(*views)`" in answer.err
    assert "trained again" not in answer.err


def test_a_run_that_is_no_network_gets_a_sentence(merbench: Cli, tmp_path: Path) -> None:
    library.run("majority", settings={"dataset.subjects": 3, "dataset.clips": 10}, out=tmp_path / "run")
    answer = merbench("explain", tmp_path / "run", "--worst", 1)
    assert answer.code == 2
    assert "majority has no weights: it is no network" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Nothing to explain"),
        (["--clip", "synthetic/01/5"], "the run tested no such clip; did you mean synthetic/0"),
        (["--clip", "?"], "it tested synthetic/01/01/"),
        (["--worst", "1", "--flow", "raft"], "'raft' is not one of 'farneback', 'tvl1', 'dis'"),
        (["--all", "--device", "cuda:99"], "device=cuda:99"),
    ],
)
def test_mistakes_get_a_sentence(merbench: Cli, kept: Run, words: list[str], said: str) -> None:
    answer = merbench("explain", folder(kept), *words)
    assert answer.code == 2, answer.out
    assert said in answer.err
