"""The commands that a printed text proposes, read as a shell and the command line would read them."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import typer.main

from merbench.cli.app import build
from merbench.cli.usage import PARSER_REFUSAL

#: The start of a command: not part of a path, a module or a quoted distribution name.
_START = re.compile(r"(?<![\w./\"'-])merbench (?=[a-z])")
#: A word up to white space, quoted parts whole.
_WORD = re.compile(r"""(?:[^\s'"]|'[^'\n]*'|"[^"\n]*"|['"])+""")
_ENDS = (".", ",", ";", ":", ")", "&&", "|", "`")


@functools.cache
def tree() -> Any:
    """The command line's commands."""
    return typer.main.get_command(build())


def faults(text: str) -> list[str]:
    """Every command in a text that the command line would not take."""
    return [fault for words in proposed(text) if (fault := fault_of(words))]


def proposed(text: str) -> Iterator[list[str]]:
    """The words after `merbench` of each command in a text, up to the end of its clause."""
    joined = text.replace("\\\n", " ")
    for start in _START.finditer(joined):
        line = joined[start.end() :].partition("\n")[0]
        words: list[str] = []
        for match in _WORD.finditer(line):
            word = match.group()
            if word in _ENDS:
                break
            bare = word.rstrip(".,;:)`")
            words.append(bare)
            if bare != word:
                break
        if words and words[0] in tree().commands:
            yield words


def fault_of(words: Sequence[str]) -> str:
    """What is wrong with a command; nothing if it, or a part of it that has all its options, is understood."""
    try:
        given = shlex.split(" ".join(words))
    except ValueError as fault:
        return f"{' '.join(words)}: {fault}"
    command, depth = tree(), 0
    while depth < len(given) and given[depth] in getattr(command, "commands", {}):
        command, depth = command.commands[given[depth]], depth + 1
    rest, fault = given[depth:], ""
    last_option = max((place for place, word in enumerate(rest) if word.startswith("-")), default=-1)
    for end in range(len(rest), last_option, -1):  # what follows the last option may be prose
        fault = fault or _refusal(command, rest[:end])
        if not _refusal(command, rest[:end]):
            return ""
    return fault and f"merbench {' '.join(given)}: {fault}"


def _refusal(command: Any, words: Sequence[str]) -> str:
    context = command.context_class(command)
    try:
        _, rest, _ = command.make_parser(context).parse_args(list(words))
    except PARSER_REFUSAL as fault:
        return f"{type(fault).__name__}: {fault}"
    many = any(each.param_type_name == "argument" and each.nargs == -1 for each in command.params)
    return "" if many or not rest else f"not understood: {' '.join(rest)}"
