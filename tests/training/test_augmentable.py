"""Augmentation of inputs that cannot be moved is refused when a run is resolved, with settings that help."""

import re

import pytest

from merbench.errors import UsageError
from merbench.experiments.resolve import resolve
from merbench.experiments.specify import specification


def resolved(settings: dict[str, object]) -> None:
    resolve(specification("ststnet", protocol="loso", recipe="published", settings=settings))


@pytest.mark.parametrize("settings", [{"flip": 0.5}, {"rotation": 5.0, "pad": 4.0}], ids=str)
def test_stretched_flow_with_augmentation_is_refused_before_anything_is_read(settings: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="ststnet cannot be trained with") as refusal:
        resolved(settings)
    message = str(refusal.value)
    remedies = dict(re.findall(r"--set (\w+)=(\w+)", message))
    assert remedies.pop("scale") == "none"
    assert set(remedies) == set(settings)
    resolved({**settings, **{name: float(value) for name, value in remedies.items()}})
    resolved({**settings, "scale": "none"})
