"""From files to one array: what is read, how often, and what is said of clips that fail."""

import errno
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from merbench._files.images import resize
from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.datasets.synthetic import Synthetic
from merbench.errors import MerbenchError, StoreError
from merbench.inputs import Frames, Window
from merbench.inputs.cache import Cache, address, cache_root
from merbench.inputs.prepare_frames import prepare
from merbench.inputs.prepared import PreparedFrames

SIZE = (4, 5)
#: Clip c: onset 0 and up to a quarter of 20 frames after it, apex 20 and half a quarter before it.
DECLARED = Frames(at=("onset", "apex"), size=SIZE, windows=(Window(after=1.0), Window(before=0.5)))
NEEDED = {"c": [0, 1, 2, 3, 4, 5, 18, 19, 20], "a": [0, 1, 2, 7, 8], "b": [0, 1, 2, 3, 11, 12]}
Picture = Callable[[str, int], np.ndarray]
Sources = Mapping[str, Source]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def entries(cache: Cache) -> list[str]:
    return sorted(path.name for path in cache.root.iterdir()) if cache.root.is_dir() else []


def reads(sources: Sources) -> dict[str, list[int]]:
    found: dict[str, list[int]] = sources["spied"].dataset.reads  # type: ignore[attr-defined]
    return found


def forget(sources: Sources) -> None:
    reads(sources).clear()


def touch(path: Path) -> None:
    facts = path.stat()
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000))


def prepared(clips: list[Clip], sources: Sources, cache: Cache, declared: Frames = DECLARED) -> PreparedFrames:
    found, failed = prepare(clips, sources, declared, cache=cache)
    assert failed == {}
    return found


def test_only_the_needed_frames_are_read_and_each_once(clips: list[Clip], sources: Sources, cache: Cache) -> None:
    prepared(clips, sources, cache)
    assert reads(sources) == NEEDED


def test_the_array_holds_the_frames_in_the_order_of_clips_and_time(
    clips: list[Clip], sources: Sources, cache: Cache, on_disk: Picture
) -> None:
    found = prepared(clips, sources, cache)
    assert found.images.shape == (3, 2, 6, 3, *SIZE)
    assert found.images.dtype == np.uint8
    assert found.counts.tolist() == [[6, 3], [3, 2], [4, 2]]
    assert found.annotated.tolist() == [[0, 2], [0, 1], [0, 1]]
    for place, clip in enumerate(clips):
        windows = [[n for n in NEEDED[clip.name] if n <= 5], [n for n in NEEDED[clip.name] if n > 5]]
        for moment, numbers in enumerate(windows):
            assert len(numbers) == found.counts[place, moment]
            for window, number in enumerate(numbers):
                expected = resize(on_disk(clip.name, number), SIZE).transpose(2, 0, 1)
                np.testing.assert_array_equal(found.images[place, moment, window], expected)


def test_annotated_places_hold_the_annotated_frames(
    clips: list[Clip], sources: Sources, cache: Cache, on_disk: Picture
) -> None:
    found = prepared(clips, sources, cache)
    for place, clip in enumerate(clips):
        assert clip.apex is not None
        expected = resize(on_disk(clip.name, clip.apex), SIZE).transpose(2, 0, 1)
        np.testing.assert_array_equal(found.images[place, 1, found.annotated[place, 1]], expected)


def test_another_order_of_clips_gives_another_order_of_rows(clips: list[Clip], sources: Sources, cache: Cache) -> None:
    one, two = prepared(clips, sources, cache), prepared(clips[::-1], sources, cache)
    np.testing.assert_array_equal(one.images, two.images[::-1])
    np.testing.assert_array_equal(one.counts, two.counts[::-1])


def test_what_is_cached_is_not_read_again(clips: list[Clip], sources: Sources, cache: Cache) -> None:
    one = prepared(clips, sources, cache)
    forget(sources)
    two = prepared(clips, sources, Cache(cache.root.parent))
    assert reads(sources) == {}
    assert one.images.tobytes() == two.images.tobytes()
    assert len(entries(cache)) == 1


def test_writing_to_the_array_leaves_the_cache_as_it_was(clips: list[Clip], sources: Sources, cache: Cache) -> None:
    before = prepared(clips, sources, cache).images.tobytes()
    prepared(clips, sources, cache).images[:] = 0
    assert prepared(clips, sources, cache).images.tobytes() == before


def test_a_frame_that_changed_is_read_anew(clips: list[Clip], sources: Sources, cache: Cache, source: Source) -> None:
    prepared(clips, sources, cache)
    forget(sources)
    assert source.root is not None
    path = source.root / "a" / "8.png"
    Image.new("RGB", (8, 6), "white").save(path)
    touch(path)
    assert (prepared(clips, sources, cache).images[1, 1, 1] == 255).all()
    assert "a" in reads(sources)


def test_the_content_of_a_frame_counts_and_not_its_time(
    clips: list[Clip], sources: Sources, cache: Cache, source: Source
) -> None:
    prepared(clips, sources, cache)
    forget(sources)
    assert source.root is not None
    path = source.root / "a" / "8.png"
    touch(path)
    prepared(clips, sources, cache)
    assert reads(sources) == {}
    facts, held = path.stat(), path.read_bytes()
    Image.new("RGB", (8, 6), "white").save(path)
    path.write_bytes(path.read_bytes().ljust(len(held), b"\0"))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    prepared(clips, sources, cache)
    assert "a" in reads(sources)


def test_frames_that_are_not_needed_may_change(
    clips: list[Clip], sources: Sources, cache: Cache, source: Source
) -> None:
    prepared(clips, sources, cache)
    forget(sources)
    assert source.root is not None
    (source.root / "a" / "25.png").unlink()
    touch(source.root / "a" / "26.png")
    prepared(clips, sources, cache)
    assert reads(sources) == {}


@pytest.mark.parametrize(
    "declared",
    [
        Frames(at=("onset", "apex"), size=(5, 4), windows=DECLARED.windows),
        Frames(at=("apex", "onset"), size=SIZE),
        Frames(at=("onset", "apex"), size=SIZE),
    ],
)
def test_another_declaration_is_another_entry(
    clips: list[Clip], sources: Sources, cache: Cache, declared: Frames
) -> None:
    prepared(clips, sources, cache)
    prepared(clips, sources, cache, declared)
    assert len(entries(cache)) == 2


def test_clips_that_fail_are_named_and_the_others_keep_their_order(
    clips: list[Clip], sources: Sources, cache: Cache, source: Source, on_disk: Picture
) -> None:
    assert source.root is not None
    (source.root / "a" / "8.png").unlink()
    for turn in range(2):  # the second time from the cache
        found, failed = prepare(clips, sources, DECLARED, cache=cache)
        assert failed == {"spied/01/a/0": f"spied/01/a/0: no file for frame 8 in {source.root / 'a'}."}, turn
        assert found.images.shape == (2, 2, 6, 3, *SIZE)
        expected = [resize(on_disk(name, 0), SIZE).transpose(2, 0, 1) for name in "cb"]
        np.testing.assert_array_equal(found.images[:, 0, 0], expected)
        assert found.counts.tolist() == [[6, 3], [4, 2]]
        assert found.annotated.shape == (2, 2)


def test_a_frame_that_cannot_be_decoded_fails_its_clip(
    clips: list[Clip], sources: Sources, cache: Cache, source: Source
) -> None:
    assert source.root is not None
    path = source.root / "b" / "12.png"
    path.write_bytes(path.read_bytes()[:60])
    _, failed = prepare(clips, sources, DECLARED, cache=cache)
    assert list(failed) == ["spied/01/b/0"]
    assert f"{path} cannot be decoded" in failed["spied/01/b/0"]


def test_a_frame_that_is_mended_is_read_anew(
    clips: list[Clip], sources: Sources, cache: Cache, source: Source, on_disk: Picture
) -> None:
    assert source.root is not None
    path = source.root / "b" / "12.png"
    path.unlink()
    assert list(prepare(clips, sources, DECLARED, cache=cache)[1]) == ["spied/01/b/0"]
    Image.fromarray(on_disk("b", 12)).save(path)
    assert len(prepared(clips, sources, cache).images) == 3


def test_clips_that_all_fail_leave_an_empty_array(
    clips: list[Clip], sources: Sources, cache: Cache, source: Source
) -> None:
    assert source.root is not None
    for clip in clips:
        shutil.rmtree(source.root / clip.name)
    found, failed = prepare(clips, sources, DECLARED, cache=cache)
    assert len(failed) == 3
    assert (len(found.images), found.counts.shape, found.annotated.shape) == (0, (0, 2), (0, 2))


def test_progress_counts_every_clip(clips: list[Clip], sources: Sources, cache: Cache) -> None:
    progress: list[tuple[int, int]] = []
    prepare(clips, sources, DECLARED, lambda done, total: progress.append((done, total)), cache)
    assert progress == [(1, 3), (2, 3), (3, 3)]


def test_trouble_in_reading_is_not_blamed_on_the_cache(clips: list[Clip], sources: Sources, cache: Cache) -> None:
    sources["spied"].dataset.fault = OSError(errno.EIO, "Input/output error")  # type: ignore[attr-defined]
    try:
        _, failed = prepare(clips, sources, DECLARED, cache=cache)
    except (MerbenchError, OSError) as fault:
        sentences = [str(fault)]  # refused as a whole
    else:
        sentences = list(failed.values())  # or clip by clip
    for sentence in sentences:
        assert "Input/output error" in sentence
        assert "cannot be written" not in sentence


@pytest.mark.parametrize("step", ["write", "fsync", "rename"])
def test_a_full_disk_is_refused_and_leaves_nothing(
    clips: list[Clip], sources: Sources, cache: Cache, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if step == "write":
        monkeypatch.setattr(Path, "write_text", fail)
    elif step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(StoreError) as refused:
        prepare(clips, sources, DECLARED, cache=cache)
    assert str(refused.value) == (
        f"The input cache {cache.root} cannot be written: the disk is full. "
        "Free space, or point the environment variable MERBENCH_CACHE to another folder."
    )
    monkeypatch.undo()
    assert entries(cache) == []
    assert len(prepared(clips, sources, cache).images) == 3


def test_a_cache_that_cannot_be_made_is_refused(clips: list[Clip], sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be written: .*Not a directory"):
        prepare(clips, sources, DECLARED, cache=Cache(tmp_path / "file"))


def test_an_interruption_leaves_no_entry(clips: list[Clip], sources: Sources, cache: Cache) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(clips, sources, DECLARED, interrupt, cache)
    assert entries(cache) == []


@pytest.mark.parametrize("name", ["images.npy", "entry.json"])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_damaged_entry_is_made_anew(
    clips: list[Clip], sources: Sources, cache: Cache, name: str, share: float
) -> None:
    before = prepared(clips, sources, cache).images.tobytes()
    path = cache.root / entries(cache)[0] / name
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert prepared(clips, sources, cache).images.tobytes() == before


def test_writers_at_the_same_time_end_with_one_good_entry(cache: Cache) -> None:
    array = np.arange(2 * 3, dtype=np.uint8).reshape(2, 3)
    ready = threading.Barrier(4)
    faults: list[Exception] = []

    def rows() -> Iterator[np.ndarray]:
        yield array[0]
        ready.wait(10)  # all are half way now
        yield array[1]

    def write() -> None:
        try:
            cache.write("name", array.shape, rows(), {"failed": {}})
        except Exception as fault:  # noqa: BLE001
            faults.append(fault)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    assert entries(cache) == ["name"]
    kept = cache.read("name")
    assert kept is not None
    np.testing.assert_array_equal(kept[0], array)


WRITER = """
import sys
from pathlib import Path
import numpy as np
from merbench.inputs.cache import Cache

value = int(sys.argv[2])
for turn in range(20):
    rows = [np.full(1000, value, np.uint8)] * 10
    Cache(Path(sys.argv[1])).write(f"name{turn}", (10, 1000), rows, {"value": value})
"""


def test_processes_that_write_the_same_entries_end_with_good_ones(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(value)]) for value in (1, 2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    for turn in range(20):
        kept = Cache(tmp_path).read(f"name{turn}")
        assert kept is not None
        images, facts = kept
        assert (images == facts["value"]).all()
    assert len(entries(Cache(tmp_path))) == 20


def test_an_entry_that_is_not_there_is_none(cache: Cache) -> None:
    assert cache.read("name") is None


def test_an_address_does_not_depend_on_the_order_of_keys() -> None:
    assert address({"a": 1, "b": (1, 2)}) == address({"b": [1, 2], "a": 1})
    assert address({"a": 1}) != address({"a": 2})
    assert len(address({})) == 40


def test_the_cache_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MERBENCH_CACHE", str(tmp_path / "mine"))
    assert cache_root() == tmp_path / "mine"
    monkeypatch.setenv("MERBENCH_CACHE", "")
    assert cache_root().name == "merbench"


def test_drawn_frames_are_prepared_alike(cache: Cache) -> None:
    dataset = Synthetic(Synthetic.Parameters().changed({"subjects": 1, "clips": 1}))
    row = dataset.table(None).table.iloc[0]
    clip = Clip(
        dataset="synthetic",
        subject=row["subject"],
        name=row["clip"],
        onset=int(row["onset"]),
        apex=int(row["apex"]),
        offset=int(row["offset"]),
    )
    found = prepared([clip], {"synthetic": Source(dataset=dataset)}, cache, Frames(at=("apex",), size=(16, 16)))
    [frame] = dataset.read(None, clip, [int(row["apex"])])
    np.testing.assert_array_equal(found.images[0, 0, 0], resize(frame, (16, 16)).transpose(2, 0, 1))
