"""Every block of code in a page is run by a test, or says above itself why it is not."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest

import merbench
from merbench.experiments.suite import read_suite
from merbench.plugins import load_plugin

ROOT = Path(__file__).parents[2]
PATTERNS = ("*.md", "docs/*.md", "docs/*/*.md", "methods/*.md", "methods/*/*.md", "datasets/*.md", "datasets/*/*.md",
            "protocols/*.md")  # fmt: skip
#: Pages whose Python is run by tests/cli/test_readme_examples.py and tests/cli/test_guides.py.
RUN = ("README.md", "docs/guide", "methods/README.md", "datasets/README.md", "protocols/README.md")
#: Pages whose shell is run by CI, by tests/cli/test_guide_commands.py, or below.
FOLLOWED = ("README.md", *(f"docs/guide/{name}.md" for name in (
    "share", "explain_predict", "your_data", "compare", "external", "class_sets", "selection")))  # fmt: skip
#: Shell is read by tests/packaging/test_readme.py, whose commands must be understood.
LANGUAGES = {"sh", "python", "toml", "text"}


def blocks(language: str = r"\w*") -> list[tuple[str, str, str]]:
    """Page, the line above the block, and its first line with its code."""
    pages = sorted({page for pattern in PATTERNS for page in ROOT.glob(pattern)})
    return [
        (page.relative_to(ROOT).as_posix(), above, f"{kind}\n{code}")
        for page in pages
        for above, kind, code in re.findall(
            rf"(?m)^(.*)\n```({language})\n((?:.*\n)*?)```$", page.read_text("utf-8").replace("\r", "")
        )
    ]


def test_blocks_name_their_language() -> None:
    assert len(blocks()) > 40
    unnamed = [(page, code) for page, _, code in blocks() if code.split("\n")[0] not in {*LANGUAGES, ""}]
    assert unnamed == []


def test_python_is_run_or_says_why_not() -> None:
    left = [
        (page, code) for page, above, code in blocks("python") if not page.startswith(RUN) and "not run:" not in above
    ]
    assert [page for page, _ in left] == ["docs/statistics.md", "methods/mmnet/README.md"]  # both below


def test_shell_is_run_or_says_why_not() -> None:
    left = [(page, code) for page, above, code in blocks("sh") if page not in FOLLOWED and "not run:" not in above]
    assert left == []


def test_what_is_not_run_says_why_in_words() -> None:
    reasons = {above for _, above, _ in blocks() if "not run" in above}
    assert all(re.fullmatch(r"<!-- not run: [a-z][^<>]{8,70} -->", reason) for reason in reasons), reasons


def test_the_worked_example_gives_the_numbers_of_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    [code] = [code for page, _, code in blocks("python") if page == "docs/statistics.md"]
    names: dict[str, Any] = {"print": lambda *values: None}
    exec(code.removeprefix("python\n"), names)
    table, mmnet = names["table"], names["mmnet"]
    seeds = [record.scores["last"].uf1 for record in mmnet.group.records]
    given = names["interval"](mmnet.group.records)
    places = {row.group.name: row for row in table.rows}
    flow, letters = places["flow-svm (quick)"], [(row.letters, row.score.value) for row in table.rows if row.letters]

    def apart(row: Any) -> int:
        return sum(value > row.score.value and not set(row.letters) & set(own) for own, value in letters)

    assert (apart(places["lbp-top"]), apart(mmnet), len(letters)) == (9, 3, 16)
    assert set(flow.letters) & set(places["off-apexnet (quick)"].letters) == {"a", "b"}
    sentences = [
        f"three seeds score {seeds[0]:.3f}, {seeds[1]:.3f} and {seeds[2]:.3f}: mean {mean(seeds):.3f},",
        f"standard deviation {stdev(seeds):.3f}.",
        f"as given says {given.low:.3f} to {given.high:.3f},",
        f"subjects and seeds is {mmnet.score.low:.2f} to {mmnet.score.high:.2f},",
        f"scores {flow.score.value:.3f} ({flow.score.low:.3f} to {flow.score.high:.3f}),",
        f"is {table.gap:.2f} in a single comparison and {table.gap_corrected:.2f} after the correction",
    ]
    page = " ".join((ROOT / "docs" / "statistics.md").read_text("utf-8").split())
    assert [sentence for sentence in sentences if sentence not in page] == []


@pytest.mark.parametrize("epochs", [1, 10, 100, 1000])
def test_random_predictions_gain_what_their_page_says(epochs: int, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "guide" / "selection.md").read_text("utf-8")
    assert f"merbench run -m random --set dataset.subjects=26 --set dataset.clips=9 --set epochs={epochs}\n" in page
    settings = {"dataset.subjects": 26, "dataset.clips": 9, "epochs": epochs}
    run = merbench.run("random", settings=settings, rules=("last", "oracle"), out=tmp_path / "run")
    last, oracle = run.scores("last"), run.scores("oracle")
    cells = [last.uf1, oracle.uf1, oracle.uf1 - last.uf1, last.accuracy, oracle.accuracy]
    assert f"| {epochs} | {' | '.join(f'{cell:.3f}' for cell in cells)} |\n" in page


def test_the_part_of_ones_own_is_a_plugin(tmp_path: Path) -> None:
    [code] = [code for _, _, code in blocks("python") if "attention.register" in code]
    path = tmp_path / "mine.py"
    path.write_text(code.removeprefix("python\n"), "utf-8")
    assert load_plugin(path) == ("attention mine of mmnet",)


@pytest.mark.parametrize("code", [code for _, _, code in blocks("toml")])
def test_a_file_of_runs_is_read(code: str, tmp_path: Path) -> None:
    path = tmp_path / "experiment.toml"
    path.write_text(code.removeprefix("toml\n"), "utf-8")
    assert len(read_suite(path, {}, methods=(), seeds=None)) == 8
