"""What a terminal would obey is shown by every command, wherever it comes from."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench.cli.plain_streams import PlainStream, as_given, plain

Cli = Callable[..., Any]
OBEYED = ("\x1b[2J", "\x07", "\x9b31m", "\u202e", "\u2066", "\x7f")


@pytest.mark.parametrize("sign", OBEYED)
def test_neither_refusals_nor_answers_carry_it(merbench: Cli, tmp_path: Path, sign: str) -> None:
    table = tmp_path / f"odd{sign}name.csv"
    table.write_text(f"dataset,subject,clip,onset,apex,offset,emotion\nmine,s{sign}1,c1,1,2,3,happy\n", "utf-8")
    answers = [
        merbench("data", "check", "manifest", table),
        merbench("data", "check", "manifest", table.with_name(f"no{sign}ne")),
        merbench("run", "-m", f"net{sign}"),
    ]
    said = "".join(answer.out + answer.err for answer in answers)
    assert sign[0] not in said
    assert f"\\u{ord(sign[0]):04x}" in said


def test_what_is_read_as_json_is_the_same() -> None:
    text = "".join(OBEYED) + "tab\t, Müller 微表情, \u200d"
    written = plain(json.dumps([text], ensure_ascii=False))
    assert json.loads(written) == [text]
    assert "Müller 微表情" in written


def test_lines_may_be_written_over_but_not_by_data() -> None:
    assert plain("\r3 of 4 clips\n") == "\r3 of 4 clips\n"
    assert plain("one\r\ntwo\n") == "one\r\ntwo\n"
    assert plain("sub01\rsub02\n") == "sub01\\u000dsub02\n"


def test_the_streams_are_as_before_when_a_command_ended(merbench: Cli) -> None:
    before = sys.stdout, sys.stderr
    assert merbench("list").code == 0
    assert (sys.stdout, sys.stderr) == before
    assert as_given(PlainStream(sys.stderr)) is sys.stderr  # type: ignore[arg-type]
