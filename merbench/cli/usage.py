"""Refusals of the parser, in the words of all other refusals."""

from __future__ import annotations

import re
import shlex
from typing import Any

import typer

from merbench.errors import UsageError

#: What the parser raises for a command line that it cannot read; its library gives only a kind of it a public name.
PARSER_REFUSAL: Any = typer.BadParameter.__mro__[1]
#: How the parser's library says what a value must be, and how merbench says it.
_WORDS = {
    r"^Value error, ": "",
    r"^Input should be a valid integer\b.*": "it must be a whole number",
    r"^Input should be a valid number\b.*": "it must be a number",
    r"^Input should be a valid boolean\b.*": "it must be true or false",
    r"^Input should be greater than or equal to (\S+)$": r"it must be \1 or more",
    r"^Input should be less than or equal to (\S+)$": r"it must be \1 or less",
}


def in_plain_words(message: str) -> str:
    """The message of the parser without its library's phrases; any other message as it is.

    >>> in_plain_words("Input should be greater than or equal to 1")
    'it must be 1 or more'
    """
    for phrase, words in _WORDS.items():
        message = re.sub(phrase, words, message)
    return message


def is_unknown_option(refusal: Any) -> bool:
    """Whether the parser refuses an option that a command does not have, and not a value."""
    return hasattr(refusal, "possibilities")


def where_runs_are(parameter: Any) -> str:
    """Where the runs are that an argument stands for; nothing of any other parameter.

    The parser has it at the end of its sentence that the argument is missing.
    """
    if not (getattr(parameter, "metavar", None) or "").startswith("RUN"):
        return ""
    return "Runs are in the folder runs, or where --runs-dir put them; merbench show runs lists them."


def refuse_given(context: typer.Context) -> None:
    """Refuse options of a group of commands that were given before one of the commands, which would not see them.

    Raises:
        UsageError: with the way to give each, or to leave it out.
    """
    group = context.command
    options = {each.name: each for each in group.params if each.name}
    given = [name for name in options if _is_given(context, name)]
    if not given:
        return
    below = group.get_command(context, context.invoked_subcommand)  # type: ignore[attr-defined]
    command = f"{context.command_path} {context.invoked_subcommand}"
    spelled = options[given[0]].opts[0]
    if spelled in {word for each in below.params for word in each.opts}:
        value = context.params[given[0]]
        words = spelled if isinstance(value, bool) else f"{spelled} {shlex.quote(str(value))}"
        raise UsageError(f"{spelled} must follow the command: {command} {words} ...")
    raise UsageError(
        f"{spelled} is an option of {context.command_path} alone, and {command} does not have it; leave it out."
    )


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
