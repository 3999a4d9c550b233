"""Options of earlier releases, accepted for one release more and shown in no help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from merbench.cli.unknown_options import options_of, refuse_early, refuse_setting
from merbench.cli.usage import PARSER_REFUSAL, in_plain_words, is_unknown_option, where_runs_are

#: The spelling of now for each of an earlier release.
RENAMED = {
    "--mends": "--corrections",
    "--packing": "--parallel-folds",
    "--compiled": "--compile",
    "--over": "--vary",
    "--params": "--tuned",
    "--rules": "--select-epoch",
    "--runs": "--runs-dir",
    "--all": "--final-study",
    "--no-all": "--no-final-study",
}
_RENAMED_VALUES = {("--alignment", "as distributed"): "none"}


class PlainGroup(TyperGroup):
    """A group of commands whose help has the first sentence of each command whole."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments that remain after the options are parsed."""
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except PARSER_REFUSAL as fault:
            if is_unknown_option(fault):
                refuse_early(fault.option_name, words, self, ctx.command_path)
            raise

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, each.get_short_help_str(1000)) for name, each in commands if each and not each.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class RenamingCommand(TyperCommand):
    """A command that reads options of earlier releases as those of now, where it has the latter and not the former."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then options under their headings."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is not None:
                usual = "Arguments" if parameter.param_type_name == "argument" else "Options"
                heading = getattr(parameter, "rich_help_panel", None) or usual
                sections.setdefault(heading, []).append(record)
        for heading in sorted(sections, key=lambda heading: heading not in ("Arguments", "Options")):
            with formatter.section(heading):
                formatter.write_dl(sections[heading])

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments that remain after the options are parsed."""
        words = with_names_of_now(args, options_of(self))
        try:
            return super().parse_args(ctx, list(words))
        except typer.BadParameter as fault:
            fault.message = in_plain_words(fault.message) or where_runs_are(fault.param)
            raise
        except PARSER_REFUSAL as fault:
            if is_unknown_option(fault):
                refuse_setting(fault.option_name, words, self)
            raise


def with_names_of_now(words: Sequence[str], known: set[str]) -> list[str]:
    """The words of a command line, old spellings replaced, each with a line on standard error."""
    end = words.index("--") if "--" in words else len(words)
    read: list[str] = []
    for place, word in enumerate(words):
        option, equals, value = word.partition("=")
        renamed = RENAMED.get(option)
        if place < end and renamed in known and option not in known:
            typer.echo(f"{option} is now called {renamed}.", err=True)
            option = str(renamed)
        if equals:
            value = _RENAMED_VALUES.get((option, value), value)
        elif read:
            option = _RENAMED_VALUES.get((read[-1], option), option)
        read.append(f"{option}{equals}{value}")
    return read
