"""The proposals for a shell that completes a word: from caches, as loading the parser takes too long for a key."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence

from merbench.cli import completion
from merbench.cli.completion import Completions
from merbench.cli.grammar import Command, Value, grammar

#: The shells that are served here; the parser's library serves others.
SHELLS = ("bash", "zsh", "fish")


def tell(shell: str) -> int:
    """Print what completes the last word of the command line that the shell hands over; the exit code."""
    words = _words(shell, os.environ)
    proposals = completions(words)
    if shell == "fish" and os.environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
        return 0 if proposals else 1  # where nothing is known, fish completes files
    lines = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](proposals, words)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _words(shell: str, environment: Mapping[str, str]) -> list[str]:
    """The words after the program's name up to the one to be completed, which is empty where it is not begun yet."""
    if shell == "bash":
        words = environment.get("COMP_WORDS", "").split("\n" if "\n" in environment.get("COMP_WORDS", "") else None)
        place = int(environment.get("COMP_CWORD", "0"))
        return _joined([*words[1:place], *(words[place : place + 1] or [""])])
    line = environment.get("_TYPER_COMPLETE_ARGS", "")
    words = _split(line)[1:]
    return words if words and not line.endswith(" ") else [*words, ""]


def _joined(words: Sequence[str]) -> list[str]:
    """The words with those put together again that bash takes apart at a =."""
    joined: list[str] = []
    for place, word in enumerate(words):
        if joined and (word == "=" or (place and words[place - 1] == "=")):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # within quotes that are open still
        return line.split()


def completions(words: Sequence[str]) -> list[tuple[str, str]]:
    """What completes the last of the words, each with its meaning; nothing where files do."""
    *before, last = words
    command, rest = _followed(grammar(), before)
    name, equals, begun = last.partition("=")
    if last.startswith("-") and "--" not in rest:
        if equals and (option := command.option(name)):
            return [(f"{name}={value}", meaning) for value, meaning in _values(option, rest, begun)]
        return [(each, option.help) for option in command.options for each in option.names if each.startswith(last)]
    option = command.option(rest[-1]) if rest else None
    if option and not option.flag:
        return _values(option, rest, last)
    if command.commands:
        return [(each, below.help) for each, below in command.commands.items() if each.startswith(last)]
    argument = _argument(command, rest)
    return _values(argument, rest, last) if argument else []


def _followed(command: Command, words: Sequence[str]) -> tuple[Command, list[str]]:
    """The command that the words lead to, and the words after its name."""
    rest = list(words)
    for place, word in enumerate(words):
        if word in command.commands:
            command, rest = command.commands[word], list(words[place + 1 :])
    return command, rest


def _argument(command: Command, words: Sequence[str]) -> Value | None:
    """The argument that the next word is."""
    given = 0
    for place, word in enumerate(words):
        option = command.option(words[place - 1]) if place else None
        given += not word.startswith("-") and (option is None or option.flag)
    if given < len(command.arguments):
        return command.arguments[given]
    return command.arguments[-1] if command.arguments and command.arguments[-1].several else None


def _values(value: Value, words: Sequence[str], begun: str) -> list[tuple[str, str]]:
    if value.choices:
        return [(each, "") for each in value.choices if each.startswith(begun)]
    if not value.completes:
        return []
    proposals: Completions = getattr(completion, value.completes)(list(words), begun)
    return proposals


def _bash(proposals: Iterable[tuple[str, str]], words: Sequence[str]) -> list[str]:
    """Bash replaces only what follows the last =, where there is one."""
    begun = words[-1].rpartition("=")[0]
    return [value[len(begun) + 1 :] if begun and value.startswith(f"{begun}=") else value for value, _ in proposals]


def _zsh(proposals: Sequence[tuple[str, str]], words: Sequence[str]) -> list[str]:
    if not proposals:
        return ["_files"]
    pairs = [f'"{_escaped(value)}"' + (f':"{_escaped(meaning)}"' if meaning else "") for value, meaning in proposals]
    return [f"_arguments '*: :(({chr(10).join(pairs)}))'"]


def _escaped(text: str) -> str:
    text = text.replace('"', '""').replace("'", "''")
    return re.sub(r"([$`])", r"\\\1", text).replace(":", r"\\:")


def _fish(proposals: Iterable[tuple[str, str]], words: Sequence[str]) -> list[str]:
    return [f"{value}\t{' '.join(meaning.split())}" if meaning else value for value, meaning in proposals]
