"""Options that a command does not have, refused with what they are elsewhere: a setting, or an option of a command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from merbench.errors import MerbenchError, UsageError


def refuse_setting(option: str, words: Sequence[str], command: Any) -> None:
    """Refuse an unknown option that names a setting of what a command line names; return for any other option.

    Raises:
        UsageError: with ``--set`` and the value that was given.
    """
    known = options_of(command)
    if "--set" not in known:
        return
    name = option.lstrip("-").replace("-", "_")
    settings = list(_settings(words, known))
    for full in settings:
        if name in (full, full.partition(".")[2]):
            given = shlex.quote(f"{full}={_value(option, words)}")
            raise UsageError(f"{full} is a setting: --set {given}")


def refuse_early(option: str, words: Sequence[str], group: Any, path: str) -> None:
    """Refuse an option of a command that was given before its name; return for any other option.

    Raises:
        UsageError: with the whole command line, in order.
    """
    place = next((at for at, word in enumerate(words) if word in group.commands), len(words))
    before, after = words[:place], list(words[place:])
    command, named = group, []
    while after and after[0] in getattr(command, "commands", {}):
        named.append(after.pop(0))
        command = command.commands[named[-1]]
    if option not in options_of(command):
        return
    own = options_of(group)
    stay = [word for word in before if word in own and word not in options_of(command)]
    moved = [word for word in before if word not in stay]
    line = " ".join([path, shlex.join([*stay, *named, *moved, *after])])
    raise UsageError(f"{option} must follow the command: {line}")


def options_of(command: Any) -> set[str]:
    """Every spelling of every option of a command."""
    return {name for each in command.params for name in (*each.opts, *each.secondary_opts) if name.startswith("-")}


def _value(option: str, words: Sequence[str]) -> str:
    """What was given to an option, after a = or as the next word; VALUE if nothing was."""
    for word, following in pairwise([*words, ""]):
        name, equals, value = word.partition("=")
        if name == option:
            return value if equals else following if re.match(r"[^-]|-\.?\d", following) else "VALUE"
    return "VALUE"


def _settings(words: Sequence[str], known: Collection[str]) -> Iterator[str]:
    """The settings of training and of the methods, datasets and protocols that a command line names, as `--set` has it.

    Training has settings where a command trains a method that it is told.
    """
    from merbench.entries.recipe import Training
    from merbench.registry import datasets, methods, protocols

    _load_plugins(words)
    named = [each for word in words for each in word.rpartition("=")[2].split(",")]
    if "--method" in known:
        yield from Training.names()
    for registry, prefix in ((methods, ""), (datasets, "dataset."), (protocols, "protocol.")):
        for name in named:
            if name in registry:
                yield from (f"{prefix}{each}" for each in registry.get(name).Parameters.names())


def _load_plugins(words: Sequence[str]) -> None:
    """Take in the entries of the plugins that a command line names; broken ones are none of this refusal."""
    from merbench.plugins import load_plugin

    files = [following for word, following in pairwise(words) if word == "--plugin"]
    for file in (*files, *(word.partition("=")[2] for word in words if word.startswith("--plugin="))):
        try:
            load_plugin(Path(file))
        except MerbenchError:
            continue
