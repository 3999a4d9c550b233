"""One person in two datasets of one database is one person: in a run, in a check, and for weights that saw them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def cameras(merbench: Cli, tmp_path: Path) -> list[str]:
    """Options that name trees of two cameras of SMIC, which have subject 11 in common."""
    options: list[str] = []
    for camera, subjects in (("smic-hs", 9), ("smic-vis", 3)):
        folder = tmp_path / camera
        assert merbench("data", "mock", camera, "--subjects", subjects, "--clips", 2, "--out", folder).code == 0
        options += ["--data", f"{camera}={folder}"]
    return options


def test_two_cameras_in_one_run_are_refused_unless_the_user_says_so(
    merbench: Cli, cameras: list[str], tmp_path: Path
) -> None:
    words = ("run", "-m", "majority", "-p", "composite", *cameras, "--scheme", "3-class", "--out", tmp_path / "run")
    answer = merbench(*words)
    assert answer.code == 2
    assert "smic-hs/s11 and smic-vis/s11" in answer.err
    assert "leave out a dataset that shows the same people" in answer.err
    assert not (tmp_path / "run").exists()
    assert merbench(*words, "--distinct-subjects").code == 0


def test_a_network_that_saw_a_person_by_one_camera_is_not_tested_on_them_by_another(
    merbench: Cli, cameras: list[str], tmp_path: Path
) -> None:
    hs, vis = cameras[:2], cameras[2:]
    quick = ("--recipe", "quick", "--set", "epochs=1", "--scheme", "3-class")
    weights = tmp_path / "seen.safetensors"
    made = merbench("pretrain", "-m", "ststnet", "-d", "smic-hs", *hs, *quick, "--out", weights)
    assert made.code == 0, made.err
    words = ("run", "-m", "ststnet", "-d", "smic-vis", *vis, *quick, "--weights", weights, "--out", tmp_path / "r")
    refused = merbench(*words)
    assert refused.code == 2
    assert "--allow-overlap" in refused.err
    assert merbench(*words, "--allow-overlap").code == 0
