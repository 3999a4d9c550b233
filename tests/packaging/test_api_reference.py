"""The API reference is built in one command, and has every public name."""

import subprocess
import sys
from pathlib import Path

import pytest

import merbench


@pytest.mark.slow
def test_the_reference_has_every_public_name(root: Path, tmp_path: Path) -> None:
    script = [str(root / "docs" / "api.py"), "--out", str(tmp_path / "api")]
    command = [sys.executable, "-W", "error::UserWarning", *script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "api" / "merbench.html").read_text("utf-8")
    for name in merbench.__all__:
        assert f'id="{name}"' in page
    assert "MethodChecks" in (tmp_path / "api" / "merbench" / "testing.html").read_text("utf-8")
    assert not (tmp_path / "api" / "merbench" / "setup.html").exists()
