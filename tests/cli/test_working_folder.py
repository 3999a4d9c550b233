"""A plugin that changes the working folder harms nothing: files stay where the command was given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench.registry import datasets
from merbench.synthetic.mock_tree import write_mock

WANDERING = """
import os
import tempfile

from merbench.methods.ststnet import STSTNet

FAR = tempfile.gettempdir()
os.chdir(FAR)


class Wandering(STSTNet):
    name = "wandering"
    title = "Changes the folder"

    def inputs(self):
        os.chdir(FAR)
        return super().inputs()

    def network(self, train):
        os.chdir(FAR)
        return super().network(train)
"""


def test_a_plugin_changes_the_folder(
    merbench: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_mock(datasets.get("casme2")(), Path("CASME2"), subjects=3, clips=5, frames="key")
    Path("wandering.py").write_text(WANDERING)
    options = ("--data", "casme2=CASME2", "--set", "epochs=1", "--select-epoch", "last", "--device", "cpu")
    ran = merbench("run", "-m", "wandering", "--plugin", "wandering.py", *options, "--out", "there/run")
    assert (ran.code, Path.cwd()) == (0, tmp_path), ran.err
    assert "record: there/run\n" in ran.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CASME2", "there", "wandering.py"]
    assert Path("there/run/record.json").is_file()
    audited = merbench("audit", "there/run", "--plugin", "wandering.py", "--data", "casme2=CASME2")
    assert audited.code == 0, audited.out + audited.err
