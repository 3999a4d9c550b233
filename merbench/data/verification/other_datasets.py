"""Other datasets that a folder may be of, for one that was given as what it is not."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress

from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.errors import MerbenchError


def other_dataset_hint(source: Source, others: Iterable[Dataset]) -> str:
    """A sentence that names the datasets whose published annotation the source's folder has, or nothing.

    `others` are the datasets that may be meant; one counts only if its table is, as a whole, an annotation state that
    is known of it, as columns and emotions of several datasets are alike.
    """
    names = [
        f"the annotation of {other.name} ({state}); check it as such: merbench data check {other.name} "
        f"{shlex.quote(str(source.root))}"
        for other, state in _recognised(source, others)
    ]
    return f"The folder has {' or '.join(names)}." if names else ""


def _recognised(source: Source, others: Iterable[Dataset]) -> Iterator[tuple[Dataset, str]]:
    for other in others:
        if other.synthetic or other.name == source.dataset.name:
            continue
        with suppress(MerbenchError):
            state = Source(dataset=other, root=source.root).annotations().state
            if state in other.known:
                yield other, state
