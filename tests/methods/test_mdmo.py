"""MDMO: its regions on a synthetic face, its directions against a plain count, and that every frame is read."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.inputs.clip_reader import ClipFiles
from merbench.method import Samples
from merbench.methods.mdmo import MDMO, MDMOParameters
from merbench.methods.mdmo.direction import STILL, affine, main_direction
from merbench.methods.mdmo.main_flow import MainFlow
from merbench.methods.mdmo.regions import REGIONS, corners, pixels
from merbench.registry import datasets
from merbench.synthetic.rendering import landmarks, plan_clip
from merbench.training.augmentation import MIRROR

SIZE = (128, 128)


def points(face: int = 0, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The landmarks of a synthetic face at its onset, `(68 xy)`."""
    plan = plan_clip(identity=face, seed=face, emotion="others", onset=0, apex=5, offset=9)
    return landmarks(plan, 0, size).astype(np.float32)


def features(u: np.ndarray, v: np.ndarray, **changes: object) -> np.ndarray:
    method = MDMO(MDMOParameters().changed(changes))
    return method.features(Samples(count=len(u), arrays=(np.stack([u, v], axis=-1).astype(np.float32),)))


def test_there_are_36_regions_and_the_face_is_symmetric() -> None:
    assert len(REGIONS) == 36
    sets = {frozenset((frozenset(marks), above) for marks, above in region) for region in REGIONS}
    turned = {frozenset((frozenset(MIRROR[m] for m in marks), above) for marks, above in region) for region in REGIONS}
    assert len(sets) == 36
    assert turned == sets
    assert all(len(marks) <= 2 and max(marks) < 60 for region in REGIONS for marks, _ in region)


def test_corners_are_landmarks_their_means_and_points_above_the_brows() -> None:
    marks = points()
    placed = corners(marks, 20.0)
    np.testing.assert_allclose(placed[6], marks[[1, 0, 17, 36]])
    np.testing.assert_allclose(placed[0, 1], marks[17] - [0, min(20, marks[17, 1])])
    np.testing.assert_allclose(placed[14, 3], (marks[3] + marks[29]) / 2, rtol=1e-6)
    np.testing.assert_allclose(placed[2, 2, 0], (marks[21, 0] + marks[22, 0]) / 2, rtol=1e-6)
    assert corners(marks, 1000.0)[0, 1, 1] == 0  # within the picture


def test_regions_cover_the_face_and_hardly_overlap() -> None:
    for face in range(4):
        marks = points(face, (280, 280))
        places = pixels(marks, (280, 280), 20.0)
        assert all(len(rows) >= 20 for rows, _ in places)
        count = np.zeros((280, 280), dtype=int)
        for rows, columns in places:
            count[rows, columns] += 1
        assert (count > 1).mean() < 0.1 * (count > 0).mean()  # borders
        hull = np.zeros((280, 280), np.uint8)
        cv2.fillConvexPoly(hull, cv2.convexHull(marks.astype(np.int32)), 1)
        assert (count[hull > 0] > 0).mean() > 0.6  # all but eyes and mouth


def counted(u: np.ndarray, v: np.ndarray) -> tuple[float, float]:
    """Length and angle of the main direction, pixel by pixel: eight sectors, the first around 0 degrees."""
    sectors: list[list[tuple[float, float]]] = [[] for _ in range(8)]
    for x, y in zip(u.tolist(), v.tolist(), strict=True):
        angle = math.degrees(math.atan2(y, x)) % 360
        if angle > 337.5:
            angle -= 360  # of the first sector, which lies on both sides of 0
        sectors[int((angle + 22.5) // 45)].append((math.hypot(x, y), angle))
    most = max(sectors, key=len)
    return sum(length for length, _ in most) / len(most), sum(angle for _, angle in most) / len(most)


@pytest.mark.parametrize("turn", range(0, 360, 30))
def test_the_main_direction_is_that_of_a_plain_count(turn: int) -> None:
    rng = np.random.default_rng(turn)
    angles = np.radians(turn) + rng.normal(size=300) * 0.6
    lengths = rng.uniform(0.1, 2, 300)
    u, v = (lengths * np.cos(angles)).astype(np.float32), (lengths * np.sin(angles)).astype(np.float32)
    length, angle = counted(u, v)
    expected = length * np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    np.testing.assert_allclose(main_direction(u, v), expected, rtol=1e-5, atol=1e-6)


def test_what_few_pixels_do_is_left_out_and_no_pixels_do_not_move() -> None:
    u = np.array([1, 2, 1, 2, 3, -9, -9, -9], np.float32)  # 5 pixels to the right, 3 to the left
    np.testing.assert_allclose(main_direction(u, np.zeros(8, np.float32)), [9 / 5, 0])
    assert not main_direction(u[:0], u[:0]).any()


def test_a_head_that_turns_and_nears_is_aligned_away() -> None:
    columns, rows = np.meshgrid(np.arange(SIZE[1]), np.arange(SIZE[0]))
    head = np.stack([1 + 0.02 * columns - 0.03 * rows, -2 + 0.03 * columns + 0.01 * rows]).astype(np.float32)
    np.testing.assert_allclose(affine(head, points()), head, atol=1e-3)
    assert len(STILL) == 13


@pytest.fixture
def clip() -> ClipFiles:
    source = Source(dataset=datasets.get("synthetic")())
    [clip, *_] = labelled([source], scheme=None, apex_policy="middle").as_clips()
    return ClipFiles(clip=clip, source=source)


def test_every_frame_from_onset_to_offset_is_read(clip: ClipFiles) -> None:
    declared = MainFlow(size=(64, 64), forehead=5.0)
    assert declared.numbers(clip.clip) == tuple(range(clip.clip.moment("onset"), clip.clip.moment("offset") + 1))
    seen = declared.array(clip)
    assert (seen.shape, seen.dtype) == (declared.shape, np.float32)
    assert np.hypot(*seen.T).max() > 0.05


def test_vectors_are_averaged_over_frames(clip: ClipFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    later = len(MainFlow(size=(64, 64), forehead=5.0).numbers(clip.clip)) - 1
    fields = iter([(-1.0, 0.2 if frame % 2 else -0.2) for frame in range(later)])  # angles that wrap at the left

    def flow(onset: np.ndarray, frame: np.ndarray, algorithm: str) -> np.ndarray:
        u, v = next(fields)
        return np.stack([np.full(onset.shape, u), np.full(onset.shape, v)]).astype(np.float32)

    monkeypatch.setattr("merbench.inputs.optical_flow.optical_flow", flow)
    seen = MainFlow(size=(64, 64), forehead=5.0, align="none").array(clip)
    np.testing.assert_allclose(seen[:, 0], -1, rtol=1e-5)
    np.testing.assert_allclose(seen[:, 1], -0.2 * (later % 2) / later, atol=1e-6)


def test_features_are_weighted_lengths_then_angles_from_the_left() -> None:
    u, v = np.zeros((1, 36)), np.zeros((1, 36))
    u[0, :3], v[0, 3] = [2.0, -1.0, 0.5], 1.0
    [found] = features(u, v)
    np.testing.assert_allclose(found[:4], 0.8 * np.array([1, 0.5, 0.25, 0.5]), rtol=1e-6)
    np.testing.assert_allclose(found[36:40], 0.2 * np.pi * np.array([-1, 0, -1, -0.5]), rtol=1e-6)
    [absolute] = features(u, v, magnitudes="absolute", weight=1.0)
    np.testing.assert_allclose(absolute[:4], [2, 1, 0.5, 1])
    assert not features(np.zeros((1, 36)), np.zeros((1, 36)))[:, :36].any()  # a face that does not move


def test_what_it_sees_and_its_recipes() -> None:
    [declared] = MDMO().inputs().arrays
    assert (declared.shape, declared.as_dict()["size"], declared.as_dict()["forehead"]) == ((36, 2), (280, 280), 20.0)
    assert MDMO.recipe("published", 3).parameters == {}
    quick = MDMO.recipe("quick", 3).parameters
    assert quick["forehead"] / quick["size"] == pytest.approx(20 / 280, rel=0.02)  # type: ignore[operator]
