"""Weights are found in whatever checkpoint wraps them, and no code of a file is run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from merbench.errors import UsageError
from merbench.training.weights_file import read_state_dict, without_prefix

ARRAYS = {"fc.weight": torch.ones(2, 3), "fc.bias": torch.arange(2.0)}


def read(tmp_path: Path, content: object) -> dict[str, torch.Tensor]:
    torch.save(content, tmp_path / "file.pth")
    return dict(read_state_dict(tmp_path / "file.pth", "weights=file.pth").tensors)


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "model", "net", "ema"])
def test_the_usual_keys_are_unwrapped(tmp_path: Path, key: str) -> None:
    got = read(tmp_path, {"epoch": 3, key: ARRAYS, "optimizer": {"state": {}}})
    assert got.keys() == ARRAYS.keys()
    assert torch.equal(got["fc.bias"], ARRAYS["fc.bias"])


def test_of_several_the_first_is_taken_and_the_others_told(tmp_path: Path) -> None:
    torch.save({"ema": {"module": {"a": torch.zeros(1)}}, "model": {"state_dict": ARRAYS}}, tmp_path / "two.pth")
    got = read_state_dict(tmp_path / "two.pth", "weights=two.pth")
    assert got.tensors.keys() == ARRAYS.keys()
    assert got.note == "its model.state_dict, not ema.module"


def test_safetensors_are_read_and_plain_state_dicts_have_no_note(tmp_path: Path) -> None:
    save_file(ARRAYS, tmp_path / "a.safetensors")
    got = read_state_dict(tmp_path / "a.safetensors", "weights=a.safetensors")
    assert torch.equal(got.tensors["fc.weight"], ARRAYS["fc.weight"])
    assert got.note == ""


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run",)


def test_what_has_no_arrays_or_would_run_code_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match=r"weights=file\.pth has no weights: neither the file itself nor state_dict"):
        read(tmp_path, {"epoch": 3, "model": {"name": "resnet"}})
    with pytest.raises(UsageError, match=r"weights=file\.pth cannot be read: it holds more than arrays"):
        read(tmp_path, {"model": Evil()})
    (tmp_path / "file.safetensors").write_bytes(b"no")
    with pytest.raises(UsageError, match=r"cannot be read: SafetensorError: \w.*\. Give a \.safetensors file"):
        read_state_dict(tmp_path / "file.safetensors", "weights=file.safetensors")
    (tmp_path / "text.pth").write_text("hello\n")
    with pytest.raises(UsageError, match=r"text\.pth cannot be read: \w+Error: \w+\. Give"):
        read_state_dict(tmp_path / "text.pth", "weights=text.pth")
    assert capsys.readouterr().out == ""


def test_the_prefix_that_hides_most_names_is_dropped() -> None:
    wrapped = {f"module.encoder.{name}": value for name, value in ARRAYS.items()} | {"projector": torch.zeros(1)}
    arrays, prefix = without_prefix(ARRAYS, wrapped)
    assert prefix == "module.encoder."
    assert arrays.keys() == {*ARRAYS, "projector"}
    assert without_prefix(wrapped, wrapped)[1] == ""
