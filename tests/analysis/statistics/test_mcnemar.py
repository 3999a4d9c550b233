"""McNemar's test and the clips behind it, by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from merbench.analysis.statistics import disagreements, mcnemar
from merbench.errors import UsageError
from merbench.results.record import RunRecord

Make = Callable[..., RunRecord]
TRUTH = {"a": [0, 0, 1, 1], "b": [0, 1, 1, 0]}


def test_worked_by_hand(make: Make) -> None:
    one = make(TRUTH, {"a": [0, 0, 1, 1], "b": [0, 1, 1, 1]})
    other = make(TRUTH, {"a": [1, 1, 0, 0], "b": [1, 1, 1, 0]})
    result = mcnemar([one], [other])
    # 5 against 1 of 6: 2 (1 + 6) / 64
    assert (result.only_a, result.only_b) == (5, 1)
    assert result.p == pytest.approx(14 / 64)
    clips = disagreements([one], [other])
    assert [clip.right for clip in clips] == ["a"] * 5 + ["b"]
    assert clips[-1].key == "data/b/03/0"
    assert (clips[-1].truth, clips[-1].a, clips[-1].b) == ("class 0", ("class 1",), ("class 0",))


def test_methods_that_never_disagree(make: Make) -> None:
    one = make(TRUTH, TRUTH)
    assert mcnemar([one], [one]).p == 1.0
    assert disagreements([one], [one]) == []


def test_a_clip_is_right_where_more_than_half_of_the_seeds_are(make: Make) -> None:
    wrong = {"a": [1, 0, 1, 1], "b": [0, 1, 1, 0]}
    one = [make(TRUTH, wrong, seed=0), make(TRUTH, TRUTH, seed=1), make(TRUTH, TRUTH, seed=2)]
    assert mcnemar(one, [make(TRUTH, TRUTH)]).only_b == 0
    assert mcnemar(one[:2], [make(TRUTH, TRUTH)]).only_b == 1


def test_other_clips_are_refused(make: Make) -> None:
    fewer = {"a": TRUTH["a"], "b": TRUTH["b"][:3]}
    with pytest.raises(UsageError, match=r"clip data/b/03/0 is not in both"):
        mcnemar([make(TRUTH, TRUTH)], [make(fewer, fewer)])
    turned = {"a": [1, 0, 1, 1], "b": TRUTH["b"]}
    with pytest.raises(UsageError, match=r"clip data/a/00/0 is not in both, or not of the same class"):
        mcnemar([make(TRUTH, TRUTH)], [make(turned, turned)])
