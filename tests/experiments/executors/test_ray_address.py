"""An address at which no Ray cluster answers is refused in a sentence, at once."""

from __future__ import annotations

import socket
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from merbench.errors import UsageError
from merbench.experiments.executors.ray import Cluster


@pytest.fixture
def inits(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The addresses that a fake of Ray, to which no cluster ever answers, was asked for."""
    asked: list[Any] = []

    def init(address: str | None, **options: Any) -> None:
        asked.append(address)
        raise ConnectionError("Could not find any running Ray instance.")

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(is_initialized=lambda: False, init=init))
    return asked


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "ray://127.0.0.1:{}"])
def test_a_port_where_nothing_listens_is_refused_before_ray_tries_for_minutes(
    form: str, closed_port: int, inits: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", form.format(closed_port))
    with pytest.raises(
        UsageError, match=rf"RAY_ADDRESS={form.format(closed_port)}: no Ray cluster answers there .*start"
    ):
        Cluster(2)
    assert inits == []


@pytest.mark.parametrize("where", ["auto", "127.0.0.1:999999"])
def test_any_other_address_without_a_cluster_is_refused(
    where: str, inits: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", where)
    with pytest.raises(UsageError, match=rf"RAY_ADDRESS={where}: no Ray cluster answers there"):
        Cluster(2)


def test_ray_that_does_not_start_here_is_a_sentence(inits: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(UsageError, match="Ray does not start on this machine: Could not find"):
        Cluster(2)
    assert inits == [None]
