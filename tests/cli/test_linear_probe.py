"""Weights and names of linear probes must agree, and where weights come from is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import timm
import torch

from merbench.errors import UsageError
from merbench.registry import methods


def test_weights_and_names_must_agree(tmp_path: Path, merbench: Any) -> None:
    torch.save(timm.create_model("test_resnet").state_dict(), tmp_path / "w.pth")
    entry = methods.get("linear-probe:random-test_resnet")
    with pytest.raises(UsageError, match="whose values are random; give --method linear-probe:test_resnet"):
        entry.Parameters().changed({"weights": str(tmp_path / "w.pth")})
    words = ("-d", "synthetic-a", "--set", "dataset.subjects=3", "--set", "dataset.clips=3", "--set", "size=32")
    answer = merbench("run", "-m", "linear-probe:test_resnet", *words, "--out", tmp_path / "none")
    assert answer.code == 2
    assert "linear-probe:test_resnet needs weights: add --set weights=FILE" in answer.err
    answer = merbench(
        "run",
        "-m",
        "linear-probe:test_resnet",
        *words,
        "--set",
        f"weights={tmp_path / 'w.pth'}",
        "--out",
        tmp_path / "r",
    )
    assert answer.code == 0, answer.err
    assert "overlap=unknown" in answer.out
    answer = merbench("run", "-m", "linear-probe", *words, "--weights", tmp_path / "w.pth", "--out", tmp_path / "no")
    assert answer.code == 2
    file = tmp_path / "w.pth"
    assert (
        f"linear-probe:random-resnet18 is fitted: weights={file} is not possible with model=random-resnet18"
        in answer.err
    )
    assert f"give --method linear-probe:resnet18 --set weights={file}." in answer.err


def test_info_says_what_a_network_without_weights_lacks(merbench: Any) -> None:
    answer = merbench("info", "linear-probe:test_resnet")
    assert answer.code == 0, answer.err
    assert "inputs: not known yet; linear-probe:test_resnet needs weights" in " ".join(answer.out.split())
