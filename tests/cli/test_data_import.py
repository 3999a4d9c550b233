"""`merbench data import`, and that what it proposes works."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Cli = Callable[..., Any]


def test_an_import_is_checked_by_the_command_that_it_proposes(merbench: Cli, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for emotion in ("happiness", "disgust"):
        for subject in ("01", "02"):
            folder = tmp_path / "my data" / emotion / f"{subject}_{emotion}"
            folder.mkdir(parents=True)
            for number in (1, 2, 3):
                pixels = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"img{number}.png")
    out = tmp_path / "my clips.csv"
    answer = merbench("data", "import", tmp_path / "my data", "--out", out)
    assert answer.code == 0, answer.err
    assert f"{out}: 4 clips, 2 subjects" in answer.out
    [proposed] = [line.removeprefix("next: ") for line in answer.out.splitlines() if line.startswith("next: ")]
    words = shlex.split(proposed)
    assert words[0] == "merbench"
    checked = merbench(*words[1:], "--frames")
    assert checked.code == 0, checked.out + checked.err
    assert merbench("data", "import", tmp_path / "my data", "--out", out).code == 2  # it is there already


def test_what_cannot_be_is_refused_before_anything_is_written(merbench: Cli, tmp_path: Path) -> None:
    for words, said in (
        (("--out", tmp_path / "a.xlsx"), "the ending .csv"),
        (("--out", tmp_path / "a.csv", "--dataset", "a/b"), "no slashes"),
        (("--out", tmp_path / "a.csv"), "has neither folders of pictures"),
    ):
        answer = merbench("data", "import", tmp_path, *words)
        assert answer.code == 2
        assert said in answer.err
    assert not list(tmp_path.iterdir())
