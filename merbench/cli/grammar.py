"""What can follow which word of the command line, as plain data: commands, their options and what completes each."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal, get_args, get_origin

from merbench.cli.disk_cache import kept, state_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An option or an argument: `completes` names the function that completes it, for where it has no `choices`."""

    names: tuple[str, ...] = ()
    help: str = ""
    flag: bool = False
    several: bool = False
    choices: tuple[str, ...] = ()
    completes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command or a group of commands, and what may follow it."""

    help: str = ""
    options: tuple[Value, ...] = ()
    arguments: tuple[Value, ...] = ()
    commands: Mapping[str, Command] = field(default_factory=dict)

    def option(self, name: str) -> Value | None:
        """The option of that name."""
        return next((each for each in self.options if name in each.names), None)


def grammar() -> Command:
    """The whole command line, from the cache unless its code changed."""
    return _read(kept("commands.json", state_of(("cli",), "*.py"), lambda: asdict(_collected())))


def _read(content: Mapping[str, Any]) -> Command:
    return Command(
        help=content["help"],
        options=tuple(_value(each) for each in content["options"]),
        arguments=tuple(_value(each) for each in content["arguments"]),
        commands={name: _read(each) for name, each in content["commands"].items()},
    )


def _value(content: Mapping[str, Any]) -> Value:
    return Value(**{**content, "names": tuple(content["names"]), "choices": tuple(content["choices"])})


def _collected() -> Command:
    from typer.main import get_command

    from merbench.cli.app import build

    return _command(get_command(build()))


def _command(command: Any) -> Command:
    values = [(each.param_type_name, _described(each, _annotations(command.callback))) for each in command.params]
    return Command(
        help=command.get_short_help_str(100),
        options=tuple(value for kind, value in values if kind == "option"),
        arguments=tuple(value for kind, value in values if kind == "argument"),
        commands={name: _command(each) for name, each in getattr(command, "commands", {}).items() if not each.hidden},
    )


def _annotations(callback: Callable[..., Any] | None) -> dict[str, Any]:
    if callback is None:
        return {}
    parameters = inspect.signature(callback, eval_str=True).parameters
    return {name: parameter.annotation for name, parameter in parameters.items()}


def _described(parameter: Any, annotations: Mapping[str, Any]) -> Value:
    annotation: Any = annotations.get(parameter.name)
    declared = annotation.__metadata__[0] if get_origin(annotation) is Annotated else None
    completes = getattr(declared, "autocompletion", None)
    return Value(
        names=(*parameter.opts, *parameter.secondary_opts),
        help=(getattr(parameter, "help", None) or "").partition("\n")[0],
        flag=bool(getattr(parameter, "is_flag", False)),
        several=parameter.nargs == -1,
        choices=tuple(dict.fromkeys(_choices(annotation))),
        completes=completes.__name__ if completes else "",
    )


def _choices(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from map(str, get_args(annotation))
    elif get_origin(annotation) is Annotated:
        yield from _choices(annotation.__origin__)
    else:
        for each in get_args(annotation):
            yield from _choices(each)
