"""Which networks of timm can take the place of the main branch: those that give features of several stages."""

from __future__ import annotations

from functools import cache
from typing import Any

import timm
import torch

from merbench.errors import UnknownName, UsageError
from merbench.plural import plural

#: What the name of a backbone begins with.
PREFIX = "timm:"


def require_stages(name: str) -> None:
    """Nothing, if timm has an extractor of stages under the name.

    Raises:
        UnknownName: with a guess, if timm has no such network.
        UsageError: if it has no features of two stages or more.
    """
    known = timm.list_models()
    if name not in known:
        raise _Unknown("backbone", PREFIX + name, [PREFIX + other for other in known])
    stages = _stages_of(name)
    if stages < 2:
        raise UsageError(
            f"backbone={PREFIX}{name} is not possible: timm gives features of {stages or 'no'} "
            f"stage{'s' * (stages != 1)} of it, and attention needs two or more; take another, such as timm:resnet18."
        )


class _Unknown(UnknownName):
    """An unknown name among more than a thousand, which are not listed."""

    def __str__(self) -> str:
        sentence, _, _ = super().__str__().partition(" Available: ")
        return (
            f"{sentence} Available: mmnet and the {plural(len(self.known), 'network')} that timm.list_models() names."
        )


@cache
def _stages_of(name: str) -> int:
    try:
        with torch.device("meta"):  # shapes only, no values
            extractor: Any = timm.create_model(name, pretrained=False, features_only=True)
        return len(extractor.feature_info.channels())
    except (RuntimeError, AttributeError, NotImplementedError, TypeError, ValueError, AssertionError, KeyError):
        return 0
