"""Tables as text: what a cell holds stays inert."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.analysis.render import markdown_text, one_line, render
from merbench.analysis.table import Table
from merbench.errors import UsageError

HOSTILE = (
    "a|b",
    "a\\|b",
    "<script>alert(1)</script>",
    '<img src="x" onerror="y">',
    "two\nlines",
    "two\r\n\r\nparagraphs",
    "*bold*",
    "`code",
    "&lt;",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "50% & $x_1^2$ #7 {~}",
    "\\input{/etc/passwd}",
    "",
)
FORMS = ("markdown", "latex", "csv")


def table(*cells: str, title: str = "A title", columns: tuple[str, ...] = ("name", "UF1")) -> Table:
    return Table(title=title, columns=columns, rows=tuple((cell, "0.500") for cell in cells), notes=("A note *.",))


def cells_of(line: str) -> list[str]:
    """The cells of a markdown row as a reader of GitHub's tables splits it: at pipes without a backslash before."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_a_table_as_markdown() -> None:
    assert render(table("mmnet"), "markdown") == (
        "**A title**\n\n| name | UF1 |\n| :-- | --: |\n| mmnet | 0.500 |\n\nA note \\*.\n"
    )


def test_a_table_as_latex() -> None:
    assert render(table("mmnet ±"), "latex").splitlines() == [
        "% A title",
        "% A note *.",
        r"\begin{tabular}{lr}",
        r"\hline",
        r"name & UF1 \\",
        r"\hline",
        r"mmnet $\pm$ & 0.500 \\",
        r"\hline",
        r"\end{tabular}",
    ]


def test_a_table_as_csv() -> None:
    assert render(table("mmnet"), "csv") == "name,UF1\nmmnet,0.500\n"


def test_another_form_is_refused() -> None:
    with pytest.raises(UsageError, match="format=html is not possible: it must be one of text, markdown, latex, csv"):
        render(table("a"), "html")


@pytest.mark.parametrize("form", FORMS)
def test_a_text_ends_in_one_line_break(form: str) -> None:
    text = render(table("a"), form)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("place", ["cell", "column"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_keeps_a_markdown_table_whole(name: str, place: str) -> None:
    given = table(name) if place == "cell" else table("a", columns=(name, "UF1"))
    text = render(given, "markdown")
    lines = text.splitlines()
    assert len(lines) == 7
    assert all(len(cells_of(line)) == 2 for line in lines[2:5])
    assert not re.search(r"<[a-zA-Z!/?]", text)


@pytest.mark.parametrize("name", [name for name in HOSTILE if name])
def test_a_hostile_title_stays_one_line_without_markup(name: str) -> None:
    lines = render(table("a", title=name), "markdown").splitlines()
    assert len(lines) == 7
    assert lines[2] == "| name | UF1 |"
    assert not re.search(r"<[a-zA-Z!/?]", lines[0])


@pytest.mark.parametrize("name", ["![x](https://e.org/x.png)", "[x](https://e.org)"])
def test_a_name_fetches_no_picture_and_links_nowhere(name: str) -> None:
    assert not re.search(r"(?<!\\)\[x\]\(", render(table(name, title=name), "markdown"))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_keeps_a_latex_table_whole(name: str) -> None:
    text = render(table(name, title=name, columns=(name, "UF1")), "latex")
    lines = text.splitlines()
    assert len([line for line in lines if line.endswith(r" \\")]) == 2
    body = text.partition(r"\begin{tabular}{lr}")[2]
    plain = re.sub(r"\\(textbackslash|textasciitilde|textasciicircum)\{\}|\\[&%$#_{}]|\$\\pm\$|\{[\[*]?\}", "", body)
    for line in plain.splitlines():
        if line.endswith(r" \\"):
            assert line.count("&") == 1
            assert not re.search(r"[%$#_{}~^]|\\(?!\\$)", line.removesuffix(r" \\"))
    assert lines[0].startswith("% ")
    assert lines[1] == "% A note *."


@pytest.mark.parametrize("name", ["[2pt] tall", "*starred"])
def test_a_latex_row_is_no_argument_of_the_line_break_before_it(name: str) -> None:
    lines = render(table("first", name), "latex").splitlines()
    assert not any(line.lstrip().startswith(("[", "*")) for line in lines)


@pytest.mark.parametrize("place", ["cell", "column"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_no_formula_in_csv(name: str, place: str) -> None:
    given = table(name) if place == "cell" else table("a", columns=(name, "UF1"))
    [columns, row] = csv.reader(io.StringIO(render(given, "csv"), newline=""))
    assert len(columns) == len(row) == 2
    cell = row[0] if place == "cell" else columns[0]
    assert cell.removeprefix("'").split() == name.split()
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    ("told", "plain"),
    [("+0.125", "0.125"), ("-0.125", "-0.125"), ("-3", "-3"), ("0.5", "0.5"), ("1,234", "1234"), ("–", "")],
)
def test_numbers_are_plain_in_csv(told: str, plain: str) -> None:
    assert list(csv.reader([render(table(told), "csv").splitlines()[1]])) == [[plain, "0.500"]]


def test_a_mean_and_its_deviation_are_two_columns_in_csv() -> None:
    lines = list(csv.reader(render(table("-0.1 ± 0.2", columns=("UF1", "UAR")), "csv").splitlines()))
    assert lines == [["UF1", "UF1 sd", "UAR"], ["-0.1", "0.2", "0.500"]]


@pytest.mark.parametrize("formula", ["--1", "+-+1", "-1-1", "=1", "+0.1 ± x"])
def test_what_only_looks_like_a_number_is_no_formula(formula: str) -> None:
    assert render(table(formula), "csv").splitlines()[1] == f"'{formula},0.500"


@given(name=st.text(max_size=30), other=st.text(max_size=30))
def test_any_name_comes_back_from_csv_but_for_its_blanks(name: str, other: str) -> None:
    text = render(Table(title="", columns=("a", "b"), rows=((name, other), ("x", "y"))), "csv")
    _, row, last = csv.reader(io.StringIO(text, newline=""))
    for cell, given_name in zip(row, (name, other), strict=True):
        assert cell.removeprefix("'").split() == one_line(given_name).removeprefix("'").split()
    assert last == ["x", "y"]


@given(name=st.text(alphabet="a|\\<*\n\r\t`[ \u2028", max_size=12))
def test_any_name_keeps_a_markdown_table_whole(name: str) -> None:
    lines = render(table(name), "markdown").split("\n")
    assert lines[5:] == ["", "A note \\*.", ""]
    assert "<" not in lines[4]


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\x1b"])
def test_signs_that_are_not_seen_are_taken_out(sign: str) -> None:
    assert one_line(f"mm{sign}net") == "mmnet"
    table = Table(title="", columns=("method",), rows=((f"mm{sign}net",),))
    assert all(sign not in render(table, form) for form in ("markdown", "latex", "csv"))


def test_letters_of_other_scripts_stay() -> None:
    assert one_line("Müller 微表情") == markdown_text("Müller 微表情") == "Müller 微表情"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a_b _c_ __d__ _x", r"a_b \_c\_ \_\_d\_\_ \_x"),
        ("~d~ ~~e~~", r"\~d\~ \~\~e\~\~"),
        ("a\\|b", r"a\\\|b"),
        ("end\\", r"end\\"),
        ("www.x.org, HTTP://x.org", "www<!-- -->.x.org, HTTP:<!-- -->//x.org"),
        ("<me@x.org>", "&lt;me<!-- -->@x.org>"),
        ("&#42;a&#42; & co", "&amp;#42;a&amp;#42; & co"),
        ("$x$", r"\$x\$"),
    ],
)
def test_what_github_would_obey_is_escaped(text: str, written: str) -> None:
    """Each was rendered by cmark-gfm, GitHub's own parser, as the text that it is."""
    assert markdown_text(text) == written
