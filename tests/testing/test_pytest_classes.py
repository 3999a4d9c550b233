"""Each check is a test method of its class, under its own name, and each of them runs its check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from merbench.testing import (
    DATASET_CHECKS,
    METHOD_CHECKS,
    PROTOCOL_CHECKS,
    Check,
    DatasetChecks,
    MethodChecks,
    ProtocolChecks,
    pytest_classes,
)

CLASSES = [(MethodChecks, METHOD_CHECKS), (DatasetChecks, DATASET_CHECKS), (ProtocolChecks, PROTOCOL_CHECKS)]


@pytest.mark.parametrize(("tests", "checks"), CLASSES)
def test_each_check_has_a_test_and_each_test_runs_its_check(
    tests: type, checks: Sequence[Check[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(pytest_classes, "_run", lambda checks, name, subject, exempt: ran.append(name))

    class Subject:
        check_exempt: ClassVar[dict[str, str]] = {}

    names = [name for name in vars(tests) if name.startswith("test_")]
    for name in names:
        getattr(tests(), name)(Subject())
    assert ran == [check.name for check in checks]
    assert names == [f"test_{name.replace('-', '_')}" for name in ran]
