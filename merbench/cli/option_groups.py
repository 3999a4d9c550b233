"""Options that several commands share, as one parameter of each command."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

Command = Callable[..., None]


def with_option_groups(command: Command) -> Command:
    """The command with the options of each dataclass among its parameters in place of that parameter.

    The parser sees every field as an option of its own; the command gets the dataclass.
    """
    signature = inspect.signature(command, eval_str=True)
    groups = {each.name: each.annotation for each in signature.parameters.values() if _is_group(each.annotation)}
    parameters: list[inspect.Parameter] = []
    for each in signature.parameters.values():
        expanded = _options_of(groups[each.name]) if each.name in groups else [each]
        parameters += [option.replace(kind=inspect.Parameter.KEYWORD_ONLY) for option in expanded]

    def call(**values: Any) -> None:
        for name, kind in groups.items():
            values[name] = kind(**{field.name: values.pop(field.name) for field in dataclasses.fields(kind)})
        command(**values)

    call.__doc__, call.__name__ = command.__doc__, command.__name__
    call.__annotations__ = {option.name: option.annotation for option in parameters}
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return call


def _is_group(annotation: Any) -> bool:
    return isinstance(annotation, type) and dataclasses.is_dataclass(annotation)


def _options_of(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in dataclasses.fields(group)
    ]
