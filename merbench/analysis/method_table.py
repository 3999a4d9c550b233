"""The installed methods in a table: family, what each sees, how many numbers it trains, year and reference."""

from __future__ import annotations

from merbench.analysis.tables import Table
from merbench.inputs import Frames, Inputs
from merbench.inputs.base import ArrayInput
from merbench.method import Method
from merbench.registry import methods

#: For how many classes trained numbers are counted; CASME II's usual five.
CLASSES = 5


def methods_table() -> Table:
    """A row a method, by name; counting what a network trains builds it once, which imports torch."""
    return Table(
        title="Methods",
        columns=("method", "family", "year", "input", "reference", "parameters"),
        rows=tuple(
            (
                kind.name,
                kind.family,
                str(kind.year or "–"),
                seen(_as_published(kind)),
                kind.reference or "–",
                trained(kind),
            )
            for kind in methods.entries()
        ),
        notes=(f"Input and parameters: of the recipe published for {CLASSES} classes.",),
        text_columns=5,
    )


def _as_published(kind: type[Method]) -> Method:
    return kind(kind.Parameters().changed(kind.recipe("published", CLASSES).parameters))


def trained(kind: type[Method]) -> str:
    """How many numbers a method trains by its published recipe; a dash where nothing is counted."""
    found = _as_published(kind).parameter_count(CLASSES)
    return "–" if found is None else f"{found:,}"


def seen(method: Method) -> str:
    """What a method sees of a clip, in a few words.

    >>> from merbench.registry import methods
    >>> seen(methods.get("majority")())
    'nothing'
    """
    declared: Inputs = method.inputs()
    words = [*([_frames(declared.frames)] if declared.frames else []), *map(_array, declared.arrays)]
    return "; ".join(words) or "nothing"


def _frames(frames: Frames) -> str:
    height, width = frames.size
    return f"{'grey ' if frames.grey else ''}frames {', '.join(frames.at)} {height}×{width}"


def _array(array: ArrayInput) -> str:
    return f"{array.name} {'×'.join(map(str, array.shape))}"
