"""LBP-TOP: against scikit-image plane by plane, and a plain loop over points."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from skimage.feature import local_binary_pattern

from merbench.errors import UsageError
from merbench.method import Samples
from merbench.methods.lbp_top import LBPTOP, LBPTOPParameters
from merbench.methods.lbp_top.patterns import BINS, PLANES, Radii, _uniform, codes, histograms


def noise(*shape: int, levels: int = 256) -> np.ndarray:
    """Grey levels, few of them where equal neighbours are wanted."""
    return np.random.default_rng(7).integers(0, levels, shape, dtype=np.uint8)


def looped(clip: np.ndarray, radii: Radii, blocks: int) -> list[list[float]]:
    """What the paper's words say, point by point: shares by block, plane and pattern of one clip `(t y x)`."""
    times, height, width = clip.shape
    around = {
        "xy": ((0, 0, radii.x), (0, -radii.y, 0), (0, 0, -radii.x), (0, radii.y, 0)),
        "xt": ((0, 0, radii.x), (-radii.t, 0, 0), (0, 0, -radii.x), (radii.t, 0, 0)),
        "yt": ((0, radii.y, 0), (-radii.t, 0, 0), (0, -radii.y, 0), (radii.t, 0, 0)),
    }
    order = [code for code in range(16) if f"{code:04b}" not in ("0101", "1010")]
    found = np.zeros((blocks * blocks, 3, 15))
    inner = (
        range(radii.t, times - radii.t),
        range(radii.y, height - radii.y),
        range(radii.x, width - radii.x),
    )
    for t, y, x in itertools.product(*inner):
        row = (y - radii.y) * blocks // len(inner[1])
        column = (x - radii.x) * blocks // len(inner[2])
        for plane, name in enumerate(("xy", "xt", "yt")):
            code = 0
            for bit, (dt, dy, dx) in enumerate(around[name]):
                code += int(clip[t + dt, y + dy, x + dx] >= clip[t, y, x]) << bit
            found[row * blocks + column, plane, order.index(code) if code in order else 14] += 1
    return list((found / found.sum(-1, keepdims=True)).ravel())


@pytest.mark.parametrize("radii", [Radii(), Radii(x=1, y=2, t=3), Radii(x=2, y=1, t=1)])
def test_histograms_are_those_of_a_plain_loop(radii: Radii) -> None:
    clips = noise(3, 10, 17, 14, levels=4)
    found = histograms(clips, radii, 2)
    np.testing.assert_allclose(found, [looped(clip, radii, 2) for clip in clips], atol=1e-6)


@pytest.mark.parametrize("levels", [3, 256])
@pytest.mark.parametrize("plane", PLANES)
def test_codes_are_those_of_scikit_image(plane: str, levels: int) -> None:
    """Its radius is one for both axes, so it is handed every fourth frame where ours reaches four."""
    radii, clip = Radii(), noise(13, 9, 11, levels=levels)
    found = codes(clip[None], plane, radii)[0]
    for t, y, x in itertools.product(range(found.shape[0]), range(found.shape[1]), range(found.shape[2])):
        if plane == "xy" and (y, x) == (0, 0):
            image = clip[t + 4]
            expected = local_binary_pattern(image, 4, 1)[1:-1, 1:-1]
            np.testing.assert_array_equal(found[t], expected)
        if plane == "xt" and x == 0:
            image = clip[t::4, y + 1]
            np.testing.assert_array_equal(found[t, y], local_binary_pattern(image, 4, 1)[1, 1:-1])
        if plane == "yt" and y == 0:
            image = clip[t::4, :, x + 1]
            np.testing.assert_array_equal(found[t, :, x], local_binary_pattern(image, 4, 1)[1, 1:-1])


def test_uniform_patterns_are_scikit_images() -> None:
    image = noise(40, 40)
    plain = local_binary_pattern(image, 4, 1)[1:-1, 1:-1].astype(int)
    uniform = local_binary_pattern(image, 4, 1, "nri_uniform")[1:-1, 1:-1].astype(int)
    pairs = set(zip(_uniform()[plain.ravel()].tolist(), uniform.ravel().tolist(), strict=True))
    assert len(pairs) == len({ours for ours, _ in pairs}) == len({theirs for _, theirs in pairs}) == BINS


def test_the_published_descriptor_has_1125_values_in_histograms_of_sum_one() -> None:
    method = LBPTOP()
    [declared] = method.inputs().arrays
    assert (declared.shape, declared.as_dict()["how"]) == ((10, 1, 128, 128), "tim")
    found = method.features(Samples(count=2, arrays=(noise(2, *declared.shape).astype(np.float32),)))
    assert (found.shape, found.dtype) == ((2, 1125), np.float32)
    np.testing.assert_allclose(found.reshape(2, 25, 3, 15).sum(-1), 1, atol=1e-5)


def test_the_last_bit_of_an_interpolation_decides_nothing() -> None:
    flat = np.full((1, 10, 20, 20), 100, np.float32)
    wavering = flat + np.random.default_rng(1).normal(0, 1e-4, flat.shape).astype(np.float32)
    np.testing.assert_array_equal(histograms(flat, Radii(), 5), histograms(wavering, Radii(), 5))


@pytest.mark.parametrize(
    "settings", [{"frames": 8}, {"size": 16, "blocks": 15}, {"size": 16, "radius_x": 7}, {"size": 16, "radius_y": 16}]
)
def test_what_leaves_no_point_to_look_at_is_refused(settings: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="Raise size or frames"):
        LBPTOPParameters().changed(settings)
