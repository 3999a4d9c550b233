"""The guides of methods, datasets and protocols: their examples run and pass the checks; the example script runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench.cli.renamed import RENAMED
from merbench.data.export import export
from merbench.data.source import Source
from merbench.registry import EVERY, datasets
from merbench.synthetic.mock_tree import write_mock

ROOT = Path(__file__).parents[2]
NAMES = {"methods": "nearest-mean", "datasets": "lab", "protocols": "leave-some-out"}
#: These start other processes, which takes seconds.
ELSEWHERE = {"process", "frames"}


def example(home: str) -> str:
    [found] = re.findall(r"```python\n(.*?)```", (ROOT / home / "README.md").read_text("utf-8"), flags=re.DOTALL)
    return found


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[[str], Path]:
    """A function that writes a guide's example to a file."""

    def write(home: str) -> Path:
        path = tmp_path / "example.py"
        path.write_text(example(home), encoding="utf-8")
        return path

    return write


def test_the_example_of_a_method_passes_its_checks(plugin: Callable[[str], Path], merbench: Callable[..., Any]) -> None:
    from merbench.plugins import load_plugin
    from merbench.registry import methods
    from merbench.testing import METHOD_CHECKS
    from merbench.testing.conformance import verdict_of

    load_plugin(plugin("methods"))
    kind = methods.get("nearest-mean")
    for check in METHOD_CHECKS:
        if check.name not in ELSEWHERE:
            assert verdict_of(check, lambda: kind, kind.check_exempt)[0] != "failed", check.name
    words = ("run", "-m", "nearest-mean", "--plugin", plugin("methods"))
    answer = merbench(
        *words, "--set", "dataset.clips=5", "--set", "dataset.subjects=3", "--runs-dir", plugin("methods").parent
    )
    assert answer.code == 0, answer.err


def test_the_example_of_a_protocol_passes_its_checks(
    plugin: Callable[[str], Path], merbench: Callable[..., Any]
) -> None:
    answer = merbench("check", "leave-some-out", "--plugin", plugin("protocols"))
    assert answer.code == 0, answer.out


def test_the_example_of_a_dataset_reads_a_folder(
    plugin: Callable[[str], Path], merbench: Callable[..., Any], tmp_path: Path
) -> None:
    root = tmp_path / "lab"
    rows = ["subject,clip,onset,apex,offset,emotion,action_units,fps"]
    rows += [f"s{s},c{c},1,,9,{('disgust', 'happiness', 'fear')[c]},,200" for s in (1, 2) for c in (0, 1, 2)]
    root.mkdir()
    (root / "clips.csv").write_text("\n".join(rows) + "\n", "utf-8")
    answer = merbench(
        "run",
        "-m",
        "majority",
        "-d",
        "lab",
        "--data",
        root,
        "--plugin",
        plugin("datasets"),
        "--runs-dir",
        tmp_path / "runs",
    )
    assert answer.code == 0, answer.err
    (root / "clips.csv").unlink()
    answer = merbench("run", "-m", "majority", "-d", "lab", "--data", root, "--plugin", plugin("datasets"))
    assert (answer.code, "there is no" in answer.err) == (2, True)


def test_the_guides_name_every_registry() -> None:
    assert [registry.kind for registry in EVERY] == list(NAMES)
    for home in NAMES:
        assert f"merbench new {home.removesuffix('s')} " in (ROOT / home / "README.md").read_text("utf-8")


def test_the_table_of_methods_has_its_place() -> None:
    lines = (ROOT / "methods" / "README.md").read_text("utf-8").splitlines()
    assert lines.index("<!-- methods:begin -->") < lines.index("<!-- methods:end -->")


def test_no_page_has_an_option_by_its_earlier_name() -> None:
    earlier = "|".join(sorted(set(RENAMED) - {"--all"}))  # which is an option of other commands
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "guide").glob("*.md")]
    pages += [
        *(ROOT / "docs" / "examples").glob("*.sh"),
        *(ROOT / "methods").rglob("*.md"),
        ROOT / "leaderboard" / "make.sh",
    ]
    named = {page.name: re.findall(rf"(?:{earlier})(?![\w-])", page.read_text("utf-8")) for page in pages}
    assert {page: options for page, options in named.items() if options} == {}


@pytest.mark.slow
def test_the_script_on_own_data_runs(tmp_path: Path, merbench: Callable[..., Any]) -> None:
    """In processes of its own, as a shell has it; without `git`, since a leaderboard takes committed code alone."""
    tree, tools = tmp_path / "tree", tmp_path / "tools"
    write_mock(datasets.get("casme2")(), tree, subjects=3, clips=5)
    export(Source(dataset=datasets.get("casme2")(), root=tree), tmp_path / "clips.csv")
    assert merbench("new", "method", "mynet", "--file", "--dir", tmp_path).code == 0
    tools.mkdir()
    for name, line in {"merbench": f'exec "{sys.executable}" -P -m merbench "$@"', "git": "exit 1"}.items():
        (tools / name).write_text(f"#!/bin/sh\n{line}\n", "utf-8")
        (tools / name).chmod(0o755)
    script = ["bash", str(ROOT / "docs" / "examples" / "own_data.sh"), "clips.csv", "mynet", "--plugin", "mynet.py"]
    small = ["--recipe", "quick", "--set", "size=32", "--set", "epochs=1", "--device", "cpu"]
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run([*script, *small], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "own-leaderboard" / "README.md").read_text("utf-8")
    assert "mynet" in page
    assert "mmnet" in page
