"""The checks as pytest test classes, to inherit: a test a check, on what one fixture gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from merbench.data.source import Source
from merbench.protocol import Protocol
from merbench.testing.check import Check, verdict_of
from merbench.testing.datasets import DATASET_CHECKS, Holdings
from merbench.testing.methods import METHOD_CHECKS, Subject
from merbench.testing.protocols import PROTOCOL_CHECKS

Checked = TypeVar("Checked")


class MethodChecks:
    """What every method promises; give a fixture `method`, a class or an instance.

    An instance is checked with its parameters, a class by its quick recipe; `check_settings` make either small.
    """


class DatasetChecks:
    """What every dataset promises; give a fixture `source`, a `merbench.data.source.Source` with data."""


class ProtocolChecks:
    """What every protocol promises; give a fixture `protocol`, an instance."""


def _carry_out(check: Check[Checked], subject: Checked, exempt: Mapping[str, str]) -> None:
    import pytest

    verdict, detail = verdict_of(check, lambda: subject, exempt)
    if verdict == "failed":
        pytest.fail(detail, pytrace=False)
    if verdict == "exempt":
        pytest.skip(detail)


def _method_test(check: Check[Subject]) -> Callable[[Any, Subject], None]:
    def test(self: object, method: Subject) -> None:
        _carry_out(check, method, method.check_exempt)

    return _named(test, check)


def _dataset_test(check: Check[Holdings]) -> Callable[[Any, Source], None]:
    def test(self: object, source: Source) -> None:
        _carry_out(check, Holdings(source=source, whole=source), {})

    return _named(test, check)


def _protocol_test(check: Check[Protocol]) -> Callable[[Any, Protocol], None]:
    def test(self: object, protocol: Protocol) -> None:
        _carry_out(check, protocol, {})

    return _named(test, check)


def _named(test: Callable[[Any, Any], None], check: Check[Any]) -> Callable[[Any, Any], None]:
    test.__name__ = f"test_{check.name.replace('-', '_')}"
    test.__doc__ = f"{check.says[0].upper()}{check.says[1:]}."
    return test


def _fill(face: type, tests: list[Callable[[Any, Any], None]]) -> None:
    for test in tests:
        test.__qualname__ = f"{face.__name__}.{test.__name__}"
        setattr(face, test.__name__, test)


_fill(MethodChecks, [_method_test(check) for check in METHOD_CHECKS])
_fill(DatasetChecks, [_dataset_test(check) for check in DATASET_CHECKS])
_fill(ProtocolChecks, [_protocol_test(check) for check in PROTOCOL_CHECKS])
