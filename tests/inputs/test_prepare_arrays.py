"""Computed inputs from files: what is read, what is kept, and what is said of clips that fail."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from merbench._files.images import grey_at, resize
from merbench.annotations.clips import Clip
from merbench.data.flow_files import read_flow
from merbench.data.source import Source
from merbench.errors import EntryError, FrameError
from merbench.inputs import (
    ArrayInput,
    DynamicImage,
    Flow,
    FlowSequence,
    Frames,
    Inputs,
    Landmarks,
    Magnified,
    Sequence,
)
from merbench.inputs.cache import Cache
from merbench.inputs.dynamic_image import rank_pooling_weights
from merbench.inputs.frame_selection import spread
from merbench.inputs.magnified import BLUR
from merbench.inputs.optical_flow import optical_flow, resize_field
from merbench.inputs.prepare import prepare_inputs
from merbench.inputs.prepare_arrays import prepare_array
from merbench.inputs.prepare_frames import prepare

Picture = Callable[[str, int], np.ndarray]
Sources = Mapping[str, Source]
FLOW = Flow(size=(4, 5), computed=(16, 16), algorithm="farneback")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def ready(source: Source, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """The function that makes a file the ready-made flow of a clip."""
    files: dict[str, Path] = {}

    def precomputed(root: Path | None, clip: Clip, name: str) -> Path | None:
        assert name == "flow"
        return files.get(clip.name)

    def use(clip: str, name: str) -> Path:
        assert source.root is not None
        files[clip] = source.root / name
        return files[clip]

    monkeypatch.setattr(source.dataset, "precomputed", precomputed)
    return use


def values(clips: list[Clip], sources: Sources, cache: Cache, declared: ArrayInput) -> np.ndarray:
    found, failed = prepare_array(clips, sources, declared, cache=cache)
    assert failed == {}
    assert found.values.shape == (len(clips), *declared.shape)
    assert found.values.dtype == declared.dtype
    return found.values


def reads(sources: Sources) -> dict[str, list[int]]:
    found: dict[str, list[int]] = sources["spied"].dataset.reads  # type: ignore[attr-defined]
    return found


def test_flow_reads_two_frames_a_clip_and_is_computed_at_its_own_size(
    clips: list[Clip], sources: Sources, cache: Cache, on_disk: Picture
) -> None:
    found = values(clips, sources, cache, FLOW)
    assert reads(sources) == {"c": [0, 20], "a": [0, 8], "b": [0, 12]}
    onset, apex = (grey_at(on_disk("a", number), (16, 16)) for number in (0, 8))
    np.testing.assert_array_equal(found[1], resize_field(optical_flow(onset, apex, "farneback"), (4, 5)))
    assert np.abs(found).max() > 0


def test_what_is_kept_is_not_computed_again(clips: list[Clip], sources: Sources, cache: Cache) -> None:
    first = values(clips, sources, cache, FLOW)
    reads(sources).clear()
    again = values(clips, sources, Cache(cache.root.parent), FLOW)
    assert reads(sources) == {}
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize(
    "other",
    [
        Flow(size=(4, 5), computed=(16, 17), algorithm="farneback"),
        Flow(size=(4, 5), computed=(16, 16), algorithm="dis"),
        Flow(size=(4, 5), computed=(16, 16), algorithm="farneback", strain=True),
        Flow(size=(4, 5), computed=(16, 16), algorithm="farneback", rescale=True),
        Flow(size=(4, 5), computed=(16, 16), algorithm="farneback", end="offset"),
    ],
)
def test_another_declaration_is_another_entry(clips: list[Clip], sources: Sources, cache: Cache, other: Flow) -> None:
    values(clips, sources, cache, FLOW)
    values(clips, sources, cache, other)
    assert len(cache.entries()) == 2


def test_a_frame_that_changed_is_computed_anew(
    clips: list[Clip], sources: Sources, cache: Cache, source: Source
) -> None:
    before = values(clips, sources, cache, FLOW).copy()
    assert source.root is not None
    path = source.root / "a" / "8.png"
    Image.new("RGB", (8, 6), "white").save(path)
    os.utime(path, ns=(1, 1))
    after = values(clips, sources, cache, FLOW)
    assert (before[1] != after[1]).any()
    np.testing.assert_array_equal(before[[0, 2]], after[[0, 2]])


def test_clips_that_fail_are_named_and_leave_every_input(
    clips: list[Clip], sources: Sources, cache: Cache, source: Source, on_disk: Picture
) -> None:
    assert source.root is not None
    (source.root / "a" / "8.png").unlink()  # the apex: flow alone needs it
    (source.root / "c" / "29.png").unlink()  # the offset: frames alone need it
    declared = Inputs(frames=Frames(at=("onset", "offset"), size=(6, 8)), arrays=(FLOW,))
    for turn in range(2):  # the second time from the cache
        found, failed = prepare_inputs(clips, sources, declared, cache=cache)
        assert failed == {
            "spied/01/a/0": f"spied/01/a/0: no file for frame 8 in {source.root / 'a'}.",
            "spied/01/c/0": f"spied/01/c/0: no file for frame 29 in {source.root / 'c'}.",
        }, turn
        assert found.count == 1
        assert found.frames is not None
        np.testing.assert_array_equal(found.frames.images[0, 0, 0], on_disk("b", 0).transpose(2, 0, 1))
        assert found.frames.counts.shape == (1, 2)
        onset, apex = (grey_at(on_disk("b", number), (16, 16)) for number in (0, 12))
        expected = resize_field(optical_flow(onset, apex, "farneback"), (4, 5))
        np.testing.assert_array_equal(found.arrays[0].values, expected[None])


def test_clips_that_all_fail_leave_empty_arrays(
    clips: list[Clip], sources: Sources, cache: Cache, source: Source
) -> None:
    assert source.root is not None
    for clip in clips:
        shutil.rmtree(source.root / clip.name)
    found, failed = prepare_inputs(clips, sources, Inputs(arrays=(FLOW,)), cache=cache)
    assert (len(failed), found.count, found.arrays[0].values.shape) == (3, 0, (0, 2, 4, 5))


def test_progress_counts_every_clip(clips: list[Clip], sources: Sources, cache: Cache) -> None:
    progress: list[tuple[int, int]] = []
    prepare_array(clips, sources, FLOW, lambda done, total: progress.append((done, total)), cache)
    assert progress == [(1, 3), (2, 3), (3, 3)]


def test_an_array_of_another_shape_than_declared_is_refused_by_clip(
    clips: list[Clip], sources: Sources, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Flow, "array", lambda self, files: np.zeros((1, 2), np.float32))
    _, failed = prepare_array(clips, sources, FLOW, cache=cache)
    assert failed["spied/01/a/0"] == (
        "spied/01/a/0: flow gave float32 of shape (1, 2), declared were float32 of shape (2, 4, 5)."
    )


def test_a_ready_made_flow_is_taken_as_it_stands(
    clips: list[Clip], sources: Sources, cache: Cache, ready: Callable[[str, str], Path]
) -> None:
    field = np.arange(2 * 6 * 8, dtype=np.float32).reshape(2, 6, 8)
    np.save(ready("a", "a.npy"), field)
    found, failed = prepare_inputs(clips, sources, Inputs(arrays=(Flow(size=(6, 8), computed=(16, 16)),)), cache=cache)
    assert failed == {}
    np.testing.assert_array_equal(found.arrays[0].values[1], field)
    assert sorted(reads(sources)) == ["b", "c"]
    [note] = found.notes
    assert note.startswith("flow: taken as it came with the data for 1 of 3 clips, not computed; ")
    assert note.endswith("; resized to 6 x 8 where it has another size")


def test_a_ready_made_flow_that_changed_is_read_anew(
    clips: list[Clip], sources: Sources, cache: Cache, ready: Callable[[str, str], Path]
) -> None:
    path = ready("a", "a.npy")
    np.save(path, np.zeros((2, 16, 16), np.float32))
    values(clips, sources, cache, FLOW)
    np.save(path, np.ones((2, 16, 16), np.float32))
    os.utime(path, ns=(1, 1))
    np.testing.assert_array_equal(values(clips, sources, cache, FLOW)[1], 1)


def test_a_picture_of_flow_has_no_motion_at_128(tmp_path: Path) -> None:
    levels = np.array([[[128, 1, 0], [255, 128, 255]]], dtype=np.uint8)
    Image.fromarray(levels).save(tmp_path / "flow.png")
    np.testing.assert_allclose(read_flow(tmp_path / "flow.png"), [[[0, 1]], [[-1, 0]], [[0, 1]]])


def test_channels_of_a_flow_file_may_come_last(tmp_path: Path) -> None:
    field = np.arange(5 * 6 * 3, dtype=np.float64).reshape(5, 6, 3)
    np.save(tmp_path / "flow.npy", field)
    found = read_flow(tmp_path / "flow.npy")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, field.transpose(2, 0, 1))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (np.zeros((4, 5, 6)), r"of shape \(2 or 3, height, width\).*it is float64 of shape \(4, 5, 6\)"),
        (np.zeros((5, 6)), r"shape \(5, 6\)"),
        (np.zeros((2, 0, 6)), r"shape \(2, 0, 6\)"),
        (np.array([["a"]]), "of shape"),
        (np.full((2, 5, 6), np.nan), "not finite"),
        (None, "cannot be read"),
    ],
)
def test_a_flow_file_that_holds_none_is_refused(tmp_path: Path, content: np.ndarray | None, said: str) -> None:
    path = tmp_path / "flow.npy"
    path.write_bytes(b"no array") if content is None else np.save(path, content)
    with pytest.raises(FrameError, match=said) as refused:
        read_flow(path)
    assert str(path) in str(refused.value)


def test_a_bad_flow_file_fails_its_clip(
    clips: list[Clip], sources: Sources, cache: Cache, ready: Callable[[str, str], Path]
) -> None:
    ready("b", "absent.npy")
    _, failed = prepare_array(clips, sources, FLOW, cache=cache)
    assert list(failed) == ["spied/01/b/0"]
    assert "absent.npy: the flow cannot be read" in failed["spied/01/b/0"]


def test_numbers_are_spread_to_the_nearest() -> None:
    assert spread(0, 10, 5) == (0, 3, 5, 8, 10)
    assert spread(7, 9, 5) == (7, 8, 8, 9, 9)
    assert spread(4, 9, 1) == (4,)
    assert spread(4, 4, 3) == (4, 4, 4)


def test_a_uniform_sequence_is_of_annotated_frames(
    clips: list[Clip], sources: Sources, cache: Cache, on_disk: Picture
) -> None:
    found = values(clips, sources, cache, Sequence(frames=4, size=(4, 5)))
    assert found.dtype == np.uint8
    assert reads(sources)["a"] == [0, 10, 19, 29]
    for place, number in enumerate((0, 10, 19, 29)):
        np.testing.assert_array_equal(found[1, place], resize(on_disk("a", number), (4, 5)).transpose(2, 0, 1))


def test_a_grey_sequence_has_one_channel(clips: list[Clip], sources: Sources, cache: Cache, on_disk: Picture) -> None:
    found = values(clips, sources, cache, Sequence(frames=2, size=(4, 5), grey=True))
    np.testing.assert_array_equal(found[1, 1, 0], grey_at(on_disk("a", 29), (4, 5)))


def test_an_interpolated_sequence_of_the_same_length_is_the_sequence(
    clips: list[Clip], sources: Sources, cache: Cache, on_disk: Picture
) -> None:
    found = values(clips, sources, cache, Sequence(frames=30, size=(6, 8), how="tim"))
    assert found.dtype == np.float32
    expected = np.stack([on_disk("a", number) for number in range(30)]).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(found[1], expected, atol=1e-3)


def test_flow_of_a_sequence_starts_at_the_onset(
    clips: list[Clip], sources: Sources, cache: Cache, on_disk: Picture
) -> None:
    declared = FlowSequence(frames=3, size=(16, 16), end="apex", strain=True)
    found = values(clips, sources, cache, declared)
    assert declared.numbers(clips[1]) == (0, 3, 5, 8)
    onset, last = (grey_at(on_disk("a", number), (16, 16)) for number in (0, 8))
    np.testing.assert_array_equal(found[1, 2, :2], optical_flow(onset, last, "farneback"))


def test_rank_pooling_weights_are_as_worked_by_hand() -> None:
    # T = 3: H = 0, 1, 3/2, 11/6; 2 * 3 - 4 * 11/6, 2 * 2 - 4 * 5/6, 2 - 4 / 3
    np.testing.assert_allclose(rank_pooling_weights(3), [-4 / 3, 2 / 3, 2 / 3])
    np.testing.assert_allclose(rank_pooling_weights(1), [0], atol=1e-12)
    np.testing.assert_allclose(rank_pooling_weights(40).sum(), 0, atol=1e-9)


def test_a_dynamic_image_fills_the_grey_levels(
    clips: list[Clip], sources: Sources, cache: Cache, on_disk: Picture
) -> None:
    found = values(clips, sources, cache, DynamicImage(size=(6, 8)))[1]
    frames = np.stack([on_disk("a", number) for number in range(30)]).astype(float).transpose(0, 3, 1, 2)
    pooled = np.einsum("t,tchw->chw", rank_pooling_weights(30), frames)
    np.testing.assert_allclose(found, (pooled - pooled.min()) / np.ptp(pooled) * 255, atol=1e-3)


def test_a_clip_of_one_frame_has_a_flat_dynamic_image(sources: Sources, cache: Cache) -> None:
    clip = Clip(dataset="spied", subject="01", name="a", onset=3, apex=3, offset=3)
    assert (values([clip], sources, cache, DynamicImage(size=(6, 8))) == 127.5).all()


def test_magnification_adds_the_blurred_change(
    clips: list[Clip], sources: Sources, cache: Cache, on_disk: Picture
) -> None:
    from scipy.ndimage import gaussian_filter

    found = values(clips, sources, cache, Magnified(size=(6, 8), factor=4))[1]
    onset, apex = (on_disk("a", number).astype(float).transpose(2, 0, 1) for number in (0, 8))
    change = gaussian_filter(apex - onset, (0, 6 * BLUR, 6 * BLUR))
    np.testing.assert_allclose(found, np.clip(onset + 5 * change, 0, 255), atol=0.01)


def test_landmarks_are_the_datasets_scaled_to_the_size(
    clips: list[Clip], sources: Sources, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = np.stack([np.linspace(0, 7, 68), np.linspace(0, 5, 68)], 1).astype(np.float32)
    monkeypatch.setattr(sources["spied"].dataset, "landmarks", lambda root, clip, number: points + number)
    found = values(clips, sources, cache, Landmarks(at=("onset", "apex"), size=(12, 24)))  # frames are 6 x 8
    np.testing.assert_allclose(found[1, 0], (points + 0.5) * [3, 2] - 0.5, atol=1e-5)
    np.testing.assert_allclose(found[1, 1], (points + 8.5) * [3, 2] - 0.5, atol=1e-5)


def test_grey_frames_have_one_channel(clips: list[Clip], sources: Sources, cache: Cache, on_disk: Picture) -> None:
    found, _ = prepare(clips, sources, Frames(at=("apex",), size=(4, 5), grey=True), cache=cache)
    assert found.images.shape == (3, 1, 1, 1, 4, 5)
    np.testing.assert_array_equal(found.images[1, 0, 0, 0], grey_at(on_disk("a", 8), (4, 5)))


def test_declarations_of_frames_alone_read_as_they_always_did() -> None:
    assert Inputs(frames=Frames(at=("apex",), size=(4, 5))).as_dict() == {
        "frames": {
            "at": ("apex",),
            "size": (4, 5),
            "windows": (),
            "mean": (0.485, 0.456, 0.406),
            "std": (0.229, 0.224, 0.225),
        }
    }
    assert Inputs().as_dict() == {"frames": None}


def test_declarations_name_kind_and_revision() -> None:
    found = Inputs(arrays=(FLOW,)).as_dict()["arrays"]
    assert isinstance(found, list)
    assert found[0]["input"] == "flow"
    assert found[0]["revision"] == Flow.revision
    assert found[0]["computed"] == (16, 16)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Flow(size=(28, 28), start="apex"),
        lambda: Flow(size=(28, 28), algorithm="tv-l1"),  # type: ignore[arg-type]
        lambda: Flow(size=(8, 8)),
        lambda: Flow(size=(0, 8), computed=(64, 64)),
        lambda: FlowSequence(frames=0, size=(28, 28)),
        lambda: Sequence(frames=3, size=(4, 4), start="apex", end="onset"),
        lambda: Sequence(frames=3, size=(4, 4), how="linear"),  # type: ignore[arg-type]
        lambda: DynamicImage(size=(0, 4)),
        lambda: Magnified(size=(4, 4), factor=-1),
        lambda: Landmarks(at=(), size=(4, 4)),
        lambda: Inputs(arrays=("flow",)),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_declared_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(EntryError):
        wrong()
