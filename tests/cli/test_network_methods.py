"""Image, sequence and graph networks from the command line, and the names of timm."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = ("--set", "dataset.subjects=2", "--set", "dataset.clips=5", "--set", "epochs=1", "--select-epoch", "last")
SETTINGS = {
    "timm:test_efficientnet": ("size=32", "flow=dis"),
    "r2plus1d": ("size=16", "width=4", "frames=2"),
    "slstt": ("size=16", "patch=8", "width=8", "heads=2", "depth=1", "frames=2", "hidden=8"),
    "au-gcn": ("size=32", "layers=1", "head_width=4"),
    "capsulenet": ("size=20", "stages=1", "kernel=3", "width=16"),
    "htnet": ("width=12", "depth=1", "flow=dis", "computed=28"),
}


def words(name: str) -> list[str]:
    return [word for setting in SETTINGS[name] for word in ("--set", setting)]


@pytest.mark.parametrize("name", SETTINGS)
def test_each_is_trained_and_recorded_under_its_name(merbench: Callable[..., Any], tmp_path: Path, name: str) -> None:
    answer = merbench("run", "-m", name, *DATA, *words(name), "--runs-dir", tmp_path)
    assert answer.code == 0, answer.err
    [path] = tmp_path.glob("*/run.json")
    assert json.loads(path.read_text())["description"]["method"] == name
    assert ":" not in path.parent.name


def test_a_model_by_setting_is_the_model_by_name(merbench: Callable[..., Any], tmp_path: Path) -> None:
    name = "timm:test_efficientnet"
    rest = (*DATA, *words(name), "--runs-dir", tmp_path)
    assert merbench("run", "-m", "timm", "--set", "model=test_efficientnet", *rest).code == 0
    again = merbench("run", "-m", name, *rest)
    assert again.code == 0
    assert "2 trainings kept from an earlier start" in again.err
    [manifest] = tmp_path.glob("*/run.json")
    assert json.loads(manifest.read_text())["description"]["method"] == name
    board = tmp_path / "board"
    assert merbench("leaderboard", "add", manifest.parent, "--dir", board).code == 0
    assert merbench("leaderboard", "--dir", board).code == 0
    assert name in (board / "README.md").read_text("utf-8")


def test_info_knows_a_name_of_timm(merbench: Callable[..., Any]) -> None:
    answer = merbench("info", "timm:test_resnet")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("method timm:test_resnet: timm network test_resnet\n")
    assert "model = test_resnet: one of test_resnet; the name timm:test_resnet says so" in answer.out


@pytest.mark.parametrize("command", [("info", "timm:resnte34"), ("run", "-m", "timm:resnte34")])
def test_a_name_that_timm_has_not_gets_near_ones(merbench: Callable[..., Any], command: tuple[str, ...]) -> None:
    answer = merbench(*command)
    assert answer.code == 2
    last = answer.err.splitlines()[-1]
    assert last.startswith("merbench: Unknown network of timm 'resnte34'. Did you mean 'resnet34' or ")


def test_another_model_under_a_name_is_refused(merbench: Callable[..., Any]) -> None:
    answer = merbench("run", "-m", "timm:test_resnet", "--set", "model=test_vit")
    assert answer.code == 2
    assert "model=test_vit is not possible: model must be one of test_resnet." in answer.err
