"""The site: built with warnings as errors, with every public name, and searched without a network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import merbench

ROOT = Path(__file__).parents[2]
pytest.importorskip("mkdocs", reason="pip install merbench[docs]")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "site.py"), "--out", str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs Chromium: install the system's package chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(offline=True)
        yield context.new_page()
        browser.close()


def test_every_public_name_command_and_card_has_its_place(site: Path) -> None:
    text = (site / "reference" / "python.html").read_text("utf-8")
    assert [name for name in merbench.__all__ if f'id="merbench.{name}"' not in text] == []
    commands = (site / "reference" / "command_line.html").read_text("utf-8")
    assert all(f'id="merbench-{name}"' in commands for name in ("run", "export", "leaderboard-add"))
    assert "MethodChecks" in (site / "reference" / "modules.html").read_text("utf-8")
    assert (site / "methods" / "mmnet" / "index.html").is_file()
    assert 'id="casme2"' in (site / "reference" / "datasets.html").read_text("utf-8")
    assert "parallel_folds" in (site / "reference" / "experiment_file.html").read_text("utf-8")


def test_no_place_of_the_machine_is_shown(site: Path) -> None:
    assert [page for page in site.rglob("*.html") if str(ROOT) in page.read_text("utf-8")] == []


def test_a_file_is_searched_without_a_network(site: Path, page: Any) -> None:
    page.goto(f"file://{site}/docs/statistics.html")
    page.locator("input.md-search__input").click()
    page.keyboard.type("optimism", delay=50)
    results = page.locator(".md-search-result__item")
    results.first.wait_for(timeout=60_000)
    assert results.count() > 1


def test_the_first_notebook_runs(tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    pytest.importorskip("matplotlib")
    program = (
        "import nbformat, sys; from nbclient import NotebookClient; "
        "book = nbformat.read(sys.argv[1], 4); "
        "NotebookClient(book, timeout=280, kernel_name='python3').execute(); "
        "print(nbformat.writes(book))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT / "docs" / "first_run.ipynb")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outputs = json.dumps([cell.get("outputs") for cell in json.loads(done.stdout)["cells"]])
    assert "optimism" in outputs
    assert "image/png" in outputs
