"""The commands of guides run one after the other as they are printed, but on few clips and for one epoch."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from merbench.data.export import export
from merbench.data.source import Source
from merbench.registry import datasets
from merbench.synthetic.mock_tree import write_mock

GUIDES = Path(__file__).parents[2] / "docs" / "guide"
Cli = Callable[..., Any]
#: What makes a training small; settings of the synthetic faces where no data is named.
SMALL = {"mmnet": ("--set", "epochs=1", "--set", "size=32"), "ststnet": ("--set", "epochs=1")}
FEW = ("--set", "dataset.subjects=3", "--set", "dataset.clips=5")


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CASME II tree, its table, and two pictures under the names that guides use."""
    home = tmp_path_factory.mktemp("things")
    write_mock(datasets.get("casme2")(), home / "CASME2", subjects=3, clips=5, frames="key")
    export(Source(dataset=datasets.get("casme2")(), root=home / "CASME2"), home / "clips.csv")
    for name in ("012.png", "020.png"):
        picture = np.random.default_rng(int(name[:3])).integers(0, 255, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(picture).save(home / name)
    return home


@pytest.fixture
def follow(things: Path, merbench: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """A function that follows a guide, less commands that have a word of `leave`, and gives what they print."""
    monkeypatch.chdir(tmp_path)
    for thing in things.iterdir():
        (tmp_path / thing.name).symlink_to(thing)

    def run(page: str, leave: tuple[str, ...] = ()) -> list[str]:
        printed = []
        for line in commands(GUIDES / page):
            if any(word in line for word in leave):
                continue
            here = re.sub(r"/(data/CASME2|tmp/casme2)", "CASME2", line)
            answer = merbench(*smaller(expanded(shlex.split(here)[1:])))
            assert answer.code == 0, (here, answer.err)
            printed.append(answer.out)
        return printed

    return run


def commands(page: Path) -> Iterator[str]:
    for block in re.findall(r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        yield from (line.partition(" > ")[0] for line in block.splitlines() if line.startswith("merbench "))


def expanded(words: list[str]) -> list[str]:
    return [each for word in words for each in (sorted(map(str, Path().glob(word))) if "*" in word else [word])]


def smaller(words: list[str]) -> list[str]:
    if words[0] != "run":
        return words
    method = next((value for option, value in pairwise(words) if option in ("-m", "--method")), "")
    synthetic = not {"-d", "--data", "--dataset"} & set(words)
    recipe = ("--recipe", "quick") if method in SMALL and "--recipe" not in words else ()
    return [*words, *SMALL.get(method, ()), *recipe, *(FEW if synthetic else ()), "--device", "cpu"]


@pytest.mark.slow
def test_weights_are_shared_and_started_from(follow: Callable[..., list[str]]) -> None:
    *_, predicted, started = follow("share.md")
    assert "Probabilities of 1 clip" in predicted
    assert "weights=run" in started


@pytest.mark.slow
def test_networks_are_explained_and_predict(follow: Callable[..., list[str]]) -> None:
    *_, log = follow("explain_predict.md")
    assert log.startswith("database subject\n") or log


@pytest.mark.slow
def test_own_data_is_checked_exported_and_run(follow: Callable[..., list[str]]) -> None:
    Path("clips.csv").unlink()
    assert len(follow("your_data.md", leave=("data mock", "data import", "3-class", "--recipe"))) == 5


@pytest.mark.slow
def test_a_leaderboard_is_made(follow: Callable[..., list[str]], merbench: Cli) -> None:
    assert merbench("run", "-m", "majority", *FEW, "--out", "runs/NAME").code == 0
    follow("compare.md", leave=("ablate", "plan", "compare", "--external"))
    assert (Path("mine") / "README.md").is_file()
    [listed] = follow("external.md", leave=("--external", "board --dir mine"))[:1]
    assert "majority" in listed


@pytest.mark.slow
def test_class_sets_are_shown(follow: Callable[..., list[str]]) -> None:
    assert "5-class" in follow("class_sets.md", leave=("composite",))[0]
