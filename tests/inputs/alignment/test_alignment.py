"""Alignment: level eyes, one cut for all frames of a clip, and what becomes of clips without a face."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from merbench.annotations.clips import Clip, clip_of
from merbench.data.source import Source
from merbench.datasets.synthetic import Synthetic
from merbench.errors import UsageError
from merbench.inputs import Frames, Landmarks
from merbench.inputs.alignment.align import align
from merbench.inputs.alignment.geometry import STYLES, CropStyle, cut_out, face_cut, points_in_crop
from merbench.inputs.alignment.spec import Alignment
from merbench.inputs.cache import Cache
from merbench.inputs.prepare_arrays import prepare_array
from merbench.inputs.prepare_frames import prepare

Sources = Mapping[str, Source]
SQUARE = CropStyle(size=(100, 100), square=True, margin=0.0, reason="made for a test")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def found(request: pytest.FixtureRequest) -> None:
    pytest.importorskip("dlib", reason="needs the extra align")
    pytest.importorskip("PIL")


def face(angle: float = 0.0, size: float = 1.0) -> np.ndarray:
    """68 points: a box of 80 x 60 about (100, 90) with level eyes, then turned by degrees and made larger."""
    points = np.zeros((68, 2))
    points[:, 0], points[:, 1] = 100, 90
    points[0], points[16], points[8], points[19] = (60, 90), (140, 90), (100, 120), (100, 60)
    points[36:42], points[42:48] = (80, 80), (120, 80)
    turn = np.deg2rad(angle)
    matrix = size * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return ((points + 0.5) @ matrix - 0.5).astype(np.float32)


@pytest.mark.parametrize("angle", [0.0, 20.0, -75.0])
@pytest.mark.parametrize("size", [1.0, 4.5])
def test_the_cut_levels_the_eyes_and_holds_the_face(angle: float, size: float) -> None:
    points = face(angle, size)
    inside = points_in_crop(points, face_cut(points, SQUARE))
    np.testing.assert_allclose(inside[[0, 16], 0], [-0.5, 99.5], atol=1e-3)  # the box is 80 wide and 60 high
    np.testing.assert_allclose(inside[[19, 8], 1], [12, 87], atol=1e-3)
    np.testing.assert_allclose(inside[36, 1], inside[42, 1], atol=1e-3)
    assert inside[36, 0] < inside[42, 0]


def test_margins_are_shares_of_the_box() -> None:
    style = CropStyle(size=(50, 100), square=False, margin=0.25, reason="made for a test")
    inside = points_in_crop(face(), face_cut(face(), style))
    np.testing.assert_allclose(inside[[0, 16], 0], [100 / 6 - 0.5, 100 * 5 / 6 - 0.5], atol=1e-3)
    np.testing.assert_allclose(inside[[19, 8], 1], [50 / 6 - 0.5, 50 * 5 / 6 - 0.5], atol=1e-3)


def test_a_cut_of_whole_pixels_is_a_plain_crop() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    np.testing.assert_array_equal(cut_out(frame, np.array([[1.0, 0, 7], [0, 1, 5]]), (20, 30)), frame[5:25, 7:37])


def test_beyond_the_frame_a_crop_is_black() -> None:
    frame = np.full((20, 20, 3), 200, np.uint8)
    crop = cut_out(frame, np.array([[1.0, 0, -5], [0, 1, 0]]), (20, 20))
    assert (crop[:, :5] == 0).all()
    assert (crop[:, 5:] == 200).all()


def test_a_crop_of_a_large_face_skips_no_pixels() -> None:
    frame = np.zeros((400, 400, 3), np.uint8)
    frame[:, ::2] = 200  # stripes of one pixel
    crop = cut_out(frame, np.array([[8.0, 0, 0], [0, 8, 0]]), (50, 50))
    np.testing.assert_allclose(crop.astype(float), 100, atol=2)


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize("angle", [0, 20])
def test_a_photograph_is_aligned(angle: int) -> None:
    from skimage.data import astronaut

    from merbench.inputs.alignment.landmark_detection import detect_landmarks

    photograph = np.asarray(Image.fromarray(astronaut()).rotate(angle, Image.Resampling.BILINEAR))
    points = detect_landmarks(photograph)
    style = STYLES["dlib-68"]
    crop = cut_out(photograph, face_cut(points, style), style.size)
    again = detect_landmarks(crop)
    eyes = again[42:48].mean(0) - again[36:42].mean(0)
    assert crop.shape == (224, 224, 3)
    assert abs(np.rad2deg(np.arctan2(eyes[1], eyes[0]))) < 2.5
    assert 80 < eyes[0] < 110
    np.testing.assert_allclose(again, points_in_crop(points, face_cut(points, style)), atol=9)


@pytest.fixture
def drawn() -> tuple[list[Clip], Sources]:
    """Four drawn subjects, a clip each."""
    dataset = Synthetic(Synthetic.Parameters().changed({"subjects": 4, "clips": 1}))
    clips = [clip_of("synthetic", row) for _, row in dataset.table(None).table.iterrows()]
    return clips, {"synthetic": Source(dataset=dataset)}


@pytest.mark.usefixtures("found")
def test_drawn_faces_are_found_near_their_planted_landmarks(drawn: tuple[list[Clip], Sources]) -> None:
    from merbench.inputs.alignment.landmark_detection import detect_landmarks

    clips, sources = drawn
    dataset = sources["synthetic"].dataset
    for clip in clips:
        [onset] = dataset.read(None, clip, [clip.onset])
        truth = dataset.landmarks(None, clip, clip.onset)
        assert truth is not None
        errors = np.linalg.norm(detect_landmarks(onset) - truth, axis=1)
        assert errors.mean() / np.linalg.norm(truth[45] - truth[36]) < 0.09  # of the outer eye corners' distance


@pytest.mark.usefixtures("found")
def test_all_frames_of_a_clip_are_cut_alike_and_landmarks_with_them(
    drawn: tuple[list[Clip], Sources], cache: Cache
) -> None:
    clips, sources = drawn
    aligned = align(clips, sources, Alignment(name="dlib-68"), cache=cache)
    assert aligned.failed == {}
    frames, failed = prepare(clips, aligned.sources, Frames(at=("onset", "apex"), size=(224, 224)), cache=cache)
    assert failed == {}
    [onset, apex] = sources["synthetic"].dataset.read(None, clips[1], [clips[1].onset, clips[1].apex or 0])
    cut = aligned.sources["synthetic"].cuts[clips[1].key]  # type: ignore[attr-defined]
    for moment, frame in enumerate((onset, apex)):
        np.testing.assert_array_equal(frames.images[1, moment, 0], cut_out(frame, cut, (224, 224)).transpose(2, 0, 1))
    points, _ = prepare_array(clips, aligned.sources, Landmarks(size=(224, 224)), cache=cache)
    truth = sources["synthetic"].dataset.landmarks(None, clips[1], clips[1].onset)
    assert truth is not None
    np.testing.assert_allclose(points.values[1, 0], points_in_crop(truth, cut), atol=1e-3)


@pytest.mark.usefixtures("found")
def test_aligned_and_distributed_frames_are_entries_of_their_own(
    drawn: tuple[list[Clip], Sources], cache: Cache
) -> None:
    clips, sources = drawn
    declared = Frames(at=("apex",), size=(32, 32))
    plain, _ = prepare(clips, sources, declared, cache=cache)
    found = {}
    for style in STYLES:
        aligned = align(clips, sources, Alignment(name=style), cache=cache)
        found[style] = prepare(clips, aligned.sources, declared, cache=cache)[0].images
    assert len(cache.entries()) == 5
    assert (found["dlib-68"] != plain.images).any()
    assert (found["dlib-68"] != found["dlib-68-ststnet"]).any()


@pytest.mark.usefixtures("found")
def test_clips_without_a_face_fail_or_stay_as_distributed_if_asked(
    clips: list[Clip], sources: Sources, cache: Cache
) -> None:
    aligned = align(clips, sources, Alignment(name="dlib-68"), cache=cache)  # noise of 6 x 8 pixels
    assert len(aligned.failed) == 3
    assert aligned.failed["spied/01/a/0"] == (
        "spied/01/a/0, frame 0, cannot be aligned: no face is detected in the frame of 8 x 6 pixels. "
        "Take such clips as distributed with --alignment-fallback."
    )
    asked = align(clips, sources, Alignment(name="dlib-68", fallback=True), cache=cache)
    assert asked.failed == {}
    [note] = asked.notes
    assert note == (
        "alignment dlib-68: 3 of 3 clips stay as distributed, no face was detected (--alignment-fallback): "
        "spied/01/a/0, spied/01/b/0, spied/01/c/0"
    )
    declared = Frames(at=("apex",), size=(6, 8))
    one, _ = prepare(clips, sources, declared, cache=cache)
    two, _ = prepare(clips, asked.sources, declared, cache=cache)
    np.testing.assert_array_equal(one.images, two.images)


def test_as_distributed_touches_nothing(clips: list[Clip], sources: Sources, cache: Cache) -> None:
    aligned = align(clips, sources, Alignment(), cache=cache)
    assert aligned.sources is sources
    assert str(Alignment()) == "as distributed"


@pytest.mark.usefixtures("found")
def test_an_alignment_says_all_that_defines_it() -> None:
    assert str(Alignment(name="dlib-68")) == "dlib-68, revision 1"
    assert str(Alignment(name="dlib-68", fallback=True)) == "dlib-68, revision 1, failures as distributed"


def test_unknown_alignments_and_idle_fallbacks_are_refused() -> None:
    with pytest.raises(UsageError, match=r"alignment=mtcnn is not possible: .* dlib-68"):
        Alignment(name="mtcnn")
    with pytest.raises(UsageError, match="--alignment-fallback is for alignments that can fail"):
        Alignment(fallback=True)


def test_without_the_extra_an_alignment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merbench.inputs.alignment.landmark_detection.importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"needs dlib and face_recognition_models.*merbench\[align\]"):
        Alignment(name="dlib-68")
