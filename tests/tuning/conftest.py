"""A method that is tuned in no time, and the drawn clips that it is tuned on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merbench.experiments.experiment import Experiment
from merbench.experiments.resolve import resolve
from merbench.experiments.specify import specification
from merbench.plugins import load_plugin

DATA = {"dataset.subjects": 4, "dataset.clips": 10}


@pytest.fixture(scope="session")
def toy() -> Path:
    return Path(__file__).with_name("toy.py")


@pytest.fixture
def experiment(toy: Path) -> Callable[..., Experiment]:
    def made(method: str = "toy", **changed: Any) -> Experiment:
        load_plugin(toy)
        return resolve(specification(method, settings={**DATA, **changed}))

    return made
