"""The pages in a real browser: Chromium, headless, driven by Playwright; skipped where there is none."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import merbench
from merbench.leaderboard.html import html
from merbench.leaderboard.published import Published
from merbench.leaderboard.run_page import run_page
from merbench.results.loading import record_of
from merbench.results.record import RunRecord
from merbench.tuning.report import REPORT_STYLE, report_table

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
Give = Callable[[str], dict[str, Any]]
HOSTILE = "</script><img src=x onerror=alert(1)>=HYPERLINK(1)\u202e"
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs Chromium: install the system's package chromium")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A function that opens a page from disk; nothing may be asked for, said on the console, or asked of the user."""
    faults: list[str] = []
    contexts = []

    def opened(text: str, **how: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(offline=True, **how)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: faults.extend([] if _own(request.url, path) else [f"asks {request.url}"]))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def expect_count(locator: Any, number: int) -> None:
    """Nothing, once `locator` finds so many elements; what a click opens is rendered a moment after it."""
    sync_api.expect(locator).to_have_count(number)


def _own(url: str, path: Path) -> bool:
    return url in (path.as_uri(), "data:,")


def several(content: Give) -> list[RunRecord]:
    """Three methods: majority, random, and one of a name that wants to be HTML and a formula."""
    hostile = copy.deepcopy(content("random-0"))
    hostile["identity"], hostile["group"] = "f" * 16, "e" * 16
    hostile["description"]["method"] = HOSTILE
    return [record_of("m", content("majority")), record_of("r", content("random-1")), record_of("h", hostile)]


def column(page: Any, title: str) -> list[str]:
    """The cells of the first table below the header whose text begins with `title`."""
    table = page.locator("section").first.locator("table").first
    titles = [text.split("\n")[0].strip() for text in table.locator("thead th").all_inner_texts()]
    (number,) = [index for index, text in enumerate(titles, 1) if text.split(" ")[0] == title]
    return list(table.locator(f"tbody tr td:nth-child({number})").all_inner_texts())


def test_a_column_sorts_both_ways_by_mouse_and_keyboard(show: Callable[..., Any], content: Give) -> None:
    page = show(html(several(content)))
    head = page.get_by_role("button", name="UF1", exact=True).first
    head.click()
    falling = [float(text) for text in column(page, "UF1")]
    assert len(falling) == 4
    assert falling == sorted(falling, reverse=True)
    expect_count(page.locator("th[aria-sort=descending]"), 1)
    head.focus()
    page.keyboard.press("Enter")
    assert [float(text) for text in column(page, "UF1")] == falling[::-1]
    assert page.locator("th[aria-sort=ascending]").first.inner_text().startswith("UF1")


def test_rows_are_filtered_by_words_and_counted(show: Callable[..., Any], content: Give) -> None:
    page = show(html(several(content)))
    field = page.get_by_label("Filter rows").first
    field.fill("MAJOR")
    assert column(page, "method") == ["majority(control)"]
    assert page.get_by_role("status").first.inner_text() == "1 of 4 rows"
    field.fill("no such method")
    assert column(page, "method") == []
    field.fill("")
    assert len(column(page, "method")) == 4


def test_every_view_opens_and_shows_numbers(show: Callable[..., Any], content: Give) -> None:
    page = show(html(several(content)))
    for title in ("By class", "By subject", "Confusion matrices", "Learning curves"):
        page.get_by_text(title, exact=True).first.click()
    expect_count(page.locator("details[open]"), 6)
    page.locator("svg").nth(2).wait_for(state="attached")
    choice = page.get_by_label("Show")
    choice.select_option("rates")
    rates = page.locator("figure.upright").first.locator("tbody tr").first.locator("td").all_inner_texts()
    assert sum(map(float, rates)) == pytest.approx(1, abs=0.03)


def test_hostile_names_are_shown_as_they_are_and_saved_inert(
    show: Callable[..., Any], content: Give, tmp_path: Path
) -> None:
    printed = Published(**dict.fromkeys(Published.__dataclass_fields__, HOSTILE))
    page = show(html(several(content), [printed]), accept_downloads=True)
    assert page.locator("img").count() == 0
    assert any("<img src=x onerror=alert(1)>" in name for name in column(page, "method"))
    page.get_by_label("Filter rows").first.fill("HYPERLINK")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save as CSV").first.click()
    waiting.value.save_as(tmp_path / "rows.csv")
    lines = (tmp_path / "rows.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith('"rank","letters","method","UF1"')
    assert not any(cell.startswith(("=", "+", "-", "@")) and not cell[1:2].isdigit() for cell in lines[1].split('","'))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_the_page_without_scrolling_it_sideways(
    show: Callable[..., Any], content: Give, scheme: str
) -> None:
    page = show(html(several(content)), viewport={"width": 390, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ground, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert (ground, ink) == {
        "light": ("rgb(255, 255, 255)", "rgb(28, 33, 38)"),
        "dark": ("rgb(20, 24, 28)", "rgb(230, 233, 236)"),
    }[scheme]


#: What is wider than its place, or ends outside the window: tables, and what may scroll sideways.
_TOO_WIDE = """() => [...document.querySelectorAll(".scroll, figure, table, svg")]
    .filter((each) => each.offsetParent !== null || each instanceof SVGElement)
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === "auto"
        || each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => `${each.tagName} ${each.getAttribute("aria-label")} ${each.closest("details")?.textContent}`)"""


@pytest.mark.parametrize("width", [390, 1024, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_column_and_no_plot_is_cut_off(show: Callable[..., Any], content: Give, width: int, scheme: str) -> None:
    several_records = several(content)[:2]  # a name of markup is no name that a column has to fit
    page = show(html(several_records), viewport={"width": width, "height": 900}, color_scheme=scheme)
    for title in ("By class", "By subject", "Confusion matrices", "Learning curves", "Calibration"):
        page.get_by_text(title, exact=True).first.click()
    expect_count(page.locator("details[open]"), 7)
    page.locator("figure svg").first.wait_for()
    page.get_by_role("button", name="Details").first.click()
    expect_count(page.locator("tr.details"), 1)
    assert page.evaluate(_TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_no_column_of_the_kept_leaderboard_is_cut_off(
    show: Callable[..., Any], committed_records: list[RunRecord], width: int
) -> None:
    page = show(html(committed_records), viewport={"width": width, "height": 900})
    assert page.evaluate(_TOO_WIDE) == []


def test_what_has_no_place_in_a_row_is_in_its_details(show: Callable[..., Any], content: Give) -> None:
    page = show(html(several(content)), viewport={"width": 390, "height": 900})
    button = page.get_by_role("button", name="Details").first
    button.click()
    details = page.locator("tr.details")
    expect_count(details, 1)
    assert button.get_attribute("aria-expanded") == "true"
    shown = [text for text in details.locator("dt").all_inner_texts() if text]
    assert {"recipe", "device", "UAR", "accuracy", "optimism", "minutes"} <= set(shown)
    button.click()
    expect_count(details, 0)
    page.set_viewport_size({"width": 1440, "height": 900})
    button.click()
    sync_api.expect(details.locator("dt:visible")).to_have_text(["recipe", "tuned", "device"])


def test_print_opens_what_belongs_to_the_tasks(show: Callable[..., Any], content: Give, tmp_path: Path) -> None:
    page = show(html(several(content)))
    page.pdf(path=tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert page.locator("section details").first.get_attribute("open") is not None


def test_a_runs_page_has_its_facts_and_every_clip(show: Callable[..., Any], tmp_path: Path) -> None:
    settings = {"dataset.subjects": 3, "dataset.clips": 10}
    run = merbench.run("majority", settings=settings, runs=tmp_path / "runs")
    page = show(run_page([run]))
    assert page.title() == "merbench: majority"
    assert page.get_by_text("say nothing of licensed data").is_visible()
    assert page.locator("dt", has_text="apex").count() == 1
    page.get_by_text("30 clips, under last").click()
    table = page.locator("section").last.locator("table")
    expect_count(table.locator("tbody tr"), 30)
    page.get_by_label("Filter rows").last.fill("yes")
    expect_count(table.locator("tbody tr"), round(30 * run.scores("last").accuracy))


def test_a_runs_page_has_recall_by_action_unit_and_calibration(show: Callable[..., Any], tmp_path: Path) -> None:
    settings = {"dataset.subjects": 3, "dataset.clips": 10}
    run = merbench.run("majority", settings=settings, runs=tmp_path / "runs")
    page = show(run_page([run], {key: (4, 7) for fold in run.keys for key in fold}))
    page.get_by_text("By action unit").click()
    expect_count(page.get_by_role("cell", name="4+7"), 1)
    page.get_by_text("Calibration", exact=True).click()
    expect_count(page.get_by_role("img", name="Reliability of majority"), 1)


def test_the_committed_page_opens_without_a_fault(show: Callable[..., Any]) -> None:
    committed = Path(__file__).parents[2] / "leaderboard" / "index.html"
    page = show(committed.read_text(encoding="utf-8"))
    assert page.locator("main section table").count() >= 1
    assert page.title() == "merbench leaderboard"


@pytest.mark.parametrize("width", [390, 1024, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tables_of_a_tuning_report_fit_the_window(show: Callable[..., Any], width: int, scheme: str) -> None:
    names = [f"parameter_of_a_long_name_{number}" for number in range(10)]
    rows = [(f"synthetic/{number:02d}", *(["0.0001234"] * 10)) for number in range(26)]
    body = report_table(("outer fold", *names), rows)
    text = f"<!doctype html><meta name=viewport content='width=device-width'><style>{REPORT_STYLE}</style>{body}"
    page = show(text, viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    right = "Math.max(...[...document.querySelectorAll('td')].map((each) => each.getBoundingClientRect().right))"
    assert page.evaluate(right) <= width
    label = page.evaluate("getComputedStyle(document.querySelector('td'), '::before').content")
    assert (label == '"outer fold"') == (width == 390 or width == 1024)


def test_scores_over_keyframe_noise_are_a_table_and_a_plot(show: Callable[..., Any], content: Give) -> None:
    noisy = content("random-0")
    noisy["identity"], noisy["group"] = "f" * 16, "e" * 16
    noisy["description"]["perturbed"], noisy["description"]["labels"] = {"keyframe_noise": 4}, "f" * 8
    some = [record_of("r", content("random-0")), record_of("n", noisy)]
    page = show(html(some))
    section = page.locator("#keyframe-noise-0")
    expect_count(section.get_by_role("cell", name="up to 4 frames"), 1)
    expect_count(section.get_by_role("img", name="UF1 over key-frame noise"), 1)
    expect_count(section.locator("circle"), 2)
    assert show(html(some[:1])).locator("#keyframe-noise-0").count() == 0
