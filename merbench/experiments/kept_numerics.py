"""What a resumed run computes otherwise than it is asked to, since its folds would not be one result."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.plural import plural
from merbench.training.numerics import Numerics

#: Values that leave a choice to a measurement.
_OPEN: Mapping[str, tuple[object, ...]] = {"parallel_folds": (0,), "compile": (None,), "channels_last": (None,)}


def kept_numerics(asked: Numerics | None, used: Numerics | None) -> str:
    """A sentence on what was asked for and is not used; empty if there is nothing, or all was left to be measured."""
    if asked is None or used is None:
        return ""
    kept = [
        words
        for name, words in (
            ("parallel_folds", f"{plural(used.parallel_folds, 'fold')} at once"),
            ("compile", "compiled" if used.compile else "not compiled"),
            ("channels_last", "contiguous images" if used.channels_last is False else "images channels last"),
            ("deterministic", "deterministic" if used.deterministic else "not deterministic"),
        )
        if getattr(asked, name) not in (getattr(used, name), *_OPEN.get(name, ()))
    ]
    if not kept:
        return ""
    return f"goes on as it was begun: {', '.join(kept)}; to compute otherwise, start anew with --out"
