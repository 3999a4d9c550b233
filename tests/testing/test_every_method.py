"""Every method that is installed passes every check: new ones are picked up by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from merbench.registry import methods
from merbench.testing import check_method


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", methods.names())
def test_every_method_passes(name: str) -> None:
    found = list(check_method(methods.get(name)))
    told = [f"{result.name}: {result.detail}" for result in found if result.verdict == "failed"]
    assert told == [], "\n".join(told)


def test_the_command_prints_a_line_a_check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, entry: Callable[..., Any], tmp_path: Any
) -> None:
    from merbench.cli import main

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["merbench", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        return int(stop.value.code or 0), *capsys.readouterr()

    code, out, _ = call("check", "loso")
    assert code == 0
    assert out.startswith("protocol loso:\n  passed  declaration ")
    assert "8 passed, 0 failed, 0 exempt" in out
    code, out, _ = call("check", "leave-one-clip-out")
    assert (code, "exempt  subjects" in out, "leaky, and says so" in out) == (0, True, True)
    code, _, err = call("check", "no-such-name")
    assert (code, "Unknown name 'no-such-name'" in err) == (2, True)
    code, _, err = call("check", "manifest")
    assert (code, "--data" in err) == (2, True)
    path = tmp_path / "odd.py"
    path.write_text(
        'from merbench import Protocol\nclass Odd(Protocol):\n    name = "odd"\n    title = "Odd"\n'
        "    def folds(self, clips):\n        return iter(())\n"
    )
    code, out, _ = call("check", "odd", "--plugin", path)
    assert code == 1
    assert "FAILED  audit" in out
