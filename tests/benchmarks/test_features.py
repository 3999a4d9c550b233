"""How long features take over many clips, and against a plain loop."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from merbench.method import Samples
from merbench.methods.lbp_top.patterns import Radii, histograms
from merbench.registry import methods

#: Clips that go through together, as in a run.
TOGETHER = 32
#: How many times faster than the loop LBP-TOP over all clips must be.
LEAST = 20


@pytest.mark.benchmark(group="features")
def test_lbp_top_against_a_loop_over_pixels(benchmark: Any, full: bool) -> None:
    """LBP-TOP of clips of 10 frames of 128 x 128; the loop does one of them, with the same result."""
    clips = np.random.default_rng(0).integers(0, 256, (442 if full else 32, 10, 128, 128), dtype=np.uint8)
    found = benchmark(_every, clips)
    start = time.perf_counter()
    looped = _looped(clips[0].tolist())
    loop = time.perf_counter() - start
    np.testing.assert_allclose(found[0], looped, atol=1e-6)
    ratio = loop * len(clips) / benchmark.stats.stats.min
    benchmark.extra_info.update({"clips": len(clips), "loop, s a clip": round(loop, 3), "ratio": round(ratio)})
    assert ratio >= LEAST


@pytest.mark.benchmark(group="features")
@pytest.mark.parametrize("name", ["lbp-top", "bi-woof", "mdmo"])
def test_features_of_a_method(benchmark: Any, name: str, full: bool) -> None:
    """From prepared inputs to features, with the defaults."""
    method: Any = methods.get(name)()
    count, draws = 64 if full else 8, np.random.default_rng(0)
    arrays = [draws.uniform(0, 100, (count, *each.shape)).astype(np.float32) for each in method.inputs().arrays]
    found = benchmark(method.features, Samples(count=count, arrays=tuple(arrays)))
    benchmark.extra_info.update({"clips": count, "values a clip": found.shape[1]})


def _every(clips: np.ndarray) -> np.ndarray:
    parts = [histograms(clips[start : start + TOGETHER], Radii(), 5) for start in range(0, len(clips), TOGETHER)]
    return np.concatenate(parts)


def _looped(clip: list[list[list[int]]]) -> np.ndarray:
    """The shares `(value)` of one clip `(t y x)`, pixel by pixel, with radii 1, 1, 4 and 5 x 5 blocks."""
    height, width = len(clip[0]) - 2, len(clip[0][0]) - 2
    bins = {code: place for place, code in enumerate(code for code in range(16) if code not in (5, 10))}
    counts = np.zeros((25, 3, 15))
    for t in range(4, len(clip) - 4):
        for y in range(1, height + 1):
            for x in range(1, width + 1):
                centre, frame = clip[t][y][x], clip[t]
                left, right, up, down = frame[y][x - 1], frame[y][x + 1], frame[y - 1][x], frame[y + 1][x]
                before, after = clip[t - 4][y][x], clip[t + 4][y][x]
                block = (y - 1) * 5 // height * 5 + (x - 1) * 5 // width
                around = ((right, up, left, down), (right, before, left, after), (down, before, up, after))
                for plane, neighbours in enumerate(around):
                    code = sum((value >= centre) << bit for bit, value in enumerate(neighbours))
                    counts[block, plane, bins.get(code, 14)] += 1
    return (counts / counts.sum(axis=-1, keepdims=True)).ravel()
